/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/ioapic.h"

#include <stddef.h>
#include <stdint.h>

#include "x86/acpi.h"
#include "x86/io.h"
#include "x86/paging.h"

/* Two registers in memory select one of many and are a window to it. */
enum {
	SELECT = 0x00,
	WINDOW = 0x10,
	SIZE = 0x20,
	IDENTITY = 0x01,    /* the version; bits 23:16: the last input */
	REDIRECTION = 0x10, /* two for each input, the lower half first */
	INPUTS_MAX = 240,
};

#define MASKED (1U << 16)

static uint32_t read(volatile uint8_t *ioapic, uint32_t r)
{
	mmio_write(ioapic + SELECT, r);
	return mmio_read(ioapic + WINDOW);
}

static void write(volatile uint8_t *ioapic, uint32_t r, uint32_t value)
{
	mmio_write(ioapic + SELECT, r);
	mmio_write(ioapic + WINDOW, value);
}

/* Where nothing is, all bits read as 1. */
static void mask(volatile uint8_t *ioapic)
{
	uint32_t version = read(ioapic, IDENTITY), last = version >> 16 & 0xff;

	if (version == UINT32_MAX || last >= INPUTS_MAX)
		return;
	for (uint32_t i = 0; i <= last; i++) {
		uint32_t value = read(ioapic, REDIRECTION + 2 * i);
		if (!(value & MASKED))
			write(ioapic, REDIRECTION + 2 * i, value | MASKED);
	}
}

void ioapic_mask_all(void)
{
	uint32_t address;

	for (unsigned i = 0; (address = acpi_io_apic(i)); i++) {
		void *registers = paging_map_device(address, SIZE);
		if (registers)
			mask(registers);
	}
}
