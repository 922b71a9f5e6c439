/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/nested_paging.h"

#define ENTRIES   512
#define PAGE_BITS 12
#define REGION    0x200000UL /* what a large page maps, and a table of pages */
#define SPLITS    8

/* SDM Vol. 3 tables "Format of an EPT Page-Directory Entry …": read, write, execute; memory type
 * write-back in bits 5:3 of an entry that maps a page; bit 7: a large page. */
#define EPT_RWX   0x07
#define EPT_WB    (6 << 3)
#define EPT_LARGE 0x80

/* APM Vol. 2 "Nested Paging": ordinary entries, walked as user accesses. */
#define NPT_PWU   0x07
#define NPT_LARGE 0x80

const struct nested_format nested_ept = {
	.table = EPT_RWX,
	.top = EPT_RWX,
	.page = EPT_RWX | EPT_WB,
	.large_page = EPT_RWX | EPT_WB | EPT_LARGE,
	.levels = 4,
};

/* NPT is walked in the host's own paging mode; PAE's top entries have only a present bit. */
const struct nested_format nested_npt = {
	.table = NPT_PWU,
	.top = sizeof(long) == 8 ? NPT_PWU : 1,
	.page = NPT_PWU,
	.large_page = NPT_PWU | NPT_LARGE,
	.levels = sizeof(long) == 8 ? 4 : 3,
};

typedef uint64_t page_table[ENTRIES] __attribute__((aligned(4096)));

static page_table root, regions_1g, directories[4], splits[SPLITS];
static uintptr_t split_base[SPLITS];
static unsigned split_count;
static const struct nested_format *format;

static uint64_t address_of(const page_table *table)
{
	return (uintptr_t)table;
}

static void fill(page_table table, uint64_t first, uint64_t step, uint64_t bits, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		table[i] = (first + i * step) | bits;
}

uint64_t nested_init(const struct nested_format *wanted)
{
	format = wanted;
	split_count = 0;
	for (unsigned i = 0; i < 4; i++)
		fill(directories[i], (uint64_t)i << 30, REGION, format->large_page, ENTRIES);
	fill(regions_1g, address_of(directories), sizeof(page_table), format->top, 4);
	root[0] = address_of(&regions_1g) | format->table;
	return address_of(format->levels == 4 ? &root : &regions_1g);
}

static uint64_t *split(uintptr_t address)
{
	uintptr_t base = address & ~(REGION - 1);

	for (unsigned i = 0; i < split_count; i++)
		if (split_base[i] == base)
			return splits[i];
	if (split_count == SPLITS)
		return 0;
	fill(splits[split_count], base, 1 << PAGE_BITS, format->page, ENTRIES);
	directories[base >> 30][base / REGION % ENTRIES] =
		address_of(&splits[split_count]) | format->table;
	split_base[split_count] = base;
	return splits[split_count++];
}

static bool set_entry(uintptr_t address, uint64_t entry)
{
	uint64_t *table = split(address);

	if (table)
		table[address >> PAGE_BITS & (ENTRIES - 1)] = entry;
	return table;
}

static uint64_t entry_for(uintptr_t page)
{
	return (page & ~((1UL << PAGE_BITS) - 1)) | format->page;
}

bool nested_set_present(uintptr_t address, bool present)
{
	return set_entry(address, present ? entry_for(address) : 0);
}

bool nested_redirect(uintptr_t address, uintptr_t page)
{
	return set_entry(address, entry_for(page));
}
