/* SPDX-License-Identifier: BSD-2-Clause */
#include "serial/console.h"

#include <stdbool.h>

#include "serial/debugport.h"
#include "serial/uart.h"
#include "serial/screen.h"
#include "x86/cpu.h"
#include "x86/insn.h"

#define PATIENCE 1000000 /* turns without a character of another CPU */

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
static struct cpu *writer; /* of the line that has no end yet */

/* A line is one CPU's, and one that does not go on with its line has died. */
static void take_line(void)
{
	struct cpu *me = cpu_self();
	unsigned written = uart_written;

	for (unsigned turn = 0; turn < PATIENCE; turn++) {
		struct cpu *now = __atomic_load_n(&writer, __ATOMIC_SEQ_CST);
		if (now == me ||
		    (!now && __atomic_compare_exchange_n(&writer, &now, me, false, __ATOMIC_SEQ_CST,
							 __ATOMIC_SEQ_CST)))
			return;
		turn = written == uart_written ? turn : 0;
		written = uart_written;
		pause();
	}
	__atomic_store_n(&writer, me, __ATOMIC_SEQ_CST);
}

void console_write(const char *text, size_t length)
{
	if (!length)
		return;
	take_line();
	in_line = text[length - 1] != '\n';
	for (size_t i = 0; i < sizeof(sinks) / sizeof(sinks[0]); i++)
		sinks[i](text, length);
	if (!in_line)
		__atomic_store_n(&writer, NULL, __ATOMIC_SEQ_CST);
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
