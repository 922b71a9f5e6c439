/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/serial/console.c src/serial/debugport.c src/serial/uart.c */
/* links: src/serial/screen.c src/serial/vga.c src/serial/framebuffer.c src/serial/font.c */
/* links: tests/unit/fake/paging.c */
#include "serial/console.h"

#include "serial/debugport.h"
#include "x86/cpu.h"
#include "serial/screen.h"
#include "serial/uart.h"
#include "unit.h"
#include "x86/io.h"
#include "x86/tsc.h"

#include <string.h>
#include <sys/mman.h>

enum { COM = 0x3f8, FIFO = 16, VIDEO = 0xb8000, ROWS = 25, COLUMNS = 80 };

/* Nobody else writes: no time passes. */
bool tsc_wait_for(bool (*done)(void), uint32_t timeout_us)
{
	(void)timeout_us;
	return done();
}

/* --- a 16550, a debug port and a cursor --- */

static struct {
	bool present;
	bool no_scratch, no_loop;
	bool full_for_ever; /* never says that it is empty */
	bool has_fifo;
	uint8_t interrupt_enable, fifo_control, line_control, modem_control, scratch;
	uint16_t divisor;
	unsigned fill; /* characters in the FIFO */
	unsigned lost; /* came when it was full */
	unsigned status_reads;
	char text[512];
	unsigned length;
} uart;

static struct {
	bool present;
	char text[512];
	unsigned length;
} debug;

static uint8_t cursor[2];

static uint8_t read_line_status(void)
{
	uart.status_reads++;
	if (uart.full_for_ever)
		return 0;
	if (uart.status_reads % 4 == 0) /* as if time went by */
		uart.fill = 0;
	return uart.fill ? 0 : 0x60;
}

static uint8_t read_uart(unsigned reg)
{
	switch (reg) {
	case 2:
		return uart.has_fifo && uart.fifo_control & 1 ? 0xc1 : 0x01;
	case 5:
		return read_line_status();
	case 6: /* RTS and OUT2 come back as CTS and DCD */
		if (uart.modem_control & 0x10 && !uart.no_loop)
			return (uint8_t)((uart.modem_control & 2) << 3 | (uart.modem_control & 8)
										 << 4);
		return 0;
	case 7:
		return uart.no_scratch ? 0x5a : uart.scratch;
	default:
		fail();
		return 0;
	}
}

static void transmit(uint8_t value)
{
	if (uart.fill >= (uart.has_fifo ? FIFO : 1)) {
		uart.lost++;
		return;
	}
	uart.fill++;
	uart.text[uart.length++] = (char)value;
}

static void write_uart(unsigned reg, uint8_t value)
{
	bool divisor = uart.line_control & 0x80;

	if (reg == 0 && divisor)
		uart.divisor = (uint16_t)((uart.divisor & 0xff00) | value);
	else if (reg == 1 && divisor)
		uart.divisor = (uint16_t)((uart.divisor & 0xff) | value << 8);
	else if (reg == 0)
		transmit(value);
	else if (reg == 1)
		uart.interrupt_enable = value;
	else if (reg == 2)
		uart.fifo_control = value;
	else if (reg == 3)
		uart.line_control = value;
	else if (reg == 4)
		uart.modem_control = value;
	else if (reg == 7)
		uart.scratch = value;
}

static const char *below = "bare metal";

const char *cpu_hypervisor(void)
{
	return below;
}

uint8_t inb(uint16_t port)
{
	if (port == 0xe9)
		return debug.present ? 0xe9 : 0xff;
	if (uart.present && port >= COM && port < COM + 8)
		return read_uart(port - COM);
	return 0xff;
}

void outb(uint16_t port, uint8_t value)
{
	if (port == 0xe9)
		debug.text[debug.length++] = (char)value;
	else if (uart.present && port >= COM && port < COM + 8)
		write_uart(port - COM, value);
}

void outw(uint16_t port, uint16_t value)
{
	assert_int_equal(port, 0x3d4);
	assert_in_range(value & 0xff, 0x0e, 0x0f);
	cursor[(value & 0xff) - 0x0e] = (uint8_t)(value >> 8);
}

static const struct boot_info bios = {.firmware = "BIOS"}, uefi = {.firmware = "UEFI"};

static int plug_in(void **state)
{
	(void)state;
	memset(&uart, 0, sizeof(uart));
	memset(&debug, 0, sizeof(debug));
	uart.present = uart.has_fifo = true;
	uart.interrupt_enable = 0xff;
	screen_init(&uefi);
	return 0;
}

static void say(const char *text)
{
	console_write(text, strlen(text));
}

/* --- the UART --- */

static void the_line_is_set_up(void **state)
{
	(void)state;
	assert_true(uart_init(COM, 9600));
	assert_int_equal(uart.divisor, 12);
	assert_int_equal(uart.line_control, 3);
	assert_int_equal(uart.interrupt_enable, 0);
	assert_int_equal(uart.fifo_control & 1, 1);
	assert_int_equal(uart.modem_control, 3); /* out of the loop */
	assert_true(uart_init(COM, 300));
	assert_int_equal(uart.divisor, 384);
}

static void text_comes_out_whole_with_and_without_fifo(void **state)
{
	(void)state;
	for (unsigned fifo = 0; fifo < 2; fifo++) {
		plug_in(NULL);
		uart.has_fifo = fifo;
		console_init(COM, 115200);
		say("a line of more than sixteen characters\nb\n");
		assert_string_equal(uart.text, "a line of more than sixteen characters\r\nb\r\n");
		assert_int_equal(uart.lost, 0);
		/* Each read is an exit below a hypervisor: one wait fills the FIFO. */
		assert_true(!fifo || uart.status_reads < 20);
		console_flush();
		assert_int_equal(uart.fill, 0);
	}
}

static void no_uart_no_text_no_hang(void **state)
{
	(void)state;
	uart.present = false;
	assert_false(uart_init(COM, 115200));
	say("lost");
	console_flush();
	assert_false(uart_init(0, 115200));
	uart.present = uart.no_scratch = true;
	assert_false(uart_init(COM, 115200));
	uart.no_scratch = false;
	uart.no_loop = true;
	assert_false(uart_init(COM, 115200));
	assert_int_equal(uart.length, 0);
	uart.no_loop = false;
	assert_true(uart_init(COM, 115200));
	assert_false(uart_init(COM + 0x100, 115200)); /* the old one is let go */
	say("lost");
	assert_int_equal(uart.length, 0);
}

static void a_stuck_uart_costs_one_wait_and_recovers(void **state)
{
	(void)state;
	console_init(COM, 115200);
	uart.full_for_ever = true;
	say("12345678901234567890");
	assert_int_equal(uart.length, 0);
	unsigned reads = uart.status_reads;
	assert_true(reads > 1000); /* patient once */
	say("12345678901234567890");
	assert_in_range(uart.status_reads - reads, 1, 20);
	uart.full_for_ever = false;
	say("back\n");
	assert_string_equal(uart.text, "back\r\n");
}

/* --- the debug port --- */

static void the_debug_port_is_used_if_it_answers(void **state)
{
	(void)state;
	debug.present = true;
	console_init(COM, 115200);
	debugport_crumb("13.2;");
	assert_int_equal(uart.length, 0);
	say("x\n");
	assert_string_equal(debug.text, "13.2;\nx\n");
	assert_string_equal(uart.text, "x\r\n");
	debug.present = false;
	console_init(COM, 115200);
	debugport_crumb("lost");
	say("lost");
	assert_string_equal(debug.text, "13.2;\nx\n");
	below = "XenVMMXenVMM"; /* which may not let it be read */
	console_init(COM, 115200);
	debugport_crumb("\n@1"); /* and shows whole lines only */
	debugport_crumb(" kept");
	assert_string_equal(debug.text, "13.2;\nx\n\n@1\n kept");
	below = "bare metal";
}

/* --- the screen: its memory is at the same address here --- */

static volatile uint16_t *const video = (volatile uint16_t *)VIDEO;

static int map_screen(void **state)
{
	plug_in(state);
	void *at = mmap((void *)VIDEO, 8192, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (at != (void *)VIDEO)
		return -1;
	memset(at, 'x', 8192);
	screen_init(&bios);
	return 0;
}

static int unmap_screen(void **state)
{
	(void)state;
	screen_init(&uefi);
	return munmap((void *)VIDEO, 8192);
}

static void expect_row(unsigned row, const char *text)
{
	char shown[COLUMNS + 1] = {0}, expected[COLUMNS + 1];

	memset(expected, ' ', COLUMNS);
	memcpy(expected, text, strlen(text));
	expected[COLUMNS] = 0;
	for (unsigned i = 0; i < COLUMNS; i++) {
		assert_int_equal(video[row * COLUMNS + i] >> 8, 7);
		shown[i] = (char)video[row * COLUMNS + i];
	}
	assert_string_equal(shown, expected);
}

static void expect_cursor(unsigned row, unsigned column)
{
	assert_int_equal(cursor[0] << 8 | cursor[1], row * COLUMNS + column);
}

static void the_screen_is_cleared_and_written(void **state)
{
	(void)state;
	for (unsigned row = 0; row < ROWS; row++)
		expect_row(row, "");
	assert_int_equal(video[ROWS * COLUMNS], 'x' << 8 | 'x'); /* not ours */
	expect_cursor(0, 0);
	say("abc\nxyz\rX\tT");
	expect_row(0, "abc");
	expect_row(1, "Xyz     T");
	expect_cursor(1, 9);
}

static void long_lines_wrap(void **state)
{
	char line[COLUMNS + 3];

	(void)state;
	memset(line, 'l', sizeof(line) - 1);
	line[sizeof(line) - 1] = 0;
	say(line);
	line[COLUMNS] = 0;
	expect_row(0, line);
	expect_row(1, "ll");
}

static void a_full_screen_scrolls(void **state)
{
	(void)state;
	for (unsigned i = 0; i < ROWS + 5; i++) {
		char line[3] = {(char)('a' + i % 26), '\n'};
		say(line);
	}
	for (unsigned row = 0; row < ROWS - 1; row++) {
		char line[2] = {(char)('a' + (row + 6) % 26)};
		expect_row(row, line);
	}
	expect_row(ROWS - 1, "");
	expect_cursor(ROWS - 1, 0);
	assert_int_equal(video[ROWS * COLUMNS], 'x' << 8 | 'x');
}

static void an_unchanged_cell_is_not_written(void **state)
{
	(void)state;
	say("a");
	video[0] = 'o';
	say("b");
	assert_int_equal(video[0], 'o');
	assert_int_equal(video[1], 0x700 | 'b');
}

static void without_a_text_mode_the_memory_is_left_alone(void **state)
{
	(void)state;
	screen_init(&uefi);
	video[0] = 'o';
	say("a");
	assert_int_equal(video[0], 'o');
}

static void lines_that_matter_are_coloured_when_they_end(void **state)
{
	(void)state;
	say("ok 1\nnot ok 2");
	assert_int_equal(video[COLUMNS], 0x700 | 'n');
	say("\n# warning: x\nLHV: PASS\nLHV: FAIL\nnot\n");
	assert_int_equal(video[0], 0x700 | 'o');
	assert_int_equal(video[COLUMNS], BRIGHT_RED << 8 | 'n');
	assert_int_equal(video[COLUMNS + 7], BRIGHT_RED << 8 | '2');
	assert_int_equal(video[2 * COLUMNS], YELLOW << 8 | '#');
	assert_int_equal(video[3 * COLUMNS + 8], BRIGHT_GREEN << 8 | 'S');
	assert_int_equal(video[4 * COLUMNS], BRIGHT_RED << 8 | 'L');
	assert_int_equal(video[5 * COLUMNS], 0x700 | 'n');
}

static void a_line_that_wraps_and_scrolls_is_coloured_whole(void **state)
{
	char line[2 * COLUMNS + 2] = "not ok ";

	(void)state;
	memset(line + 7, 'x', sizeof(line) - 9);
	line[sizeof(line) - 2] = '\n';
	for (unsigned i = 0; i < ROWS; i++)
		say("\n");
	say(line);
	assert_int_equal(video[(ROWS - 4) * COLUMNS], BRIGHT_RED << 8 | 'n');
	assert_int_equal(video[(ROWS - 2) * COLUMNS - 1], BRIGHT_RED << 8 | 'x');
	assert_int_equal(video[(ROWS - 2) * COLUMNS], SCREEN_BLANK);
}

static void a_page_replaces_the_text_and_text_goes_on_below(void **state)
{
	(void)state;
	say("old\n");
	screen_clear();
	screen_put(COLUMNS - 2, 1, SCREEN_COLOURS(WHITE, RED), "abc");
	screen_put_cell(0, ROWS, 7, 'x');
	assert_int_equal(video[0], 0x700 | 'o'); /* not before it is shown */
	screen_show();
	expect_row(0, "");
	assert_int_equal(video[2 * COLUMNS - 1], 0x4f00 | 'b');
	assert_int_equal(video[2 * COLUMNS], SCREEN_BLANK);
	expect_cursor(ROWS, 0);
	say("more");
	assert_int_equal(video[COLUMNS - 1], 0x4f00 | 'b');
	expect_row(ROWS - 1, "more");
}

#define SCREEN_TEST(function) cmocka_unit_test_setup_teardown(function, map_screen, unmap_screen)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_line_is_set_up, plug_in),
		cmocka_unit_test_setup(text_comes_out_whole_with_and_without_fifo, plug_in),
		cmocka_unit_test_setup(no_uart_no_text_no_hang, plug_in),
		cmocka_unit_test_setup(a_stuck_uart_costs_one_wait_and_recovers, plug_in),
		cmocka_unit_test_setup(the_debug_port_is_used_if_it_answers, plug_in),
		SCREEN_TEST(the_screen_is_cleared_and_written),
		SCREEN_TEST(long_lines_wrap),
		SCREEN_TEST(a_full_screen_scrolls),
		SCREEN_TEST(an_unchanged_cell_is_not_written),
		SCREEN_TEST(without_a_text_mode_the_memory_is_left_alone),
		SCREEN_TEST(lines_that_matter_are_coloured_when_they_end),
		SCREEN_TEST(a_line_that_wraps_and_scrolls_is_coloured_whole),
		SCREEN_TEST(a_page_replaces_the_text_and_text_goes_on_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
