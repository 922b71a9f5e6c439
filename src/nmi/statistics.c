/* SPDX-License-Identifier: BSD-2-Clause */
#include "nmi/statistics.h"

#include <stdbool.h>

enum { SMALLEST_MODE = 4, GAP = 4 }; /* one part in so many; so many times as wide */

void statistics_sort(uint32_t *samples, unsigned count)
{
	for (unsigned i = 1; i < count; i++) {
		uint32_t sample = samples[i];
		unsigned place = i;
		for (; place && samples[place - 1] > sample; place--)
			samples[place] = samples[place - 1];
		samples[place] = sample;
	}
}

uint32_t statistics_quartile(const uint32_t *sorted, unsigned count, unsigned quarters)
{
	return count ? sorted[(count - 1) * quarters / 4] : 0;
}

/* The middle half's width. */
static uint32_t width(const uint32_t *sorted, unsigned count)
{
	return statistics_quartile(sorted, count, 3) - statistics_quartile(sorted, count, 1);
}

/* Between the middle halves of the first `low` samples and of the others. */
static uint32_t gap_at(const uint32_t *sorted, unsigned count, unsigned low)
{
	return statistics_quartile(sorted + low, count - low, 1) -
	       statistics_quartile(sorted, low, 3);
}

static bool is_wide(const uint32_t *sorted, unsigned count, unsigned low)
{
	uint64_t gap = gap_at(sorted, count, low);

	return gap && gap >= statistics_quartile(sorted, low, 2) &&
	       gap >= (uint64_t)GAP * width(sorted, low) &&
	       gap >= (uint64_t)GAP * width(sorted + low, count - low);
}

/* They would part at the longest step between two samples. */
unsigned statistics_modes(const uint32_t *sorted, unsigned count)
{
	unsigned least = (count + SMALLEST_MODE - 1) / SMALLEST_MODE, best = 0;
	uint32_t longest = 0;

	for (unsigned low = least; low && low + least <= count; low++) {
		if (sorted[low] - sorted[low - 1] <= longest)
			continue;
		longest = sorted[low] - sorted[low - 1];
		best = low;
	}
	return best && is_wide(sorted, count, best) ? best : 0;
}
