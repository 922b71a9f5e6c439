/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/report/ktap.c src/death.c src/nmi/result.c src/nmi/rules.c src/serial/print.c */
#include "report/ktap.h"

#include "nmi/experiment.h"
#include "nmi/runner.h"
#include "nmi/story.h"
#include "serial/console.h"
#include "unit.h"
#include "x86/poweroff.h"
#include "x86/tsc.h"

#include <stdlib.h>
#include <string.h>

/* --- what the report is made of and goes to --- */

static char text[4096];
static size_t length;
static jmp_buf off;
static enum verdict_code last_verdict;

void console_write(const char *more, size_t size)
{
	assert_true(length + size < sizeof(text));
	memcpy(text + length, more, size);
	length += size;
	text[length] = 0;
}

void console_end_line(void)
{
	if (length && text[length - 1] != '\n')
		console_write("\n", 1);
}

void poweroff(enum verdict_code verdict)
{
	last_verdict = verdict;
	longjmp(off, 1);
}

uint32_t tsc_us(uint64_t ticks)
{
	return ticks / 1000;
}

static const struct experiment thirteen = {
	.number = 13,
	.name = "it_holds",
	.sdm = "Interruptibility State",
	.rules = {R16, R38},
};
static const struct experiment self_test = {.number = 904, .name = "nothing_cited"};
static const struct experiment *running;

const struct experiment *runner_current(void)
{
	return running;
}

const char *story_text(void)
{
	return " enter()";
}

static int fresh(void **state)
{
	(void)state;
	ktap_plan(1);
	length = 0;
	text[0] = 0;
	ktap_ticks = false;
	running = NULL;
	return 0;
}

/* --- the tests; the first runs, and counts, in this process --- */

static void results_are_counted_and_the_last_line_is_the_verdict(void **state)
{
	(void)state;
	ktap_plan(3);
	ktap_result(&thirteen, &(struct result){.runs = 1});
	ktap_result(&thirteen, &(struct result){.skipped = "no VMX"});
	assert_int_equal(ktap_end(5000), VERDICT_PASS);
	ktap_result(&thirteen, &(struct result){.runs = 1,
						.failures = 1,
						.mismatches = "expected: this; got: that\n"
							      "expected: a 2; got: 3\n",
						.trace = " enter()"});
	assert_int_equal(ktap_end(5000), VERDICT_FAIL);
	assert_string_equal(
		text, "1..3\n"
		      "ok 1 13 it_holds\n"
		      "ok 2 13 it_holds # SKIP no VMX\n"
		      "# passed 1, failed 0, skipped 1, recorded 0, 5 us\n"
		      "LHV: PASS\n"
		      "not ok 3 13 it_holds\n"
		      "# 13: SDM \"Interruptibility State\" R16 R38. expected: this; got: that\n"
		      "# 13: SDM \"Interruptibility State\" R16 R38. expected: a 2; got: 3\n"
		      "# 13: trace: enter()\n"
		      "# passed 1, failed 1, skipped 1, recorded 0, 5 us\n"
		      "LHV: FAIL\n");
}

static void a_run_in_which_all_was_skipped_is_no_pass(void **state)
{
	(void)state;
	ktap_plan(1);
	ktap_result(&thirteen, &(struct result){.skipped = "no such thing"});
	assert_int_equal(ktap_end(5000), VERDICT_SKIP);
	assert_non_null(
		strstr(text, "# passed 0, failed 0, skipped 1, recorded 0, 5 us\nLHV: SKIP\n"));
}

static void a_lost_cpu_is_an_error_at_the_end(void **state)
{
	(void)state;
	ktap_plan(1);
	ktap_result(&thirteen, &(struct result){.runs = 1});
	console_write("ok", 2);
	ktap_lost(2, 7, "parked", "it did not wake up");
	assert_int_equal(ktap_end(5000), VERDICT_ERROR);
	assert_non_null(
		strstr(text, "\n# CPU 2 (APIC ID 7) is lost, parked: it did not wake up\n"));
	assert_non_null(strstr(text, "# 1 CPU was lost\nLHV: ERROR\n"));
}

static void one_failure_in_many_runs_is_a_failure_and_says_where(void **state)
{
	(void)state;
	ktap_result(&self_test, &(struct result){.runs = 100,
						 .failures = 1,
						 .cpu = 3,
						 .pass = 41,
						 .mismatches = "expected: x; got: y\n"});
	assert_non_null(strstr(text, "not ok 1 904 nothing_cited\n# 904: expected: "));
	assert_non_null(strstr(text, "# 904: failed 1 of 100 times, first on CPU 3 in pass 42\n"));
}

static void spurious_wakeups_are_told_of_a_passing_experiment_too(void **state)
{
	(void)state;
	ktap_result(&thirteen, &(struct result){.runs = 1, .spurious = 2});
	assert_string_equal(text, "ok 1 13 it_holds\n"
				  "# 13: HLT ended 2 times without an event (R8)\n");
}

static void a_record_that_varies_says_so(void **state)
{
	(void)state;
	ktap_result(&thirteen, &(struct result){.runs = 5,
						.record = "NMI",
						.other_records = 2,
						.other_record = "nothing"});
	assert_string_equal(text, "ok 1 13 it_holds # RECORD NMI\n# 13: the record varies: another "
				  "one in 2 of 5 runs, such as: nothing\n");
}

static void ticks_are_for_those_who_ask(void **state)
{
	(void)state;
	ktap_ticks = true;
	ktap_result(&thirteen, &(struct result){.runs = 1, .ticks = 1ULL << 33});
	assert_string_equal(text, "ok 1 13 it_holds\n# ticks: experiment 13: 8589934592\n");
}

static void an_error_is_the_last_line_too(void **state)
{
	(void)state;
	if (!setjmp(off))
		ktap_error("\"foo\": unknown option");
	assert_string_equal(text, "# \"foo\": unknown option\nLHV: ERROR\n");
	assert_int_equal(last_verdict, VERDICT_ERROR);
}

static void bailing_out_names_the_experiment_and_its_steps(void **state)
{
	(void)state;
	running = &thirteen;
	if (!setjmp(off))
		ktap_bail_out("the host is stuck");
	assert_string_equal(text, "# 13: it_holds: trace: enter()\n"
				  "Bail out! the host is stuck in experiment 13\nLHV: ERROR\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(results_are_counted_and_the_last_line_is_the_verdict, fresh),
		cmocka_unit_test_setup(one_failure_in_many_runs_is_a_failure_and_says_where, fresh),
		cmocka_unit_test_setup(spurious_wakeups_are_told_of_a_passing_experiment_too,
				       fresh),
		cmocka_unit_test_setup(a_record_that_varies_says_so, fresh),
		cmocka_unit_test_setup(ticks_are_for_those_who_ask, fresh),
		cmocka_unit_test_setup(an_error_is_the_last_line_too, fresh),
		cmocka_unit_test_setup(bailing_out_names_the_experiment_and_its_steps, fresh),
		cmocka_unit_test_setup(a_run_in_which_all_was_skipped_is_no_pass, fresh),
		cmocka_unit_test_setup(a_lost_cpu_is_an_error_at_the_end, fresh),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
