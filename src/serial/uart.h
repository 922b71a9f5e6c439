/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UART_CLOCK = 115200 }; /* bauds at divisor 1 */

/*
 * 8 bits, no parity, 1 stop bit, FIFOs on, interrupts off. baud must divide UART_CLOCK.
 * False: port is 0, or no 16550 answers there; then uart_write does nothing.
 */
bool uart_init(uint16_t port, unsigned baud);

/* Characters written: the slowest thing that a CPU which is well may be at. */
extern volatile unsigned uart_written;

/* '\n' goes out as "\r\n". A UART that stays full loses text rather than hanging the kernel. */
void uart_write(const char *text, size_t length);

/* Has a character come in? Takes it, and all that came with it. */
bool uart_received(void);

/* Waits, for a bounded time, until the shift register is empty. */
void uart_flush(void);
