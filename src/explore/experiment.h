/* SPDX-License-Identifier: BSD-2-Clause */
/* A program as an experiment in C, ready to be pasted: the verbs, and what the model expects. */
#pragma once

#include "explore/program.h"
#include "explore/tale.h"

/* Prints it, each line behind "# ". */
void experiment_print(const struct program *program, const struct tale *expected);
