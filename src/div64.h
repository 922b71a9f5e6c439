/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <stdint.h>

/*
 * Divides *value in place and returns the remainder. The compiler would call libgcc for a 64-bit
 * division in 32-bit code, and a kernel has none. The divisor must not be zero (#DE if it is).
 */
static inline uint32_t div64(uint64_t *value, uint32_t divisor)
{
	uint32_t high = (uint32_t)(*value >> 32);
	uint32_t low = (uint32_t)*value;
	uint32_t quotient = 0;
	uint64_t rest = high % divisor;

	for (int bit = 31; bit >= 0; bit--) {
		rest = rest << 1 | (low >> bit & 1);
		quotient <<= 1;
		if (rest >= divisor) {
			rest -= divisor;
			quotient |= 1;
		}
	}
	*value = (uint64_t)(high / divisor) << 32 | quotient;
	return (uint32_t)rest;
}
