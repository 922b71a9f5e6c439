/* SPDX-License-Identifier: BSD-2-Clause */
#include "div64.h"

#include "unit.h"

static void check(uint64_t dividend, uint32_t divisor)
{
	uint64_t value = dividend;
	uint32_t rest = div64(&value, divisor);

	assert_int_equal(value, dividend / divisor);
	assert_int_equal(rest, dividend % divisor);
}

static void edges_divide_as_the_compiler_does(void **state)
{
	static const uint64_t edges[] = {
		0,
		1,
		9,
		10,
		UINT32_MAX,
		UINT32_MAX + 1ull,
		UINT32_MAX * 10ull,
		0x7fffffffffffffff,
		1ull << 63,
		UINT64_MAX - 1,
		UINT64_MAX,
	};
	static const uint32_t divisors[] = {
		1,         2, 3, 10, 16, 1000, 0x7fffffff, 0x80000000, 0x80000001, UINT32_MAX - 1,
		UINT32_MAX};

	(void)state;
	for (unsigned i = 0; i < sizeof(edges) / sizeof(edges[0]); i++)
		for (unsigned j = 0; j < sizeof(divisors) / sizeof(divisors[0]); j++)
			check(edges[i], divisors[j]);
}

static void random_numbers_divide_as_the_compiler_does(void **state)
{
	uint32_t seed = 1;

	(void)state;
	for (unsigned i = 0; i < 200000; i++)
		check(unit_random64(&seed), (unit_random(&seed) >> (i % 32)) | 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges_divide_as_the_compiler_does),
		cmocka_unit_test(random_numbers_divide_as_the_compiler_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
