/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the experiment that runs has done and seen so far, in a few words: printed when it fails.
 * Each addition is also a breadcrumb on the debug port, before the thing is done, so that a host
 * script can tell where a machine died; and a line of its own when verbose.
 */
#pragma once

#include <stdbool.h>

#include "nmi/places.h"

enum { STORY_MAX = 900 };

extern bool story_verbose;
extern volatile unsigned story_beat; /* counts every addition: the watchdog's heartbeat */

/* A heartbeat without an addition: one of many cases is done. */
static inline void story_alive(void)
{
	story_beat++;
}

void story_begin(unsigned number, const char *name);

/* Only a breadcrumb, for who waits: the pass that the next experiment is in, from 1 on, of so many
 * (0: nobody knows), and how often one has failed. */
void story_pass(unsigned pass, unsigned passes, unsigned cpu, unsigned failures);

/* What finds no room is left out, and "..." says so. */
__attribute__((format(printf, 1, 2))) void story_add(const char *format, ...);

/* "host(HLT(NMI, NMI), IRET)": what an acting verb is about to do. */
void story_add_steps(const char *verb, const enum step *steps);
const char *story_text(void);
