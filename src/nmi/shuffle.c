/* SPDX-License-Identifier: BSD-2-Clause */
#include "nmi/shuffle.h"

static uint32_t state = 1;

void shuffle_seed(uint32_t seed)
{
	state = seed ? seed : 1; /* xorshift stays at 0 */
}

/* Marsaglia, "Xorshift RNGs", 2003: the triple 13, 17, 5. */
static uint32_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

/* Fisher-Yates. */
void shuffle(unsigned *items, unsigned count)
{
	for (unsigned i = count; i > 1; i--) {
		unsigned j = next_random() % i, swap = items[i - 1];
		items[i - 1] = items[j];
		items[j] = swap;
	}
}
