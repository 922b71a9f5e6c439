/* SPDX-License-Identifier: BSD-2-Clause */
#include "serial/uart.h"

#include "x86/io.h"

/* PC16550D data sheet, "Registers"; offsets from the base port. */
enum {
	DATA = 0,
	DIVISOR_LOW = 0, /* with LINE_DIVISOR_ACCESS */
	INTERRUPT_ENABLE = 1,
	DIVISOR_HIGH = 1, /* with LINE_DIVISOR_ACCESS */
	INTERRUPT_ID = 2,
	FIFO_CONTROL = 2,
	LINE_CONTROL = 3,
	MODEM_CONTROL = 4,
	LINE_STATUS = 5,
	MODEM_STATUS = 6,
	SCRATCH = 7,
};

enum {
	FIFO_ENABLE_AND_CLEAR = 0x07,
	ID_FIFOS_ENABLED = 0xc0,
	LINE_8N1 = 0x03,
	LINE_DIVISOR_ACCESS = 0x80,
	MODEM_DTR_RTS = 0x03,
	MODEM_LOOP_RTS_OUT2 = 0x1a,
	MODEM_LOOPED = 0x90, /* MODEM_STATUS then: CTS is RTS, DCD is OUT2 */
	STATUS_DATA_READY = 0x01,
	STATUS_LINE_BAD = 0x1e, /* overrun, parity, framing, break: noise, or a cable pulled */
	STATUS_HOLDING_EMPTY = 0x20,
	STATUS_ALL_EMPTY = 0x40,
};

enum {
	FIFO_DEPTH = 16,
	/* Reads of LINE_STATUS for one FIFO at divisor 1, 1.4 ms: 100 ms if one takes 1 us as on
	 * real machines, and still enough for an emulator whose I/O is as fast as its memory. */
	PATIENCE = 100000,
	PATIENCE_DIVISOR_MAX = 100,
};

volatile unsigned uart_written;

static struct {
	uint16_t port; /* 0: none */
	uint32_t patience;
	unsigned depth; /* characters that fit when STATUS_HOLDING_EMPTY is set */
	unsigned room;  /* of these, not used since */
	bool stuck;     /* has run into the bound; is now asked once per character */
} uart;

static bool keeps(uint16_t port, uint8_t value)
{
	outb((uint16_t)(port + SCRATCH), value);
	return inb((uint16_t)(port + SCRATCH)) == value;
}

static bool loops(uint16_t port)
{
	outb((uint16_t)(port + MODEM_CONTROL), MODEM_LOOP_RTS_OUT2);
	return (inb((uint16_t)(port + MODEM_STATUS)) & 0xf0) == MODEM_LOOPED;
}

/* An absent port reads as 0xff, or whatever was last on the bus: hence a test by two values, and
 * by registers that differ from what was written. */
static bool detect(uint16_t port)
{
	return keeps(port, 0x5a) && keeps(port, 0xa5) && loops(port) &&
	       inb((uint16_t)(port + LINE_STATUS)) != 0xff;
}

static void set_line(uint16_t port, unsigned divisor)
{
	outb((uint16_t)(port + INTERRUPT_ENABLE), 0);
	outb((uint16_t)(port + LINE_CONTROL), LINE_8N1 | LINE_DIVISOR_ACCESS);
	outb((uint16_t)(port + DIVISOR_LOW), (uint8_t)divisor);
	outb((uint16_t)(port + DIVISOR_HIGH), (uint8_t)(divisor >> 8));
	outb((uint16_t)(port + LINE_CONTROL), LINE_8N1);
	outb((uint16_t)(port + FIFO_CONTROL), FIFO_ENABLE_AND_CLEAR);
	outb((uint16_t)(port + MODEM_CONTROL), MODEM_DTR_RTS);
}

bool uart_init(uint16_t port, unsigned baud)
{
	uart.port = 0;
	if (!port || !detect(port))
		return false;

	unsigned divisor = UART_CLOCK / baud;
	unsigned slow = divisor < PATIENCE_DIVISOR_MAX ? divisor : PATIENCE_DIVISOR_MAX;

	set_line(port, divisor);
	uint8_t id = inb((uint16_t)(port + INTERRUPT_ID));
	uart.port = port;
	uart.patience = PATIENCE * slow;
	uart.depth = (id & ID_FIFOS_ENABLED) == ID_FIFOS_ENABLED ? FIFO_DEPTH : 1;
	uart.room = 0;
	uart.stuck = false;
	return true;
}

static bool wait_for(uint8_t status)
{
	uint32_t tries = uart.stuck ? 1 : uart.patience;

	while (tries--) {
		if (inb((uint16_t)(uart.port + LINE_STATUS)) & status) {
			uart.stuck = false;
			return true;
		}
	}
	uart.stuck = true;
	return false;
}

static void put(char c)
{
	if (!uart.room) {
		if (!wait_for(STATUS_HOLDING_EMPTY))
			return;
		uart.room = uart.depth;
	}
	uart.room--;
	outb((uint16_t)(uart.port + DATA), (uint8_t)c);
}

void uart_write(const char *text, size_t length)
{
	if (!uart.port)
		return;
	for (size_t i = 0; i < length; i++) {
		if (text[i] == '\n')
			put('\r');
		put(text[i]);
		uart_written++;
	}
}

bool uart_received(void)
{
	bool good = false;

	for (unsigned i = 0; uart.port && i < FIFO_DEPTH; i++) {
		uint8_t status = inb((uint16_t)(uart.port + LINE_STATUS));
		if (!(status & STATUS_DATA_READY))
			break;
		inb((uint16_t)(uart.port + DATA));
		good |= !(status & STATUS_LINE_BAD);
	}
	return good;
}

void uart_flush(void)
{
	if (uart.port)
		wait_for(STATUS_ALL_EMPTY);
}
