/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/pci.h"

#include "x86/io.h"

enum {
	ADDRESS_PORT = 0xcf8,
	DATA_PORT = 0xcfc,
	BUSES = 256,
	DEVICES = 32,
	FUNCTIONS = 8,
	BARS = 6,
};

#define ENABLE (1U << 31)

/* Offsets of double words. */
enum {
	VENDOR = 0x00,
	COMMAND = 0x04,
	CLASS = 0x08,
	HEADER_TYPE = 0x0c, /* bits 23:16 */
	BAR_0 = 0x10,
};

enum {
	COMMAND_IO = 1 << 0,
	COMMAND_MEMORY = 1 << 1,
	MULTIFUNCTION = 1 << 23,
	TYPE_MASK = 0x7f0000, /* 0: an ordinary function, with six BARs */
	BAR_IO = 1 << 0,
	BAR_64 = 1 << 2,
};

static void select_register(const struct pci_function *f, unsigned offset)
{
	outl(ADDRESS_PORT, ENABLE | (uint32_t)f->bus << 16 | (uint32_t)f->device << 11 |
				   (uint32_t)f->function << 8 | offset);
}

static uint32_t read(const struct pci_function *f, unsigned offset)
{
	select_register(f, offset);
	return inl(DATA_PORT);
}

static void write(const struct pci_function *f, unsigned offset, uint32_t value)
{
	select_register(f, offset);
	outl(DATA_PORT, value);
}

/* False: nobody is there. */
static bool identify(struct pci_function *f)
{
	uint32_t id = read(f, VENDOR);

	f->vendor = (uint16_t)id;
	f->product = (uint16_t)(id >> 16);
	if (f->vendor == 0xffff)
		return false;
	f->class = read(f, CLASS) >> 8;
	return true;
}

static void walk_device(uint8_t bus, uint8_t device, void (*found)(const struct pci_function *))
{
	unsigned functions = 1;

	for (uint8_t i = 0; i < functions; i++) {
		struct pci_function f = {.bus = bus, .device = device, .function = i};
		if (!identify(&f)) {
			if (i)
				continue;
			return;
		}
		if (!i && read(&f, HEADER_TYPE) & MULTIFUNCTION)
			functions = FUNCTIONS;
		found(&f);
	}
}

/* All buses, not only those behind bridges: a server's other root buses have none. */
bool pci_walk(void (*found)(const struct pci_function *function))
{
	outl(ADDRESS_PORT, ENABLE);
	if (inl(ADDRESS_PORT) != ENABLE)
		return false;
	for (unsigned bus = 0; bus < BUSES; bus++)
		for (unsigned device = 0; device < DEVICES; device++)
			walk_device((uint8_t)bus, (uint8_t)device, found);
	return true;
}

/* What of all ones a register keeps; it is as before afterwards. */
static uint32_t probe(const struct pci_function *f, unsigned offset)
{
	uint32_t before = read(f, offset);

	write(f, offset, UINT32_MAX);
	uint32_t kept = read(f, offset);
	write(f, offset, before);
	return kept;
}

/* I/O addresses have 16 bits; the upper half of the register may be hardwired to 0. */
static struct pci_bar io_bar(uint32_t value, uint32_t kept)
{
	uint32_t bits = kept & 0xfffc;

	return (struct pci_bar){true, value & 0xfffc, bits ? (uint16_t)(~bits + 1) : 0};
}

static struct pci_bar memory_bar(uint64_t value, uint64_t kept)
{
	uint64_t bits = kept & ~0xfULL;

	return (struct pci_bar){false, value & ~0xfULL, bits ? ~bits + 1 : 0};
}

/* While a register is probed it decodes addresses that are others': so decoding is off. */
struct pci_bar pci_bar(const struct pci_function *f, unsigned index, unsigned *next)
{
	unsigned offset = BAR_0 + 4 * index;
	uint32_t command = read(f, COMMAND), value = read(f, offset);

	*next = index + 1;
	if (index >= BARS || read(f, HEADER_TYPE) & TYPE_MASK)
		return (struct pci_bar){0};
	write(f, COMMAND, command & 0xffff & ~(uint32_t)(COMMAND_IO | COMMAND_MEMORY));
	uint64_t wide = value, kept = probe(f, offset);
	if (!(value & BAR_IO)) {
		bool is_64 = value & BAR_64 && index + 1 < BARS;
		wide |= is_64 ? (uint64_t)read(f, offset + 4) << 32 : 0;
		kept |= is_64 ? (uint64_t)probe(f, offset + 4) << 32 : UINT64_MAX << 32;
		*next += is_64;
	}
	write(f, COMMAND, command & 0xffff); /* the upper half are status bits that a 1 clears */
	if (value & BAR_IO)
		return io_bar(value, (uint32_t)kept);
	return (uint32_t)kept ? memory_bar(wide, kept) : (struct pci_bar){0};
}

void pci_enable(const struct pci_function *f)
{
	write(f, COMMAND, (read(f, COMMAND) & 0xffff) | COMMAND_IO | COMMAND_MEMORY);
}
