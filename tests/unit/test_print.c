/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/serial/print.c */
#include "serial/print.h"

#include "serial/console.h"
#include "unit.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static struct {
	char text[1024];
	size_t length;
	unsigned writes;
} console;

void console_write(const char *text, size_t length)
{
	assert_true(console.length + length < sizeof(console.text));
	memcpy(console.text + console.length, text, length);
	console.length += length;
	console.text[console.length] = 0;
	console.writes++;
}

/* Without the format attribute, for formats that the compiler would refuse. */
static void prints(const char *expected, const char *format, ...)
{
	char text[256];
	va_list list;

	va_start(list, format);
	size_t length = vprint_to(text, sizeof(text), format, list);
	va_end(list);
	assert_string_equal(text, expected);
	assert_int_equal(length, strlen(expected));
}

static void integers_have_all_lengths(void **state)
{
	(void)state;
	prints("0 -1 2147483647 -2147483648", "%d %i %d %d", 0, -1, INT_MAX, INT_MIN);
	prints("-9223372036854775808 9223372036854775807", "%lld %lld", LLONG_MIN, LLONG_MAX);
	prints("18446744073709551615 ffffffffffffffff", "%llu %llx", ULLONG_MAX, ULLONG_MAX);
	prints("18446744073709551615 DEADBEEF", "%zu %lX", SIZE_MAX, 0xdeadbeeful);
}

static void short_integers_are_cut_off(void **state)
{
	(void)state;
	prints("-1 255 -32768 65535", "%hhd %hhu %hd %hu", 0x1ff, 0x1ff, 0x18000, 0x1ffff);
	prints("7f ffff", "%hhx %hx", 0xff7f, -1);
}

static void fields_are_filled_on_the_right_side(void **state)
{
	(void)state;
	prints("[   42|42   |00042|42   ]", "[%5d|%-5d|%05d|%-05d]", 42, 42, 42, 42);
	prints("[  -42|-42  |-0042]", "[%5d|%-5d|%05d]", -42, -42, -42);
	prints("[    x|x    |   ab|ab   ]", "[%5c|%-5c|%5s|%-5s]", 'x', 'x', "ab", "ab");
	prints("12345 12345", "%3d %03d", 12345, 12345);
	prints("0x1f 0x001f   0x1f 0X1F 0", "%#x %#06x %#6x %#X %#x", 31, 31, 31, 31, 0);
}

static void pointers_are_prefixed_hex(void **state)
{
	(void)state;
	prints("0xb8000 0x0 [    0x10]", "%p %p [%8p]", (void *)0xb8000, NULL, (void *)16);
}

static void strings_end_at_precision_or_nul(void **state)
{
	static const char signature[4] = {'A', 'P', 'I', 'C'}; /* ASan sees a read past it */

	(void)state;
	prints("APIC", "%.4s", signature);
	prints("AP [    AP]", "%.2s [%6.2s]", signature, signature);
	prints("ab|", "%.9s|%.0s", "ab", "unseen");
	prints("(null)", "%s", NULL);
	prints("%", "%%");
}

static void unknown_conversions_print_themselves_and_the_rest(void **state)
{
	(void)state;
	prints("1 %q %d", "%d %q %d", 1, 2);
	prints("%-5.3lf %s", "%-5.3lf %s", 0);
	prints("%*d", "%*d", 3, 4);
	prints("%+d %s", "%+d %s", 1);
	prints("100%", "100%");
	prints("1%5", "%d%5", 1);
	prints("%n", "%n", NULL);
}

static void a_small_buffer_is_terminated_and_not_exceeded(void **state)
{
	char text[4] = {'x', 'x', 'x', 'x'};

	(void)state;
	assert_int_equal(print_to(text, 0, "%d", 12345), 5);
	assert_int_equal(text[0], 'x');
	assert_int_equal(print_to(text, 1, "%d", 12345), 5);
	assert_memory_equal(text, "\0xxx", 4);
	assert_int_equal(print_to(text, 3, "%d", 12345), 5);
	assert_memory_equal(text, "12\0x", 4);
	assert_int_equal(print_to(text, 4, "%d", 123), 3);
	assert_string_equal(text, "123");
	assert_int_equal(print_to(NULL, 0, "abc"), 3);
}

static void print_sends_long_lines_in_pieces(void **state)
{
	char expected[1024];

	(void)state;
	console.length = console.writes = 0;
	print("%300s%d %-300s|\n", "right", 7, "left");
	snprintf(expected, sizeof(expected), "%300s%d %-300s|\n", "right", 7, "left");
	assert_string_equal(console.text, expected);
	assert_true(console.writes > 1);
}

/* libc is the model where it and we speak the same language. */
static void random_formats_print_as_in_libc(void **state)
{
	static const char letters[] = "duxXic";
	static const char *const lengths[] = {"", "h", "hh", "l", "ll", "z"};
	uint32_t seed = 3;

	(void)state;
	for (unsigned i = 0; i < 100000; i++) {
		char format[32], ours[64], libcs[64];
		char letter = letters[unit_random(&seed) % 6];
		const char *length = letter == 'c' ? "" : lengths[unit_random(&seed) % 6];
		bool number = letter != 'c';
		int used = snprintf(format, sizeof(format), "<%%%s%s%s",
				    unit_random(&seed) % 2 ? "-" : "",
				    number && unit_random(&seed) % 2 ? "0" : "",
				    (letter | 32) == 'x' && unit_random(&seed) % 2 ? "#" : "");
		if (unit_random(&seed) % 2)
			used += snprintf(format + used, sizeof(format) - (size_t)used, "%u",
					 unit_random(&seed) % 30 + 1);
		if (number && unit_random(&seed) % 4 == 0)
			used += snprintf(format + used, sizeof(format) - (size_t)used, ".%u",
					 unit_random(&seed) % 20 + 1);
		snprintf(format + used, sizeof(format) - (size_t)used, "%s%c>%%s", length, letter);

		uint64_t value = unit_random64(&seed);
		value = letter == 'c' ? value % 95 + 32 : value;
		int wanted = snprintf(libcs, sizeof(libcs), format, value, "end");
		prints(libcs, format, value, "end");
		assert_int_equal(print_to(ours, 5, format, value, "end"), wanted);
		assert_memory_equal(ours, libcs, 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_have_all_lengths),
		cmocka_unit_test(short_integers_are_cut_off),
		cmocka_unit_test(fields_are_filled_on_the_right_side),
		cmocka_unit_test(pointers_are_prefixed_hex),
		cmocka_unit_test(strings_end_at_precision_or_nul),
		cmocka_unit_test(unknown_conversions_print_themselves_and_the_rest),
		cmocka_unit_test(a_small_buffer_is_terminated_and_not_exceeded),
		cmocka_unit_test(print_sends_long_lines_in_pieces),
		cmocka_unit_test(random_formats_print_as_in_libc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
