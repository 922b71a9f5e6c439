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
 * Learn the TSC's frequency. Measured against every clock that runs (clock.h): the first one that
 * another clock or CPUID confirms is believed, else the first. No clock: what CPUID says, leaf 15h,
 * a hypervisor's 40000010h, or 16h. Returns whose word it is, for the header, and whose differs by
 * more than 2 %, as CPUID's does in emulators.
 */
const char *tsc_calibrate(uint16_t pm_timer_port, volatile uint32_t *hpet);

uint32_t tsc_khz(void);

enum { TSC_TURNS = 256 }; /* of a waiting loop, between two looks at the time */

static inline bool tsc_passed(uint64_t deadline)
{
	return (int64_t)(rdtsc() - deadline) >= 0;
}

uint64_t tsc_deadline_us(uint32_t microseconds);
void tsc_wait_us(uint32_t microseconds);

/*
 * A time-out that a pause of the machine does not use up: a host that suspends, a busy one, a
 * snapshot that is loaded. What passes between two looks counts for 1/TSC_LOOKS of the whole at the
 * most, also where the TSC jumps back.
 */
enum { TSC_LOOKS = 64 };

struct tsc_timeout {
	uint64_t last, left, most; /* the look before; ticks; what counts of a look */
};

void tsc_start(struct tsc_timeout *timeout, uint32_t microseconds);
bool tsc_timed_out(struct tsc_timeout *timeout);

/*
 * Waits until done(), but not much longer than the timeout; returns what done() then says. The time
 * is looked at now and then only: a hypervisor may exit at RDTSC, and TCG's CPUs share a lock for
 * it, which is no good where two of them wait for each other.
 */
bool tsc_wait_for(bool (*done)(void), uint32_t timeout_us);

/* Ticks as microseconds. */
uint32_t tsc_us(uint64_t ticks);
