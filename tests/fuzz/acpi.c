/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/x86/acpi.c src/x86/acpi_tables.c src/x86/aml.c src/serial/print.c */
/* links: tests/unit/fake/console.c */
/*
 * The bytes are memory: its first part is where a BIOS has the RSDP, the rest the tables. Sums are
 * put right first, or nearly no input would come further than they.
 */
#include "x86/acpi.h"

#include "fuzz.h"
#include "x86/acpi_tables.h"
#include "x86/io.h"
#include "x86/tsc.h"

enum { TABLES = 0x1000, SIZE_MAX_ = 4096, CPUS = 16, COPIES = 512 };

static uint8_t memory[TABLES + SIZE_MAX_];
static uint8_t bios[1 << 20];
static size_t used;
static void *copies[COPIES];
static unsigned copies_count;

static void put_sum(uint8_t *at, size_t length, size_t where)
{
	uint8_t sum = 0;

	at[where] = 0;
	for (size_t i = 0; i < length; i++)
		sum = (uint8_t)(sum + at[i]);
	at[where] = (uint8_t)-sum;
}

/* A copy of exactly what was asked for. */
static void *fuzzed_memory(uint64_t physical, size_t size)
{
	if (physical < sizeof(bios) && physical >= 0x400)
		return size <= sizeof(bios) - physical ? bios + physical : NULL;
	physical -= sizeof(bios);
	if (physical >= used || size > used - physical || copies_count == COPIES)
		return NULL;
	if (size >= ACPI_HEADER_SIZE)
		put_sum(memory + physical, size, 9);
	return copies[copies_count++] = fuzz_copy(memory + physical, size, false);
}

uint16_t inw(uint16_t port)
{
	(void)port;
	return 1;
}

void outb(uint16_t port, uint8_t value)
{
	(void)port;
	(void)value;
}

void outw(uint16_t port, uint16_t value)
{
	(void)port;
	(void)value;
}

void outl(uint16_t port, uint32_t value)
{
	(void)port;
	(void)value;
}

static void ask_all(void)
{
	uint32_t ids[CPUS];
	unsigned found = 0, written = acpi_cpus(ids, CPUS, &found);

	require(written <= CPUS && written <= found);
	for (unsigned i = 0; i < written; i++)
		for (unsigned j = 0; j < i; j++)
			require(ids[i] != ids[j]);
	acpi_lapic_address();
	for (unsigned i = 0; i < 4; i++)
		acpi_io_apic(i);
	acpi_has_pic();
	acpi_hpet();
	acpi_pm_timer();
	require(!acpi_warning() || strlen(acpi_warning()) < 200);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t signature[] = "RSD PTR ";
	uint8_t *rsdp = bios + 0xf0000;

	used = size < sizeof(memory) ? size : sizeof(memory);
	memcpy(memory, data, used);
	memset(rsdp, 0, 36);
	memcpy(rsdp, data, used < 36 ? used : 36);
	memcpy(rsdp, signature, 8);
	put_sum(rsdp, 20, 8);
	put_sum(rsdp, 36, 32);
	acpi_memory = fuzzed_memory;
	acpi_init(NULL);
	ask_all();
	while (copies_count)
		free(copies[--copies_count]);
	return 0;
}
