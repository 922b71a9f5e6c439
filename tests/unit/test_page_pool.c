/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/page_pool.h"

#include "unit.h"

/* links: src/x86/page_pool.c */

static void only_whole_pages_are_in_the_pool(void **state)
{
	(void)state;
	page_pool_init(0x100001, 0x103fff);
	assert_int_equal(page_pool_size(), 2);
	assert_int_equal(page_pool_take(), 0x101000);
	assert_int_equal(page_pool_take(), 0x102000);
	page_pool_init(0x100000, 0x101000);
	assert_int_equal(page_pool_size(), 1);
	assert_int_equal(page_pool_take(), 0x100000);
}

static void a_pool_that_is_used_up_goes_round(void **state)
{
	(void)state;
	page_pool_init(0x200000, 0x202000);
	assert_int_equal(page_pool_take(), 0x200000);
	assert_int_equal(page_pool_take(), 0x201000);
	assert_int_equal(page_pool_rounds(), 0);
	assert_int_equal(page_pool_take(), 0x200000);
	assert_int_equal(page_pool_rounds(), 1);
}

static void too_little_memory_is_an_empty_pool(void **state)
{
	static const uintptr_t ranges[][2] = {
		{0x100000, 0x100000},
		{0x100000, 0x100fff},
		{0x100001, 0x101fff},
		{0x200000, 0x100000},
		{0, 0},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		page_pool_init(ranges[i][0], ranges[i][1]);
		assert_int_equal(page_pool_size(), 0);
		assert_int_equal(page_pool_take(), 0);
		assert_int_equal(page_pool_rounds(), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_whole_pages_are_in_the_pool),
		cmocka_unit_test(a_pool_that_is_used_up_goes_round),
		cmocka_unit_test(too_little_memory_is_an_empty_pool),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
