/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/report/summary.c src/report/compact.c src/report/outcome.c src/serial/print.c */
/* links: src/serial/screen.c src/serial/qr.c src/serial/qr_codewords.c src/nmi/result.c */
/* links: tests/unit/fake/console.c tests/unit/fake/runner.c */
#include "report/summary.h"

#include "nmi/experiment.h"
#include "report/ktap.h"
#include "report/outcome.h"
#include "serial/framebuffer.h"
#include "serial/qr.h"
#include "serial/screen.h"
#include "serial/vga.h"
#include "runner.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

/* --- a screen of cells --- */

enum { COLUMNS_MAX = 240, ROWS_MAX = 80 };

static uint16_t cells[ROWS_MAX][COLUMNS_MAX];
static struct screen_device device;

static void clear(void)
{
	for (unsigned row = 0; row < ROWS_MAX; row++)
		for (unsigned column = 0; column < COLUMNS_MAX; column++)
			cells[row][column] = SCREEN_BLANK;
}

static void draw(unsigned column, unsigned row, uint16_t cell)
{
	assert_in_range(column, 0, device.columns - 1);
	assert_in_range(row, 0, device.rows - 1);
	cells[row][column] = cell;
}

const struct screen_device *vga_device(void)
{
	return device.columns ? &device : NULL;
}

const struct screen_device *framebuffer_device(const struct framebuffer *framebuffer)
{
	(void)framebuffer;
	return NULL;
}

static void plug_in(unsigned columns, unsigned rows)
{
	device = (struct screen_device){columns, rows, 1, clear, draw, NULL};
	screen_init(&(struct boot_info){.firmware = "BIOS"});
}

static const char *text_of_row(unsigned row)
{
	static char text[COLUMNS_MAX + 1];

	for (unsigned i = 0; i < device.columns; i++)
		text[i] = (char)cells[row][i];
	text[device.columns] = 0;
	return text;
}

/* The row in which the text is; the screen's rows: none. */
static unsigned find_row(const char *text)
{
	unsigned row = 0;

	while (row < device.rows && !strstr(text_of_row(row), text))
		row++;
	return row;
}

/* --- what ran --- */

static void add(unsigned number, enum outcome outcome)
{
	static const struct result by_outcome[OUTCOMES] = {
		[OUTCOME_PASS] = {.runs = 5},
		[OUTCOME_FAIL] = {.runs = 5,
				  .failures = 5,
				  .mismatches = "expected: this; got: that\n"},
		[OUTCOME_SKIP] = {.skipped = "no VMX"},
		[OUTCOME_RECORD] = {.runs = 5, .record = "something"},
		[OUTCOME_FLAKY] = {.runs = 5,
				   .failures = 2,
				   .mismatches = "expected: this; got: that\n"},
	};

	assert_int_equal(outcome_of(&by_outcome[outcome]), outcome);
	fake_experiments[fake_count].number = number;
	fake_experiments[fake_count].name = "guest_takes_an_nmi_through_its_own_idt";
	fake_results[fake_count++] = by_outcome[outcome];
}

/* Numbers with the families' gaps, from outcomes in turn. */
static void add_many(unsigned wanted, enum outcome first, unsigned outcomes)
{
	for (unsigned number = 1; fake_count < wanted; number++)
		if (number % 100 < 60 && number % 100)
			add(number, (enum outcome)(first + number % outcomes));
}

static const struct compact_machine machine = {
	.hypervisor = "VMwareVMware",
	.cpu = "GenuineIntel 6-140-1",
	.virt = "VMX",
	.protocol = "multiboot2",
	.firmware = "BIOS",
	.cpus = 2,
	.x2apic = true,
	.features = 0x1d,
};

static int fresh(void **state)
{
	(void)state;
	fake_count = 0;
	fake_current = NULL;
	summary_describe(&machine);
	plug_in(80, 25);
	return 0;
}

/* --- the compact text --- */

static const char *compact(enum verdict_code verdict, unsigned error_in)
{
	static char text[COMPACT_SIZE];

	size_t length = compact_write(text, sizeof(text), &machine, verdict, error_in);

	assert_int_equal(length, strlen(text));
	return text;
}

#define HEAD "LHV1 " VERSION " 64 I6-140-1 VMWAREVMWARE 2X 2B 1D "

static void outcomes_are_packed_in_pairs(void **state)
{
	(void)state;
	add(1, OUTCOME_PASS);
	assert_string_equal(compact(VERDICT_PASS, 0), HEAD "P 1");
	assert_string_equal(compact(VERDICT_SKIP, 0), HEAD "S 1");
	add(2, OUTCOME_FAIL);
	add(3, OUTCOME_SKIP);
	add(4, OUTCOME_RECORD);
	add(5, OUTCOME_FLAKY);
	assert_string_equal(compact(VERDICT_FAIL, 0), HEAD "F 1FT");
	add(101, OUTCOME_SKIP);
	assert_string_equal(compact(VERDICT_ERROR, 101), HEAD "E101 1FT0*Z0*C3");
	assert_string_equal(compact(VERDICT_ERROR, 0), HEAD "E 1FT0*Z0*C3");
}

static void only_four_and_more_are_worth_a_count(void **state)
{
	(void)state;
	for (unsigned number = 0; number < 6; number++)
		add(number, OUTCOME_PASS);
	assert_string_equal(compact(VERDICT_PASS, 0), HEAD "P 777");
	for (unsigned number = 6; number < 2 * 37; number++)
		add(number, OUTCOME_PASS);
	assert_string_equal(compact(VERDICT_PASS, 0), HEAD "P 7*Z77");
}

static void what_the_alphabet_lacks_is_a_full_stop(void **state)
{
	struct compact_machine odd = machine;
	char text[COMPACT_SIZE];

	(void)state;
	odd.hypervisor = "a*b c:_\xff";
	odd.cpu = "Vendor 1-2-3";
	odd.protocol = "multiboot";
	odd.x2apic = false;
	assert_true(compact_write(text, sizeof(text), &odd, VERDICT_PASS, 0));
	assert_string_equal(text, "LHV1 " VERSION " 64 VENDOR+1-2-3 A.B+C... 2A 1B 1D P 0");
	assert_true(qr_encode(text));
	odd.protocol = "PVH";
	odd.firmware = "none";
	assert_true(compact_write(text, sizeof(text), &odd, VERDICT_PASS, 0));
	assert_string_equal(text, "LHV1 " VERSION " 64 VENDOR+1-2-3 A.B+C... 2A 3N 1D P 0");
}

static void a_buffer_that_is_too_small_is_not_overrun(void **state)
{
	char text[COMPACT_SIZE];
	size_t length = strlen(compact(VERDICT_PASS, 0));

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t size = 0; size <= length; size++) {
		assert_int_equal(compact_write(text, size, &machine, VERDICT_PASS, 0), 0);
		assert_int_equal(text[size], 'x');
	}
	assert_int_equal(compact_write(text, length + 1, &machine, VERDICT_PASS, 0), length);
}

/* As many as there can be, none like its neighbour: RUNNER_MAX experiments need version 13. */
static void there_is_a_code_for_any_outcomes(void **state)
{
	(void)state;
	add_many(150, OUTCOME_PASS, 5);
	assert_in_range(strlen(compact(VERDICT_ERROR, 123)), 1, 224);
	assert_in_range(qr_encode(compact(VERDICT_ERROR, 123)), 21, 17 + 4 * 7);
	while (fake_count < RUNNER_MAX)
		add(500 + 5 * fake_count, OUTCOME_PASS + fake_count % 5);
	assert_true(qr_encode(compact(VERDICT_ERROR, 123)));
}

/* --- the page --- */

static bool has_code(void)
{
	unsigned blocks = 0;

	for (unsigned column = 0; column < device.columns; column++)
		blocks += (uint8_t)cells[0][column] == SCREEN_BLOCK;
	return blocks >= 21;
}

static bool is_tile(const uint16_t *at, const char *text, uint8_t colours)
{
	for (unsigned i = 0; i < 3; i++)
		if (at[i] != (uint16_t)(colours << 8 | text[i]))
			return false;
	return at[3] == SCREEN_BLANK;
}

static void expect_tile(unsigned number, uint8_t colours)
{
	char text[6];
	unsigned found = 0;

	snprintf(text, sizeof(text), "%3u", number);
	for (unsigned row = 0; row < device.rows; row++)
		for (unsigned column = 1; column + 4 < device.columns; column += 4)
			found += is_tile(&cells[row][column], text, colours);
	assert_int_equal(found, 1);
}

static void the_page_has_all_its_parts(void **state)
{
	(void)state;
	add(1, OUTCOME_PASS);
	add(13, OUTCOME_FAIL);
	add(17, OUTCOME_RECORD);
	add(101, OUTCOME_SKIP);
	add(102, OUTCOME_FLAKY);
	add(103, OUTCOME_NONE);
	summary_show(VERDICT_FAIL);
	assert_int_equal(find_row(" LHV: FAIL "), 0);
	assert_int_equal(cells[0][1], SCREEN_COLOURS(WHITE, RED) << 8 | ' ');
	assert_in_range(find_row(" 1 failed at times "), 0, 3);
	assert_in_range(find_row("on VMwareVMware"), 1, 24);
	expect_tile(1, SCREEN_COLOURS(WHITE, GREEN));
	expect_tile(13, SCREEN_COLOURS(WHITE, RED));
	expect_tile(17, SCREEN_COLOURS(WHITE, BLUE));
	expect_tile(101, SCREEN_COLOURS(BLACK, GREY));
	expect_tile(102, SCREEN_COLOURS(WHITE, MAGENTA));
	expect_tile(103, SCREEN_COLOURS(DARK_GREY, BLACK));
	assert_in_range(find_row(
				"13 guest_takes_an_nmi_through_its_own_idt: expected: this; got: "),
			1, 24);
	assert_in_range(find_row("102 guest_takes_an_nmi_through_its_own_idt (2 of 5 times): "), 1,
			24);
	assert_true(has_code());
}

/* The code's modules, from the cells, are the encoder's. */
static void two_modules_are_a_cell(void **state)
{
	(void)state;
	add(1, OUTCOME_PASS);
	summary_show(VERDICT_PASS);
	unsigned size = qr_encode(compact(VERDICT_PASS, 0));
	unsigned left = device.columns - size - 2 * QR_QUIET;
	for (unsigned y = 0; y < size; y++) {
		for (unsigned x = 0; x < size; x++) {
			uint16_t cell = cells[(y + QR_QUIET) / 2][left + QR_QUIET + x];
			uint8_t half = (y + QR_QUIET) % 2 ? SCREEN_LOWER_HALF : SCREEN_UPPER_HALF;
			bool light = (uint8_t)cell == SCREEN_BLOCK || (uint8_t)cell == half;
			assert_int_equal(cell >> 8, SCREEN_COLOURS(WHITE, BLACK));
			assert_int_equal(light, !qr_is_dark(x, y));
		}
	}
}

/* Also on VGA's 80x25 cells: 150 experiments, and a code for what is usual. The smallest screens
 * leave out what was skipped. */
static void every_number_is_on_the_page(void **state)
{
	static const unsigned sizes[][2] = {{80, 25}, {80, 30}, {128, 48}, {120, 33}, {40, 64}};

	(void)state;
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		for (unsigned outcomes = 1; outcomes <= 5; outcomes++) {
			fresh(NULL);
			plug_in(sizes[i][0], sizes[i][1]);
			add_many(150, OUTCOME_PASS, outcomes);
			summary_show(VERDICT_FAIL);
			for (unsigned n = 0; n < fake_count; n++) {
				char text[6];
				if (sizes[i][1] != 48 &&
				    outcome_of(runner_result(n)) == OUTCOME_SKIP)
					continue;
				snprintf(text, sizeof(text), "%3u", fake_experiments[n].number);
				assert_in_range(find_row(text), 0, sizes[i][1] - 1);
			}
			if (outcomes == 1 || sizes[i][1] == 48)
				assert_true(has_code() || sizes[i][0] < 80);
		}
	}
}

static void failures_that_have_no_room_are_counted(void **state)
{
	(void)state;
	add_many(94, OUTCOME_FAIL, 1);
	summary_show(VERDICT_FAIL);
	assert_int_equal(find_row("and "), 24);
	unsigned shown = 0, more;
	for (unsigned row = 0; row < 24; row++)
		shown += !!strstr(text_of_row(row), " guest_takes");
	assert_int_equal(sscanf(strstr(text_of_row(24), "and"), "and %u more", &more), 1);
	assert_int_equal(shown + more, 94);
}

/* The text is below all else, on a small screen too; and the code where both have room. */
static void an_error_keeps_its_text(void **state)
{
	static const unsigned sizes[][2] = {{80, 25}, {80, 30}, {128, 48}, {120, 33}};

	(void)state;
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		fresh(NULL);
		plug_in(sizes[i][0], sizes[i][1]);
		add_many(94, OUTCOME_PASS, 1);
		add(499, OUTCOME_NONE);
		fake_current = &fake_experiments[94];
		for (unsigned n = 0; n < 13; n++) {
			char text[32];
			snprintf(text, sizeof(text), "# line %u\n", n);
			screen_write(text, strlen(text));
		}
		screen_write("LHV: ERROR\n", 11);
		summary_show(VERDICT_ERROR);
		assert_int_equal(find_row(" LHV: ERROR "), 0);
		assert_in_range(find_row("# line 0 "), 1, device.rows - 1);
		assert_in_range(find_row("# line 12 "), 1, device.rows - 1);
		assert_memory_equal(text_of_row(find_row("# line 12 ") + 1), "LHV: ERROR", 10);
		expect_tile(499, SCREEN_COLOURS(DARK_GREY, BLACK));
		assert_int_equal(has_code(), sizes[i][0] > 80);
	}
}

/* What happened is told by the text that is on the screen. */
static void without_results_the_text_stays(void **state)
{
	(void)state;
	screen_write("text", 4);
	summary_show(VERDICT_PASS);
	add(1, OUTCOME_NONE);
	summary_show(VERDICT_ERROR);
	assert_int_equal(find_row("text"), 0);
	plug_in(0, 0);
	add(2, OUTCOME_PASS);
	summary_show(VERDICT_PASS); /* no screen: nothing happens */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(outcomes_are_packed_in_pairs, fresh),
		cmocka_unit_test_setup(only_four_and_more_are_worth_a_count, fresh),
		cmocka_unit_test_setup(what_the_alphabet_lacks_is_a_full_stop, fresh),
		cmocka_unit_test_setup(a_buffer_that_is_too_small_is_not_overrun, fresh),
		cmocka_unit_test_setup(there_is_a_code_for_any_outcomes, fresh),
		cmocka_unit_test_setup(the_page_has_all_its_parts, fresh),
		cmocka_unit_test_setup(two_modules_are_a_cell, fresh),
		cmocka_unit_test_setup(every_number_is_on_the_page, fresh),
		cmocka_unit_test_setup(failures_that_have_no_room_are_counted, fresh),
		cmocka_unit_test_setup(an_error_keeps_its_text, fresh),
		cmocka_unit_test_setup(without_results_the_text_stays, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
