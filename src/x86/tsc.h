/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time is the time stamp counter, measured once against a clock of known frequency. Deadlines
 * are compared on the CPU that made them: TSCs of different CPUs need not agree.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "x86/insn.h"

/*
 * Learn the TSC's frequency. Measured, for a millisecond, against the first clock that runs: the
 * ACPI PM timer (its I/O port; 0: none), the HPET (its registers; NULL: none), the PIT. No clock:
 * what CPUID says, leaf 15h, a hypervisor's 40000010h, or 16h. Returns whose word it is, for the
 * header; with CPUID's in it where that differs by more than 2 %, as it does in emulators.
 */
const char *tsc_calibrate(uint16_t pm_timer_port, volatile uint32_t *hpet);

uint32_t tsc_khz(void);

static inline bool tsc_passed(uint64_t deadline)
{
	return (int64_t)(rdtsc() - deadline) >= 0;
}

uint64_t tsc_deadline_us(uint32_t microseconds);
void tsc_wait_us(uint32_t microseconds);

/* Ticks as microseconds. */
uint32_t tsc_us(uint64_t ticks);
