/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A place is an exact instruction pointer by its meaning: at(HLT), after(IRET), the first
 * instruction of a handler. Experiments and the model speak of places; steps.c turns addresses
 * into places.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* HOST is VMX root mode or SVM host mode; also a machine with neither. */
enum party { HOST, GUEST };

#define STEP(name, shape, ...) name,
enum step {
#include "nmi/steps.def"
	STEPS,
	STEPS_END = STEPS /* ends a list of steps */
};
#undef STEP

enum place_kind {
	PLACE_UNKNOWN = 0,
	PLACE_ANYWHERE = 0x100, /* as an expectation: it does not matter */
	PLACE_FIRST = 0x200,    /* | step: where the step's set-up begins */
	PLACE_BEFORE = 0x300,   /* | step: in its set-up */
	PLACE_AT = 0x400,       /* | step: the instruction has not been executed */
	PLACE_AFTER = 0x500,    /* | step: it has */
	PLACE_HANDLER = 0x600,  /* | vector: first instruction of its handler */
	PLACE_EXIT = 0x700,     /* first instruction of the host's VM-exit handler */
	PLACE_FRED = 0x800,     /* | ring that was interrupted: the entry point of FRED */
	PLACE_KIND = 0xf00,
	PLACE_DETAIL = 0x0ff,
};

#define STEPS_MAX 16 /* in one chain */

/* With the number of a HLT's NMIs: one right after the other, not with patience in between. */
#define AT_ONCE          0x400000U

#define first(step)      (PLACE_FIRST | (step))
#define at(step)         (PLACE_AT | (step))
#define after(step)      (PLACE_AFTER | (step))
#define handler(vector)  (PLACE_HANDLER | (vector))
#define fred_entry(ring) (PLACE_FRED | (ring))

/* Write "after HLT", "handler 21h" to the buffer; returns it. */
const char *place_text(char *buffer, size_t size, unsigned place);

const char *step_name(enum step step);

/* A step that is its instruction and nothing else: its first() is its at(). */
bool step_is_plain(enum step step);
