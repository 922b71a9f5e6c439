/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other CPUs: started once by INIT and SIPI, then parked in HLT until they get a job.
 * SDM Vol. 3 "Multiple-Processor (MP) Initialization".
 */
#pragma once

#include <stdint.h>

#include "x86/cpu.h"

#define CPU_MAX 512

/* [0] is the CPU that booted; the others follow in the order of the MADT. */
extern struct cpu *smp_cpus[CPU_MAX];
extern unsigned smp_count;

/* Those that are not lost. */
unsigned smp_left(void);

/*
 * Start every CPU whose APIC ID is listed (our own is skipped). trampoline: a page below 1 MB,
 * whose contents are put back afterwards. Blocks come from [memory, memory_end). Returns the
 * number that did not start or found no memory.
 */
unsigned smp_start(const uint32_t *apic_ids, unsigned count, uintptr_t trampoline, uintptr_t memory,
		   uintptr_t memory_end);

/* What a parked CPU does when it wakes up, and how often it wakes by itself, in us; 0: it does not.
 */
extern void (*volatile smp_idle)(void);
extern volatile uint32_t smp_idle_us;

/* Park the calling CPU. What it was at is forgotten. */
_Noreturn void smp_park(void);

/* For ever: nobody waits for this CPU any more. */
_Noreturn void smp_stop(void);

/* Wake a parked CPU. */
void smp_wake(struct cpu *cpu);

/* Let a parked CPU run a function; it parks again when that returns. */
void smp_run(struct cpu *cpu, void (*job)(void));
