/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The TSC against clocks of known frequency, on a machine that may be stopped at any time: a
 * virtual CPU whose host has other things to do loses milliseconds between two instructions.
 * Each reading of a clock is therefore taken between two looks at the TSC, so that it is known how
 * far it can be wrong; of several measurements those with the least doubt count, and of these the
 * median.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { CLOCKS = 3 };

struct clock_word {
	const char *name;
	uint32_t khz; /* of the TSC, 0: the clock is absent or dead, or was not asked */
};

/* All of them, the best one first: the ACPI PM timer (its I/O port; 0: none), the HPET (its
 * registers; NULL: none), the PIT. When two agree, the rest is not asked. */
void clock_measure(uint16_t pm_timer_port, volatile uint32_t *hpet,
		   struct clock_word words[static CLOCKS]);

/* By more than 2 %. */
bool clock_differ(uint32_t khz, uint32_t other);
