/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	UART_CLOCK = 115200, /* bauds at divisor 1 */
	UART_MAX = 8,
};

/* Where the eight registers of a UART are, one byte each: in I/O space or, if memory is not NULL,
 * there. */
struct uart_place {
	uint16_t port;
	volatile uint8_t *memory;
};

/*
 * One UART, and forget all others. 8 bits, no parity, 1 stop bit, FIFOs on, interrupts off. baud
 * must divide UART_CLOCK. False: port is 0, or no 16550 answers there; then uart_write does
 * nothing.
 */
bool uart_init(uint16_t port, unsigned baud);

/* Characters written: the slowest thing that a CPU which is well may be at. */
extern volatile unsigned uart_written;

/* One more, at most UART_MAX, which gets the same text. False: it does not answer. */
bool uart_add(struct uart_place place, unsigned baud);

/* Does a UART answer there? It is left unusable until it is added. */
bool uart_detect(struct uart_place place);

/* '\n' goes out as "\r\n". A UART that stays full loses text rather than hanging the kernel. */
void uart_write(const char *text, size_t length);

/* Has a character come in? Takes it, and all that came with it. */
bool uart_received(void);

/* Waits, for a bounded time, until the shift register is empty. */
void uart_flush(void);
