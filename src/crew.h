/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who does what. One CPU conducts the run: it gives the others their jobs, sends to the CPU under
 * test (nmi/sender.h) and watches it (nmi/watch.h). A CPU that does not come back is lost: that is
 * printed, and the run goes on with those that are left. The conductor is watched too, by the
 * parked CPUs, which wake up now and then; and by the CPU under test, which misses its answers.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct cpu;

/* Conduct the run: line() is called on this CPU, and if that is lost on another one, to go on. */
_Noreturn void crew_start(void (*line)(void), uint32_t timeout_us);

/*
 * From line(), on the conductor: let a CPU do a job, under our eyes. To do one itself, a conductor
 * makes another CPU the conductor: line() is called there, and comes to the same job again; only
 * one that is alone does it here. False: the CPU is lost. `doing`: what it was at, for the report.
 */
bool crew_do(struct cpu *cpu, void (*job)(void), const char *doing);

/* This CPU is not fit to go on. Returns if no other is there. again: it has said so before. */
void crew_lose_self(const char *why, bool again);

/* The roll is called: who does not answer is lost. From then on nobody is watched any more. */
void crew_end(void);
