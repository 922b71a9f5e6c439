/* SPDX-License-Identifier: BSD-2-Clause */
#include "serial/console.h"

#include <stdbool.h>

#include "serial/debugport.h"
#include "serial/uart.h"
#include "serial/screen.h"

/* A sink that has not been found ignores what it is given. The fast ones first: they show most of
 * a text whose printing kills the machine. */
static void (*const sinks[])(const char *text, size_t length) = {
	debugport_write,
	screen_write,
	uart_write,
};

void console_init(uint16_t com_port, unsigned baud)
{
	debugport_init();
	uart_init(com_port, baud);
}

static volatile bool in_line;

void console_write(const char *text, size_t length)
{
	if (length)
		in_line = text[length - 1] != '\n';
	for (size_t i = 0; i < sizeof(sinks) / sizeof(sinks[0]); i++)
		sinks[i](text, length);
}

void console_end_line(void)
{
	if (in_line)
		console_write("\n", 1);
}

void console_flush(void)
{
	uart_flush();
}
