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
	OPERATIONS
};

#define ACTIVITY_RESERVED 4 /* there is no such activity state */

#define PROGRAM_MAX       12 /* operations */
#define PROGRAM_STEPS_MAX 5  /* in one of them */
#define PROGRAM_NMIS_MAX  3  /* at a HLT, or arriving */

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

bool program_is_same(const struct program *a, const struct program *b);

static inline bool operation_has_steps(const struct operation *operation)
{
	return operation->kind <= DO_ENTER;
}
