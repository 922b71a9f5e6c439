/* SPDX-License-Identifier: BSD-2-Clause */
/* Random order from a seed: the same seed gives the same order on every machine. */
#pragma once

#include <stdint.h>

void shuffle_seed(uint32_t seed);
void shuffle(unsigned *items, unsigned count);
