/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What samples of a latency say: a typical one, and whether they are of two kinds. A few that
 * something below us made long must not matter, so everything here is a rank, never a mean.
 */
#pragma once

#include <stdint.h>

/* Ascending, in place. Meant for some hundred samples at the most. */
void statistics_sort(uint32_t *samples, unsigned count);

/*
 * The sorted sample that is so many quarters of the way from the first to the last: 2 is the
 * median. Between two of them it is the lower one; 0: there are none. What disturbs a latency adds
 * to it, so the first quartile is the best word on what it is by itself.
 */
uint32_t statistics_quartile(const uint32_t *sorted, unsigned count, unsigned quarters);

/*
 * Do the sorted samples fall apart into two modes? Returns how many are in the lower one; 0: there
 * is one mode. Each mode has at least a quarter of the samples, the gap between the middle halves
 * of both is at least as wide as the lower mode's median, and four times as wide as either half.
 */
unsigned statistics_modes(const uint32_t *sorted, unsigned count);
