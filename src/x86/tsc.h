/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time is the time stamp counter, measured once against a clock of known frequency. Deadlines
 * are compared on the CPU that made them: TSCs of different CPUs need not agree.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "x86/insn.h"

/* Measure the TSC against the ACPI PM timer (0: none) or the PIT. Returns the name of the
 * clock that served; "no clock: 1 GHz assumed" when none did. */
const char *tsc_calibrate(uint16_t pm_timer_port);

uint32_t tsc_khz(void);

static inline bool tsc_passed(uint64_t deadline)
{
	return (int64_t)(rdtsc() - deadline) >= 0;
}

uint64_t tsc_deadline_us(uint32_t microseconds);
void tsc_wait_us(uint32_t microseconds);

/* Ticks as microseconds. */
uint32_t tsc_us(uint64_t ticks);
