/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/x86/pci.c */
/* What configuration space reads as is the bytes, again and again from their start. */
#include "x86/pci.h"

#include "fuzz.h"
#include "x86/io.h"

enum { ACCESSES = 200000, FUNCTIONS = 64 };

static const uint8_t *bytes;
static size_t bytes_count, at;
static unsigned accesses, functions;

static uint8_t next(void)
{
	return bytes_count ? bytes[at++ % bytes_count] : 0xff;
}

uint32_t inl(uint16_t port)
{
	(void)port;
	require(++accesses < ACCESSES * 16);
	uint32_t low = next(), value = low | (uint32_t)next() << 8 | (uint32_t)next() << 16;
	return value | (uint32_t)next() << 24;
}

uint16_t inw(uint16_t port)
{
	return (uint16_t)inl(port);
}

uint8_t inb(uint16_t port)
{
	return (uint8_t)inl(port);
}

void outl(uint16_t port, uint32_t value)
{
	(void)value;
	require(port == 0xcf8 || port == 0xcfc);
}

void outw(uint16_t port, uint16_t value)
{
	outl(port & ~3, value);
}

void outb(uint16_t port, uint8_t value)
{
	outl(port & ~3, value);
}

static void look_at(const struct pci_function *f)
{
	require(f->device < 32 && f->function < 8);
	if (functions++ >= FUNCTIONS)
		return;
	for (unsigned i = 0, then; i < 6; i = then) {
		pci_bar(f, i, &then);
		require(then > i && then <= 7);
	}
	pci_enable(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bytes = data;
	bytes_count = size;
	at = accesses = functions = 0;
	pci_walk(look_at);
	return 0;
}
