/* SPDX-License-Identifier: BSD-2-Clause */
#include "serial/keys.h"

#include "serial/uart.h"
#include "x86/io.h"

/* The keyboard's controller, the 8042. */
enum {
	PORT_DATA = 0x60,
	PORT_STATUS = 0x64,
	STATUS_OUTPUT_FULL = 0x01,
	STATUS_FROM_MOUSE = 0x20,
	SCAN_RELEASED = 0x80, /* set 1: also in the prefixes E0 and E1, and the answer FA */
	NOTHING_THERE = 0xff,
	CODES_MAX = 64, /* in one call: a controller that is not one may be full for ever */
};

/* The release of the key that started us is no key pressed. */
static bool on_keyboard(void)
{
	bool pressed = false;

	for (unsigned i = 0; i < CODES_MAX; i++) {
		uint8_t status = inb(PORT_STATUS);
		if (status == NOTHING_THERE || !(status & STATUS_OUTPUT_FULL))
			break;
		uint8_t code = inb(PORT_DATA);
		pressed |= !(status & STATUS_FROM_MOUSE) && !(code & SCAN_RELEASED);
	}
	return pressed;
}

bool keys_pressed(void)
{
	bool keyboard = on_keyboard(), line = uart_received();

	return keyboard || line;
}
