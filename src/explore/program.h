/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program: a short sequence of operations, those of the verbs (nmi/verbs.h), as data. The same
 * program runs on the machine under test and on the model: see execute.h. text.h has its one line.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "nmi/places.h"
#include "virt.h"

enum operation_kind {
	DO_HOST,   /* steps in the host */
	DO_ENTER,  /* enter the guest: steps, then the hypercall */
	DO_RESUME, /* enter it where the last exit left it */
	DO_SET,    /* value: the guest's settings from now on, enum guest_flag */
	DO_INJECT, /* the next entry injects value, EVENT_INFO, of an instruction of this length */
	DO_REINJECT, /* the next entry injects what the last exit cut off */
	DO_ARRIVE,   /* value NMIs arrive, and a fence, between two runs */
	DO_SELF,     /* the CPU sends itself an NMI: value, enum nmi_to_self */
	DO_ACTIVITY, /* the next entries begin in this activity state, interrupts on */
	DO_UNMAP,    /* value: enum guest_page */
	DO_MAP,
	DO_RENEW,
	DO_IDT,      /* the guest's IDT ends before this vector */
	DO_CLEAN,    /* SVM: clean bits */
	DO_PRIORITY, /* SVM: the virtual interrupt's priority * 16 + V_TPR */
	DO_USE,      /* the coming entries are of this guest */
	DO_LATER,    /* value NMIs come in the next entry, which is into an inactive state */
	DO_SIPI,     /* a SIPI comes in the next entry, behind those */
	DO_FRED,     /* value: who has it from now on, and how; FRED_VALUE */
	OPERATIONS
};

#define ACTIVITY_RESERVED 4 /* there is no such activity state */

/* DO_FRED: which parties have it, how handlers return (0: by RET; by ERETS: 1 with the frame as it
 * is, 2 with bit 18 set and 3 with it cleared in those of vector 2), the stack level of NMIs, #GPs.
 */
#define FRED_VALUE(parties, how, level) ((parties) | (how) << 2 | (level) << 4)
#define FRED_PARTIES(value)             ((unsigned)(value)&3)
#define FRED_HOW(value)                 ((unsigned)(value) >> 2 & 3)
#define FRED_LEVEL(value)               ((unsigned)(value) >> 4 & 3)
#define FRED_LEVELS_OF(value)           (FRED_LEVEL(value) << 2 * 2 | FRED_LEVEL(value) << 2 * 13)
#define FRED_VALUES                     64

#define PROGRAM_MAX                     12 /* operations */
#define PROGRAM_STEPS_MAX               5  /* in one of them */
#define PROGRAM_NMIS_MAX                3  /* at a HLT, or arriving */

struct operation {
	uint8_t kind;  /* enum operation_kind */
	uint8_t count; /* of steps */
	uint8_t steps[PROGRAM_STEPS_MAX];
	uint8_t nmis[PROGRAM_STEPS_MAX]; /* that come at such a HLT */
	uint8_t length;
	uint64_t value;
};

struct program {
	unsigned count;
	struct operation operations[PROGRAM_MAX];
};

/* Append one, with all else zero, to be filled in; NULL: there is no room. */
struct operation *program_add(struct program *program, enum operation_kind kind);

/* Put one before the i-th, take the i-th out. */
struct operation *program_insert(struct program *program, unsigned i, enum operation_kind kind);
void program_remove(struct program *program, unsigned i);

/* The same of a step. */
bool operation_add_step(struct operation *operation, enum step step, unsigned nmis);
void operation_remove_step(struct operation *operation, unsigned i);

bool program_has(const struct program *program, enum operation_kind kind);

bool program_is_same(const struct program *a, const struct program *b);

static inline bool operation_has_steps(const struct operation *operation)
{
	return operation->kind <= DO_ENTER;
}
