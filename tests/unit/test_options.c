/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/death.c src/options.c src/serial/print.c tests/unit/fake/console.c */
#include "options.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct options parsed(const char *line)
{
	struct options options;
	char error[OPTIONS_ERROR_SIZE] = "";

	if (!options_parse(&options, line, error, sizeof(error)))
		fail_msg("%s: %s", line, error);
	assert_string_equal(error, "");
	return options;
}

/* The error on this line must start so, and go on with what is known. */
static struct options refused(const char *line, const char *start)
{
	struct options options;
	char error[OPTIONS_ERROR_SIZE];

	if (options_parse(&options, line, error, sizeof(error)))
		fail_msg("not refused: %s", line);
	if (strncmp(error, start, strlen(start)))
		fail_msg("%s\ngot      %s\nexpected %s", line, error, start);
	assert_non_null(
		strstr(error,
		       "; known: exp=LIST not=LIST cpus=all|LIST "
		       "repeat=1..1000000|forever order=number|random seed=NUMBER verbose ticks "
		       "com=none|pci[,BAUD]|PORT[,BAUD] exit=qemu|bochs|poweroff|reboot|halt "
		       "timeout=1..3600"));
	assert_null(strchr(error, '\n'));
	return options;
}

static void nothing_given_means_the_defaults(void **state)
{
	static const char *const lines[] = {"", " ", "\t \n", "lhv.elf", "/boot/lhv64.elf", "./x"};

	(void)state;
	for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct options options = parsed(lines[i]);
		assert_int_equal(options.repeat, 1);
		assert_int_equal(options.timeout, 5);
		assert_int_equal(options.com_port, 0x3f8);
		assert_int_equal(options.com_baud, 115200);
		assert_int_equal(options.exit, EXIT_DEFAULT);
		assert_false(options.verbose || options.random_order || options.all_cpus);
		assert_false(options.seed_given);
		assert_true(options_selects(&options, 1) && options_selects(&options, 899));
		assert_false(options_selects(&options, 900) || options_selects(&options, 999));
		assert_true(options_cpu(&options, 0));
		assert_false(options_cpu(&options, 1));
	}
}

static void lists_select_experiments(void **state)
{
	struct options options = parsed("exp=1-30,101,900 not=17,20-22");

	(void)state;
	for (unsigned number = 1; number < 1000; number++) {
		bool in = number <= 30 || number == 101 || number == 900;
		bool out = number == 17 || (number >= 20 && number <= 22);
		assert_int_equal(options_selects(&options, number), in && !out);
	}
	options = parsed("not=3");
	assert_false(options_selects(&options, 3) || options_selects(&options, 901));
	assert_true(options_selects(&options, 4));
}

static void lists_select_cpus(void **state)
{
	struct options options = parsed("cpus=all");

	(void)state;
	assert_true(options_cpu(&options, 0) && options_cpu(&options, 4000));
	options = parsed("cpus=1-2,5");
	assert_false(options_cpu(&options, 0) || options_cpu(&options, 3));
	assert_true(options_cpu(&options, 1) && options_cpu(&options, 2));
	assert_true(options_cpu(&options, 5));
}

static void other_words_set_their_fields(void **state)
{
	struct options options = parsed("repeat=1000000 order=random seed=0xdeadBEEF verbose "
					"com=0x2f8,9600 exit=poweroff timeout=3600");

	(void)state;
	assert_int_equal(options.repeat, 1000000);
	assert_true(options.random_order && options.seed_given && options.verbose);
	assert_int_equal(options.seed, 0xdeadbeef);
	assert_int_equal(options.com_port, 0x2f8);
	assert_int_equal(options.com_baud, 9600);
	assert_int_equal(options.exit, EXIT_POWEROFF);
	assert_int_equal(options.timeout, 3600);
	assert_int_equal(parsed("seed=4294967295").seed, UINT32_MAX);
	assert_int_equal(parsed("com=1016").com_port, 0x3f8);
	assert_int_equal(parsed("com=none").com_port, 0);
	assert_true(parsed("com=pci").com_pci);
	assert_int_equal(parsed("com=pci").com_port, 0x3f8); /* in case there is none */
	assert_int_equal(parsed("com=pci,9600").com_baud, 9600);
	assert_false(parsed("com=pci com=0x2f8").com_pci);
	assert_false(parsed("order=number").random_order);
	assert_int_equal(parsed("repeat=forever").repeat, 0);
	assert_int_equal(parsed("repeat=forever repeat=3").repeat, 3);
}

static void exit_words_are_in_the_order_of_the_enum(void **state)
{
	(void)state;
	assert_int_equal(parsed("exit=qemu").exit, EXIT_QEMU);
	assert_int_equal(parsed("exit=bochs").exit, EXIT_BOCHS);
	assert_int_equal(parsed("exit=reboot").exit, EXIT_REBOOT);
	assert_int_equal(parsed("exit=halt").exit, EXIT_HALT);
}

static void the_last_of_a_word_wins(void **state)
{
	struct options options = parsed("exp=1,2,3 com=0x2f8,9600 exp=5 cpus=all cpus=2 com=0x3e8 "
					"order=random order=number");

	(void)state;
	assert_true(options_selects(&options, 5));
	assert_false(options_selects(&options, 1));
	assert_int_equal(options.com_port, 0x3e8);
	assert_int_equal(options.com_baud, 115200);
	assert_false(options_cpu(&options, 0) || options.random_order);
	assert_true(parsed("cpus=2 cpus=all").all_cpus);
}

static void only_a_first_word_may_be_a_file_name(void **state)
{
	(void)state;
	assert_true(parsed("  build/lhv64.elf verbose").verbose);
	refused("verbose build/lhv64.elf", "\"build/lhv64.elf\": unknown option;");
	refused("lhv verbose", "\"lhv\": unknown option;");
	refused("a/b=c", "\"a/b=c\": unknown option;");
}

static const struct {
	const char *word, *why;
} bad[] = {
	{"foo", "unknown option"},
	{"foo=1", "unknown option"},
	{"ex=1", "unknown option"},
	{"expo=1", "unknown option"},
	{"EXP=1", "unknown option"},
	{"=1", "unknown option"},
	{"=", "unknown option"},
	{"exp", "needs a value"},
	{"repeat", "needs a value"},
	{"verbose=", "takes no value"},
	{"verbose=1", "takes no value"},
	{"exp=", "a number is missing"},
	{"exp=,1", "a number is missing"},
	{"exp=1,,2", "a number is missing"},
	{"exp=1,", "a number is missing"},
	{"exp=1-", "a number is missing"},
	{"exp=-1", "a number is missing"},
	{"exp=x", "a number is missing"},
	{"exp=30-1", "a range runs backwards"},
	{"exp=0", "the number is out of range"},
	{"exp=1000", "the number is out of range"},
	{"exp=1-1000", "the number is out of range"},
	{"exp=4294967297", "the number is out of range"},
	{"exp=18446744073709551617", "the number is out of range"},
	{"exp=1-2-3", "the value goes on after its end"},
	{"exp=1;2", "the value goes on after its end"},
	{"exp=0x10", "the number is out of range"},
	{"not=a", "a number is missing"},
	{"cpus=al", "a number is missing"},
	{"cpus=all,1", "a number is missing"},
	{"cpus=4096", "the number is out of range"},
	{"repeat=0", "the number is out of range"},
	{"repeat=1000001", "the number is out of range"},
	{"repeat=forevermore", "a number is missing"},
	{"repeat=1x", "the value goes on after its end"},
	{"order=", "the value is none of the choices"},
	{"order=rand", "the value is none of the choices"},
	{"order=randomly", "the value is none of the choices"},
	{"order=number|random", "the value is none of the choices"},
	{"seed=", "a number is missing"},
	{"seed=0x", "a number is missing"},
	{"seed=0x100000000", "the number is out of range"},
	{"seed=4294967296", "the number is out of range"},
	{"seed=12ab", "the value goes on after its end"},
	{"com=", "a number is missing"},
	{"com=0", "the number is out of range"},
	{"com=0xfff9", "the number is out of range"},
	{"com=3f8", "the value goes on after its end"},
	{"com=0x3f8,", "a number is missing"},
	{"com=0x3f8,0", "the number is out of range"},
	{"com=0x3f8,1", "the number is out of range"},
	{"com=0x3f8,7", "the baud rate does not divide 115200"},
	{"com=0x3f8,230400", "the number is out of range"},
	{"com=0x3f8,9600,8n1", "the value goes on after its end"},
	{"com=none,9600", "a number is missing"},
	{"com=pcie", "the value goes on after its end"},
	{"com=pci,7", "the baud rate does not divide 115200"},
	{"exit=", "the value is none of the choices"},
	{"exit=qem", "the value is none of the choices"},
	{"exit=qemu|bochs", "the value is none of the choices"},
	{"timeout=0", "the number is out of range"},
	{"timeout=3601", "the number is out of range"},
	{"timeout=5s", "the value goes on after its end"},
};

static void bad_words_are_named_with_the_reason(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char line[128], start[128];
		snprintf(line, sizeof(line), " seed=1 %s repeat=7\n", bad[i].word);
		snprintf(start, sizeof(start), "\"%s\": %s; known:", bad[i].word, bad[i].why);
		struct options options = refused(line, start);
		assert_int_equal(options.seed, 1);
		assert_int_equal(options.repeat, 7);
	}
}

static void the_first_error_counts_and_com_works_nevertheless(void **state)
{
	struct options options = refused("foo com=0x2f8,9600 bar com=zzz", "\"foo\": unknown");

	(void)state;
	assert_int_equal(options.com_port, 0x2f8);
	assert_int_equal(options.com_baud, 9600);
	options = refused("com=0x2f8 com=0x3e8,7", "\"com=0x3e8,7\": the baud");
	assert_int_equal(options.com_port, 0x2f8);
	assert_true(refused("exp=1,2,x verbose", "\"exp=1,2,x\"").verbose);
}

static void sixty_four_ranges_fit(void **state)
{
	char line[512] = "exp=1";

	(void)state;
	for (unsigned i = 1; i < OPTIONS_RANGES; i++)
		strcat(line, ",2-3");
	assert_int_equal(parsed(line).experiments.count, OPTIONS_RANGES);
	strcat(line, ",4");
	refused(line, "\"exp=1,2-3,2-3,2-3,2-3,2-3,2-3,2-3,2-3,2-3,2-3,2-...\": more ranges than");
}

static void a_short_error_buffer_is_respected(void **state)
{
	struct options options;
	char error[16];

	(void)state;
	memset(error, 'x', sizeof(error));
	assert_false(options_parse(&options, "foo", error, 8));
	assert_memory_equal(error, "\"foo\": \0xxxxxxxx", sizeof(error));
	assert_false(options_parse(&options, "foo", NULL, 0));
}

static void check_invariants(const struct options *options, bool good, const char *error)
{
	assert_true(options->repeat <= 1000000);
	assert_true(options->timeout >= 1 && options->timeout <= 3600);
	assert_true(options->com_port <= 0xfff8);
	assert_int_equal(115200 % options->com_baud, 0);
	assert_true(115200 / options->com_baud <= UINT16_MAX);
	assert_true(options->exit <= EXIT_HALT);
	assert_true(options->experiments.count <= OPTIONS_RANGES);
	assert_int_equal(good, !error[0]);
	assert_true(good || strstr(error, "timeout=1..3600") != NULL);
}

/* Lines in blocks of their own exact size, so that ASan sees any step outside. */
static void random_lines_neither_crash_nor_break_invariants(void **state)
{
	static const char base[] = "a.elf exp=1-30,101 not=17 cpus=all repeat=9 order=random "
				   "seed=0x7 verbose com=0x3f8,9600 exit=halt timeout=9";
	static const char alphabet[] = "0123456789,-=x. \tfexpal|/\x80\x7f";
	uint32_t seed = 5;
	unsigned good_lines = 0;

	(void)state;
	for (unsigned i = 0; i < 200000; i++) {
		size_t from = unit_random(&seed) % sizeof(base);
		while (from && base[from - 1] != ' ')
			from--;
		size_t length = unit_random(&seed) % (sizeof(base) - from);
		char *line = malloc(length + 1);
		memcpy(line, base + from, length);
		line[length] = 0;
		for (unsigned n = unit_random(&seed) % 4; n && length; n--)
			line[unit_random(&seed) % length] =
				alphabet[unit_random(&seed) % (sizeof(alphabet) - 1)];
		struct options options;
		char error[OPTIONS_ERROR_SIZE] = "";
		bool good = options_parse(&options, line, error, sizeof(error));
		check_invariants(&options, good, error);
		good_lines += good;
		free(line);
	}
	assert_in_range(good_lines, 10000, 190000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_given_means_the_defaults),
		cmocka_unit_test(lists_select_experiments),
		cmocka_unit_test(lists_select_cpus),
		cmocka_unit_test(other_words_set_their_fields),
		cmocka_unit_test(exit_words_are_in_the_order_of_the_enum),
		cmocka_unit_test(the_last_of_a_word_wins),
		cmocka_unit_test(only_a_first_word_may_be_a_file_name),
		cmocka_unit_test(bad_words_are_named_with_the_reason),
		cmocka_unit_test(the_first_error_counts_and_com_works_nevertheless),
		cmocka_unit_test(sixty_four_ranges_fit),
		cmocka_unit_test(a_short_error_buffer_is_respected),
		cmocka_unit_test(random_lines_neither_crash_nor_break_invariants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
