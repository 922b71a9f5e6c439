/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/nmi/statistics.c */
/* Synthetic latencies, as experiment 310 would sample them. */
#include "nmi/statistics.h"

#include "unit.h"

enum { COUNT = 64, SEEDS = 200 };

static uint32_t samples[COUNT], seed;

/* Each sample is `typical` and up to `noise` more. */
static void fill(unsigned first, unsigned count, uint32_t typical, uint32_t noise)
{
	for (unsigned i = first; i < first + count; i++)
		samples[i] = typical + unit_random(&seed) % (noise + 1);
}

/* Something else ran: long ones, each of another length. */
static void disturb(unsigned first, unsigned count)
{
	for (unsigned i = first; i < first + count; i++)
		samples[i] = 5000u << unit_random(&seed) % 12;
}

static unsigned modes(void)
{
	statistics_sort(samples, COUNT);
	return statistics_modes(samples, COUNT);
}

static void sorting_orders_and_keeps_all(void **state)
{
	uint64_t sum = 0, sorted_sum = 0;

	(void)state;
	seed = 1;
	fill(0, COUNT, 0, UINT32_MAX - 1);
	for (unsigned i = 0; i < COUNT; i++)
		sum += samples[i];
	statistics_sort(samples, COUNT);
	for (unsigned i = 0; i < COUNT; i++)
		sorted_sum += samples[i];
	for (unsigned i = 1; i < COUNT; i++)
		assert_true(samples[i - 1] <= samples[i]);
	assert_int_equal(sum, sorted_sum);
}

static void quartiles_are_samples(void **state)
{
	static const uint32_t sorted[] = {10, 20, 30, 40, 50, 60, 70, 80, 90};

	(void)state;
	assert_int_equal(statistics_quartile(sorted, 9, 0), 10);
	assert_int_equal(statistics_quartile(sorted, 9, 1), 30);
	assert_int_equal(statistics_quartile(sorted, 9, 2), 50);
	assert_int_equal(statistics_quartile(sorted, 9, 4), 90);
	assert_int_equal(statistics_quartile(sorted, 2, 2), 10);
	assert_int_equal(statistics_quartile(sorted, 1, 3), 10);
	assert_int_equal(statistics_quartile(sorted, 0, 2), 0);
}

static void one_kind_is_one_mode(void **state)
{
	static const uint32_t noises[] = {0, 1, 20, 300, 900, 5000};

	(void)state;
	for (unsigned i = 0; i < sizeof(noises) / sizeof(noises[0]); i++)
		for (uint32_t this = 1; this < SEEDS; this ++) {
			seed = this;
			fill(0, COUNT, 600, noises[i]);
			assert_int_equal(modes(), 0);
		}
}

static void outliers_are_no_mode(void **state)
{
	(void)state;
	for (uint32_t this = 1; this < SEEDS; this ++) {
		seed = this;
		fill(0, COUNT, 600, 50);
		disturb(0, this % (COUNT / 4));
		assert_int_equal(modes(), 0);
		assert_in_range(statistics_quartile(samples, COUNT, 2), 600, 650);
	}
}

static void two_kinds_are_two_modes(void **state)
{
	(void)state;
	for (uint32_t this = 1; this < SEEDS; this ++) {
		unsigned low = COUNT / 4 + this % (COUNT / 2 + 1);
		seed = this;
		fill(0, low, 600, 80);
		fill(low, COUNT - low, 2400, 200);
		assert_int_equal(modes(), low);
	}
}

static void two_modes_are_seen_among_outliers(void **state)
{
	(void)state;
	for (uint32_t this = 1; this < SEEDS; this ++) {
		seed = this;
		fill(0, COUNT / 2, 600, 80);
		fill(COUNT / 2, COUNT / 2, 2400, 200);
		disturb(0, 4);
		disturb(COUNT / 2, 3);
		assert_int_equal(modes(), COUNT / 2 - 4);
	}
}

/* Half as much again is no exit: emulators and caches do that. */
static void a_small_step_is_no_second_mode(void **state)
{
	(void)state;
	seed = 1;
	fill(0, COUNT / 2, 600, 20);
	fill(COUNT / 2, COUNT / 2, 900, 20);
	assert_int_equal(modes(), 0);
}

static void few_samples_are_no_trouble(void **state)
{
	static const uint32_t two[] = {1, UINT32_MAX}, same[] = {7, 7, 7, 7},
			      zeros[] = {0, 0, 0, 9};

	(void)state;
	assert_int_equal(statistics_modes(two, 0), 0);
	assert_int_equal(statistics_modes(two, 1), 0);
	assert_int_equal(statistics_modes(two, 2), 1);
	assert_int_equal(statistics_modes(same, 4), 0);
	assert_int_equal(statistics_modes(zeros, 4), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorting_orders_and_keeps_all),
		cmocka_unit_test(quartiles_are_samples),
		cmocka_unit_test(one_kind_is_one_mode),
		cmocka_unit_test(outliers_are_no_mode),
		cmocka_unit_test(two_kinds_are_two_modes),
		cmocka_unit_test(two_modes_are_seen_among_outliers),
		cmocka_unit_test(a_small_step_is_no_second_mode),
		cmocka_unit_test(few_samples_are_no_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
