/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/serial/keys.c src/serial/uart.c */
#include "serial/keys.h"

#include "serial/uart.h"
#include "unit.h"
#include "x86/io.h"

#include <string.h>

enum { COM = 0x3f8 };

/* --- an 8042 and a 16550, each with what is to be read from it --- */

static struct {
	bool present, full_for_ever;
	uint8_t status; /* beside the output buffer's bit */
	uint8_t codes[80];
	unsigned count, taken;
} keyboard;

static struct {
	uint8_t status; /* of what is received */
	unsigned received, taken;
	uint8_t scratch, modem_control;
} uart;

static uint8_t read_keyboard(uint16_t port)
{
	bool full = keyboard.taken < keyboard.count || keyboard.full_for_ever;

	if (!keyboard.present)
		return 0xff;
	if (port == 0x64)
		return (uint8_t)(keyboard.status | full);
	keyboard.taken++;
	return full && keyboard.taken <= keyboard.count ? keyboard.codes[keyboard.taken - 1] : 0x80;
}

static uint8_t read_uart(unsigned reg)
{
	switch (reg) {
	case 0:
		uart.taken++;
		return 'x';
	case 5:
		return (uint8_t)(0x60 | (uart.taken < uart.received ? uart.status : 0));
	case 6:
		return (uint8_t)((uart.modem_control & 2) << 3 | (uart.modem_control & 8) << 4);
	case 7:
		return uart.scratch;
	default:
		return 0;
	}
}

uint8_t inb(uint16_t port)
{
	return port < COM ? read_keyboard(port) : read_uart(port - COM);
}

void outb(uint16_t port, uint8_t value)
{
	if (port == COM + 4)
		uart.modem_control = value;
	if (port == COM + 7)
		uart.scratch = value;
}

static int plug_in(void **state)
{
	(void)state;
	memset(&keyboard, 0, sizeof(keyboard));
	memset(&uart, 0, sizeof(uart));
	keyboard.present = true;
	return !uart_init(COM, 115200);
}

static void type(const char *codes)
{
	keyboard.count = (unsigned)strlen(codes);
	keyboard.taken = 0;
	memcpy(keyboard.codes, codes, keyboard.count);
}

/* --- tests --- */

static void a_key_counts_once(void **state)
{
	(void)state;
	assert_false(keys_pressed());
	type("\x1e");
	assert_true(keys_pressed());
	assert_false(keys_pressed());
}

/* Of the key that chose the menu's entry, say. */
static void a_release_does_not_count(void **state)
{
	(void)state;
	type("\x9c\xe0\xaa\xfa");
	assert_false(keys_pressed());
	assert_int_equal(keyboard.taken, 4);
	type("\x9c\xe0\x48");
	assert_true(keys_pressed());
}

static void the_mouse_does_not_count(void **state)
{
	(void)state;
	keyboard.status = 0x20;
	type("\x08\x01\x02");
	assert_false(keys_pressed());
	assert_int_equal(keyboard.taken, 3);
}

static void without_a_keyboard_none_is_read(void **state)
{
	(void)state;
	keyboard.present = false;
	type("\x1e");
	assert_false(keys_pressed());
	assert_int_equal(keyboard.taken, 0);
}

static void a_controller_full_for_ever_does_not_hang(void **state)
{
	(void)state;
	keyboard.full_for_ever = true;
	assert_false(keys_pressed());
}

static void a_character_counts_once(void **state)
{
	(void)state;
	uart.status = 0x01;
	uart.received = 3;
	assert_true(keys_pressed());
	assert_int_equal(uart.taken, 3);
	assert_false(keys_pressed());
}

static void noise_on_the_line_does_not_count(void **state)
{
	(void)state;
	uart.received = 1;
	for (uint8_t error = 0x02; error <= 0x10; error = (uint8_t)(error << 1)) {
		uart.taken = 0;
		uart.status = (uint8_t)(0x01 | error);
		assert_false(keys_pressed());
		assert_int_equal(uart.taken, 1);
	}
}

/* Both are asked: what one holds must not be there when it is asked again. */
static void both_are_emptied(void **state)
{
	(void)state;
	type("\x1e");
	uart.status = 0x01;
	uart.received = 1;
	assert_true(keys_pressed());
	assert_false(keys_pressed());
}

static void without_a_uart_none_is_read(void **state)
{
	(void)state;
	uart_init(0, 115200);
	uart.status = 0x01;
	uart.received = 1;
	assert_false(keys_pressed());
	assert_int_equal(uart.taken, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_key_counts_once, plug_in),
		cmocka_unit_test_setup(a_release_does_not_count, plug_in),
		cmocka_unit_test_setup(the_mouse_does_not_count, plug_in),
		cmocka_unit_test_setup(without_a_keyboard_none_is_read, plug_in),
		cmocka_unit_test_setup(a_controller_full_for_ever_does_not_hang, plug_in),
		cmocka_unit_test_setup(a_character_counts_once, plug_in),
		cmocka_unit_test_setup(noise_on_the_line_does_not_count, plug_in),
		cmocka_unit_test_setup(both_are_emptied, plug_in),
		cmocka_unit_test_setup(without_a_uart_none_is_read, plug_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
