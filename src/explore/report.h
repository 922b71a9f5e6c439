/* SPDX-License-Identifier: BSD-2-Clause */
/* What the explorer found, as KTAP: one test, and comment lines on each group of differences. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "explore/explore.h"
#include "explore/groups.h"

/* The verdict line, the counts, the groups; us: how long it took. True: nothing differed. */
bool report_all(const struct explore *explore, uint32_t us);

/* One line about how far it has come. */
void report_progress(uint32_t us);

/* A group's lines. */
void report_group(unsigned i);

/* A program's tale, an item a line. */
void report_tale(const char *who, const struct tale *tale);

/* Decisions of the model that no program has reached. */
void report_unreached(void);
