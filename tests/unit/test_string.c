/* SPDX-License-Identifier: BSD-2-Clause */
#include "unit.h"

#include <stdio.h>

/* The kernel's functions under other names, so that libc's stay what cmocka and ASan expect. */
#define memcpy  lhv_memcpy
#define memmove lhv_memmove
#define memset  lhv_memset
#define memcmp  lhv_memcmp
#define strlen  lhv_strlen
#define strcmp  lhv_strcmp
#define strncmp lhv_strncmp
#include "string.c"

enum { SIZE = 64 };

static void number(unsigned char *bytes)
{
	for (unsigned i = 0; i < SIZE; i++)
		bytes[i] = (unsigned char)(i + 1);
}

static void memcpy_copies_that_many_bytes(void **state)
{
	unsigned char from[SIZE], to[SIZE];

	(void)state;
	number(from);
	for (unsigned size = 0; size < SIZE; size++) {
		memset(to, 0, SIZE);
		assert_ptr_equal(memcpy(to, from, size), to);
		for (unsigned i = 0; i < SIZE; i++)
			assert_int_equal(to[i], i < size ? from[i] : 0);
	}
}

static void memmove_survives_any_overlap(void **state)
{
	unsigned char bytes[SIZE], expected[SIZE], old[SIZE];

	(void)state;
	for (unsigned to = 0; to < SIZE; to++) {
		for (unsigned from = 0; from < SIZE; from++) {
			unsigned size = SIZE - (to > from ? to : from);
			number(bytes);
			number(old);
			number(expected);
			for (unsigned i = 0; i < size; i++)
				expected[to + i] = old[from + i];
			assert_ptr_equal(memmove(bytes + to, bytes + from, size), bytes + to);
			assert_memory_equal(bytes, expected, SIZE);
		}
	}
}

static void memset_takes_the_low_byte(void **state)
{
	unsigned char bytes[4] = {1, 2, 3, 4};

	(void)state;
	assert_ptr_equal(memset(bytes + 1, 0x1ff, 2), bytes + 1);
	assert_memory_equal(bytes, "\x01\xff\xff\x04", 4);
	memset(bytes, 0, 0);
	assert_int_equal(bytes[0], 1);
}

static void comparisons_are_unsigned_and_bounded(void **state)
{
	(void)state;
	assert_int_equal(memcmp("abc", "abd", 2), 0);
	assert_true(memcmp("abc", "abd", 3) < 0);
	assert_true(memcmp("\xff", "\x01", 1) > 0);
	assert_int_equal(memcmp("a", "b", 0), 0);
	assert_int_equal(memcmp("a\0b", "a\0b", 4), 0);
	assert_true(memcmp("a\0b", "a\0c", 4) < 0);
	assert_int_equal(strcmp("same", "same"), 0);
	assert_true(strcmp("a", "ab") < 0);
	assert_true(strcmp("ab", "a") > 0);
	assert_true(strcmp("\xff", "\x01") > 0);
	assert_int_equal(strncmp("abc", "abd", 2), 0);
	assert_true(strncmp("abc", "abd", 3) < 0);
	assert_int_equal(strncmp("a\0b", "a\0c", 3), 0);
	assert_int_equal(strncmp("a", "b", 0), 0);
}

static void strlen_counts_up_to_the_end(void **state)
{
	(void)state;
	assert_int_equal(strlen(""), 0);
	assert_int_equal(strlen("abc"), 3);
	assert_int_equal(strlen("ab\0c"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memcpy_copies_that_many_bytes),
		cmocka_unit_test(memmove_survives_any_overlap),
		cmocka_unit_test(memset_takes_the_low_byte),
		cmocka_unit_test(comparisons_are_unsigned_and_bounded),
		cmocka_unit_test(strlen_counts_up_to_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
