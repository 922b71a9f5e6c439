/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/x86/ioapic.c */
#include "x86/ioapic.h"

#include "unit.h"
#include "x86/acpi.h"
#include "x86/io.h"
#include "x86/paging.h"

#include <string.h>

enum { COUNT = 2, INPUTS = 24, LAST = INPUTS - 1 };

/* Two of them, with registers behind a window. */
static struct ioapic {
	uint8_t memory[0x20];
	uint32_t selected, version, inputs[2 * INPUTS];
	unsigned writes;
} ioapics[COUNT];

static struct ioapic *owner(volatile const void *address, unsigned *offset)
{
	for (unsigned i = 0; i < COUNT; i++) {
		*offset = (unsigned)((const uint8_t *)address - ioapics[i].memory);
		if (*offset < sizeof(ioapics[i].memory))
			return &ioapics[i];
	}
	fail_msg("not an I/O APIC's address");
	return NULL;
}

uint32_t mmio_read(volatile const void *address)
{
	unsigned offset;
	struct ioapic *ioapic = owner(address, &offset);

	assert_int_equal(offset, 0x10);
	if (ioapic->selected == 1)
		return ioapic->version;
	assert_in_range(ioapic->selected, 0x10, 0x10 + 2 * INPUTS - 1);
	return ioapic->inputs[ioapic->selected - 0x10];
}

void mmio_write(volatile void *address, uint32_t value)
{
	unsigned offset;
	struct ioapic *ioapic = owner(address, &offset);

	if (offset == 0) {
		ioapic->selected = value;
		return;
	}
	assert_int_equal(offset, 0x10);
	assert_in_range(ioapic->selected, 0x10, 0x10 + 2 * INPUTS - 1);
	ioapic->inputs[ioapic->selected - 0x10] = value;
	ioapic->writes++;
}

uint32_t acpi_io_apic(unsigned index)
{
	return index < COUNT ? 0xfec00000 + index * 0x1000 : 0;
}

void *paging_map_device(uint64_t physical, size_t size)
{
	assert_int_equal(size, 0x20);
	return ioapics[(physical - 0xfec00000) / 0x1000].memory;
}

static int reset(void **state)
{
	(void)state;
	memset(ioapics, 0, sizeof(ioapics));
	for (unsigned i = 0; i < COUNT; i++)
		ioapics[i].version = LAST << 16 | 0x20;
	return 0;
}

static void every_input_is_masked_and_else_as_it_was(void **state)
{
	(void)state;
	ioapics[0].inputs[4] = 0x0440; /* an NMI */
	ioapics[0].inputs[5] = 0x01000000;
	ioapics[1].inputs[2 * LAST] = 0x10030; /* masked already */
	ioapic_mask_all();
	assert_int_equal(ioapics[0].inputs[4], 0x10440);
	assert_int_equal(ioapics[0].inputs[5], 0x01000000);
	assert_int_equal(ioapics[0].writes, INPUTS);
	assert_int_equal(ioapics[1].inputs[2 * LAST], 0x10030);
	assert_int_equal(ioapics[1].writes, INPUTS - 1);
}

static void one_that_is_not_there_is_left_alone(void **state)
{
	(void)state;
	ioapics[0].version = 0xffffffff;
	ioapic_mask_all();
	assert_int_equal(ioapics[0].writes, 0);
	assert_int_equal(ioapics[1].writes, INPUTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_input_is_masked_and_else_as_it_was, reset),
		cmocka_unit_test_setup(one_that_is_not_there_is_left_alone, reset),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
