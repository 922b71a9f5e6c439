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

struct uart {
	struct uart_place place;
	uint32_t patience;
	unsigned depth; /* characters that fit when STATUS_HOLDING_EMPTY is set */
	unsigned room;  /* of these, not used since */
	bool stuck;     /* has run into the bound; is now asked once per character */
};

static struct uart uarts[UART_MAX];
static unsigned count;

static uint8_t get(const struct uart_place *place, unsigned reg)
{
	return place->memory ? place->memory[reg] : inb((uint16_t)(place->port + reg));
}

static void set(const struct uart_place *place, unsigned reg, uint8_t value)
{
	if (place->memory)
		place->memory[reg] = value;
	else
		outb((uint16_t)(place->port + reg), value);
}

static bool keeps(const struct uart_place *place, uint8_t value)
{
	set(place, SCRATCH, value);
	return get(place, SCRATCH) == value;
}

static bool loops(const struct uart_place *place)
{
	set(place, MODEM_CONTROL, MODEM_LOOP_RTS_OUT2);
	return (get(place, MODEM_STATUS) & 0xf0) == MODEM_LOOPED;
}

/* An absent port reads as 0xff, or whatever was last on the bus: hence a test by two values, and
 * by registers that differ from what was written. */
bool uart_detect(struct uart_place place)
{
	return keeps(&place, 0x5a) && keeps(&place, 0xa5) && loops(&place) &&
	       get(&place, LINE_STATUS) != 0xff;
}

static void set_line(const struct uart_place *place, unsigned divisor)
{
	set(place, INTERRUPT_ENABLE, 0);
	set(place, LINE_CONTROL, LINE_8N1 | LINE_DIVISOR_ACCESS);
	set(place, DIVISOR_LOW, (uint8_t)divisor);
	set(place, DIVISOR_HIGH, (uint8_t)(divisor >> 8));
	set(place, LINE_CONTROL, LINE_8N1);
	set(place, FIFO_CONTROL, FIFO_ENABLE_AND_CLEAR);
	set(place, MODEM_CONTROL, MODEM_DTR_RTS);
}

bool uart_add(struct uart_place place, unsigned baud)
{
	if (count == UART_MAX || !uart_detect(place))
		return false;

	unsigned divisor = UART_CLOCK / baud;
	unsigned slow = divisor < PATIENCE_DIVISOR_MAX ? divisor : PATIENCE_DIVISOR_MAX;

	set_line(&place, divisor);
	uint8_t id = get(&place, INTERRUPT_ID);
	uarts[count++] = (struct uart){
		.place = place,
		.patience = PATIENCE * slow,
		.depth = (id & ID_FIFOS_ENABLED) == ID_FIFOS_ENABLED ? FIFO_DEPTH : 1,
	};
	return true;
}

bool uart_init(uint16_t port, unsigned baud)
{
	count = 0;
	return port && uart_add((struct uart_place){.port = port}, baud);
}

static bool wait_for(struct uart *uart, uint8_t status)
{
	uint32_t tries = uart->stuck ? 1 : uart->patience;

	while (tries--) {
		if (get(&uart->place, LINE_STATUS) & status) {
			uart->stuck = false;
			return true;
		}
	}
	uart->stuck = true;
	return false;
}

static void put_to(struct uart *uart, char c)
{
	if (!uart->room) {
		if (!wait_for(uart, STATUS_HOLDING_EMPTY))
			return;
		uart->room = uart->depth;
	}
	uart->room--;
	set(&uart->place, DATA, (uint8_t)c);
}

/* Character by character to all of them: they send at the same time. */
static void put(char c)
{
	for (unsigned i = 0; i < count; i++)
		put_to(&uarts[i], c);
}

void uart_write(const char *text, size_t length)
{
	for (size_t i = 0; count && i < length; i++) {
		if (text[i] == '\n')
			put('\r');
		put(text[i]);
		uart_written++;
	}
}

static bool received(const struct uart_place *place)
{
	bool good = false;

	for (unsigned i = 0; i < FIFO_DEPTH; i++) {
		uint8_t status = get(place, LINE_STATUS);
		if (!(status & STATUS_DATA_READY))
			break;
		get(place, DATA);
		good |= !(status & STATUS_LINE_BAD);
	}
	return good;
}

bool uart_received(void)
{
	bool good = false;

	for (unsigned i = 0; i < count; i++)
		good |= received(&uarts[i].place);
	return good;
}

void uart_flush(void)
{
	for (unsigned i = 0; i < count; i++)
		wait_for(&uarts[i], STATUS_ALL_EMPTY);
}
