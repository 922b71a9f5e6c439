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

/*
 * Start every CPU whose APIC ID is listed (our own is skipped). trampoline: a page below 1 MB,
 * whose contents are put back afterwards. Blocks come from [memory, memory_end). Returns the
 * number that did not start or found no memory.
 */
unsigned smp_start(const uint32_t *apic_ids, unsigned count, uintptr_t trampoline, uintptr_t memory,
		   uintptr_t memory_end);

/* Let a parked CPU run a function; it parks again when that returns. */
void smp_run(struct cpu *cpu, void (*job)(void));

/* Wait until the CPU has parked again. False: not within `timeout_us`. */
bool smp_wait(struct cpu *cpu, uint32_t timeout_us);
