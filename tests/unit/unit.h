/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Xorshift, Marsaglia 2003: the same numbers in every run. The state must not be 0. */
static inline uint32_t unit_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static inline uint64_t unit_random64(uint32_t *state)
{
	uint64_t high = unit_random(state);

	/* Of any length, so that small numbers are as likely as large ones. */
	return (high << 32 | unit_random(state)) >> (unit_random(state) % 64);
}
