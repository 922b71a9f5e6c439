/* SPDX-License-Identifier: BSD-2-Clause */
#include "serial/console.h"

#include <stdbool.h>

#include "serial/debugport.h"
#include "serial/uart.h"
#include "serial/screen.h"
#include "x86/cpu.h"
#include "x86/insn.h"
#include "x86/tsc.h"

#define SILENCE_US 500000 /* without a character: at 9600 baud a FIFO takes 17 ms */

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

static bool line_is_mine(void)
{
	struct cpu *me = cpu_self(), *now = __atomic_load_n(&writer, __ATOMIC_SEQ_CST);

	return now == me ||
	       (!now && __atomic_compare_exchange_n(&writer, &now, me, false, __ATOMIC_SEQ_CST,
						    __ATOMIC_SEQ_CST));
}

/* A line is one CPU's, and one that does not go on with its line has died. Who waits for it must
 * not be taken for dead meanwhile (crew.c). */
static void take_line(void)
{
	unsigned written;

	if (line_is_mine())
		return;
	do
		written = uart_written;
	while (!tsc_wait_for(line_is_mine, SILENCE_US) && written != uart_written);
	__atomic_store_n(&writer, cpu_self(), __ATOMIC_SEQ_CST);
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
