/* SPDX-License-Identifier: BSD-2-Clause */
/* The code of the steps, and how host and guest are led through a chain of them. */
#pragma once

#include <stdbool.h>

#include "nmi/places.h"

/* Host steps are running: an exception ends them instead of ending us. */
extern volatile bool steps_running;
extern volatile unsigned steps_halt_seen; /* trace_count before the HLT: none came if it still is */

/*
 * A chain is the addresses of steps as a stack: each step ends in RET, which pops the next.
 * steps_enter() lays the guest's, with the hypercall as its end, and says where the guest begins.
 * Its stack begins at the chain, so that an event's frame is the first to touch the page below.
 */
struct entry;
void steps_enter(const struct entry *entry, unsigned long *ip, unsigned long *sp);

/* Run a chain on this CPU's step stack, in the host. */
void steps_run(const enum step *steps, unsigned count);

/* Execute an IRET, outside of any chain: NMIs are open then. */
void steps_iret(void);

/* Where an exception in a step continues: the end of the host's chain, the guest's hypercall. */
unsigned long steps_bail_out(enum party who);

/* Put the instruction of `with` in the place of another one of the same length; of the step itself:
 * put its own back. One at a time. */
void steps_replace(enum step step, enum step with);

/* What an instruction pointer means. */
unsigned steps_place(unsigned long ip);
