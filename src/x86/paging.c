/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/paging.h"

#include "x86/insn.h"
#include "x86/registers.h"

#define ENTRIES     512
#define PAGE        4096UL
#define REGION      0x200000UL /* what a large page maps, and a table of pages */
#define FOUR_GB     (1ULL << 32)

#define PRESENT     0x001ULL
#define WRITABLE    0x002ULL
#define USER        0x004ULL
#define LARGE       0x080ULL
#define NO_EXECUTE  (1ULL << 63)

#define TABLES      24          /* 512 CPUs' blocks lie in 17 regions, the image in two or three */
#define WINDOW_MAX  (128 << 20) /* a screen of 7680x4320 pixels of 32 bits has 127 MB */
#define MAPPED_MAX  16
#define ADDRESS_MIN 36 /* bits of a physical address, where CPUID does not say */

typedef uint64_t page_table[ENTRIES] __attribute__((aligned(4096)));

extern uint64_t page_directories[4 * ENTRIES]; /* boot/entry.S: contiguous, 2 MB per entry */
extern uint32_t boot_efer;
extern const char image_start[], text_end[], rodata_start[], rodata_end[]; /* linker.ld */

static page_table tables[TABLES];
static unsigned tables_used;
static uint64_t data_rights = PRESENT | WRITABLE;

static struct {
	uintptr_t next, end;
} window;

static struct {
	uint64_t physical;
	uint64_t size;
	uintptr_t linear;
} mapped[MAPPED_MAX];
static unsigned mapped_count;

static void flush(void)
{
	write_cr3(read_cr3()); /* nothing is global */
}

/* SDM Vol. 3 "Enumeration of Paging Features by CPUID": without NX, bit 63 is reserved. */
static void enable_no_execute(void)
{
	if (cpuid(0x80000000, 0).a < 0x80000001 ||
	    !(cpuid(0x80000001, 0).d & CPUID_80000001_EDX_NX))
		return;
	boot_efer |= EFER_NXE; /* the other CPUs */
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE);
	data_rights |= NO_EXECUTE;
}

/* The entry of a page of 4 KB; its large page is split. NULL: no table left. */
static uint64_t *entry_of(uintptr_t address)
{
	uint64_t *region = &page_directories[address / REGION];
	uint64_t *table = (uint64_t *)(uintptr_t)(*region & ~NO_EXECUTE & ~(PAGE - 1));

	if (*region & LARGE) {
		if (tables_used == TABLES)
			return NULL;
		table = tables[tables_used++];
		for (unsigned i = 0; i < ENTRIES; i++)
			table[i] = ((*region & ~LARGE) + i * PAGE);
		*region = (uintptr_t)table | PRESENT | WRITABLE | USER;
	}
	return &table[address / PAGE % ENTRIES];
}

static void set_rights(const char *start, const char *end, uint64_t rights)
{
	for (uintptr_t page = (uintptr_t)start; page < (uintptr_t)end; page += PAGE) {
		uint64_t *entry = entry_of(page);
		if (entry)
			*entry = page | rights;
	}
}

static bool is_text(uint64_t address)
{
	return address >= (uintptr_t)image_start && address < (uintptr_t)text_end;
}

/* All but .text: in large pages, and in the tables of those that have been split for it. */
static void forbid_execution(uint64_t no_execute)
{
	for (unsigned i = 0; i < 4 * ENTRIES; i++)
		if (page_directories[i] & LARGE)
			page_directories[i] |= no_execute;
	for (unsigned t = 0; t < tables_used; t++)
		for (unsigned i = 0; i < ENTRIES; i++)
			if (!is_text(tables[t][i] & ~(PAGE - 1)))
				tables[t][i] |= no_execute;
}

/* In this order: at no time may what executes here be in a page that forbids it. */
void paging_init(void)
{
	enable_no_execute();
	set_rights(image_start, text_end, PRESENT | USER); /* for steps in ring 3 */
	set_rights(rodata_start, rodata_end, PRESENT);
	forbid_execution(data_rights & NO_EXECUTE);
	flush();
}

uintptr_t paging_init_window(uintptr_t base, uintptr_t end)
{
	uintptr_t size = (end - base) / 4;

	if (size > WINDOW_MAX)
		size = WINDOW_MAX;
	window.end = end & ~(REGION - 1);
	window.next = window.end - (size & ~(REGION - 1));
	return size < REGION ? end : window.next;
}

static unsigned address_bits(void)
{
	if (cpuid(0x80000000, 0).a < 0x80000008)
		return ADDRESS_MIN;
	return cpuid(0x80000008, 0).a & 0xff;
}

static void *find_mapped(uint64_t physical, size_t size)
{
	for (unsigned i = 0; i < mapped_count; i++) {
		uint64_t offset = physical - mapped[i].physical;
		if (offset < mapped[i].size && size <= mapped[i].size - offset)
			return (void *)(mapped[i].linear + (uintptr_t)offset);
	}
	return NULL;
}

static void *map(uint64_t physical, uint64_t size)
{
	uint64_t first = physical & ~(uint64_t)(REGION - 1);
	uint64_t length = (physical - first + size + REGION - 1) & ~(uint64_t)(REGION - 1);

	if (mapped_count == MAPPED_MAX || length > window.end - window.next)
		return NULL;
	for (uint64_t at = 0; at < length; at += REGION)
		page_directories[(window.next + at) / REGION] = (first + at) | data_rights | LARGE;
	mapped[mapped_count].physical = first;
	mapped[mapped_count].size = length;
	mapped[mapped_count++].linear = window.next;
	window.next += length;
	flush();
	return find_mapped(physical, size);
}

void *paging_map_device(uint64_t physical, size_t size)
{
	void *found;

	if (physical < FOUR_GB && size <= FOUR_GB - physical)
		return (void *)(uintptr_t)physical;
	if (physical < FOUR_GB || physical >> address_bits() || !size || size > WINDOW_MAX)
		return NULL;
	found = find_mapped(physical, size);
	return found ? found : map(physical, size);
}

bool paging_guard(uintptr_t page)
{
	uint64_t *entry = entry_of(page);

	if (!entry)
		return false;
	*entry = 0;
	flush();
	return true;
}

void paging_set_writable(uintptr_t page, bool writable)
{
	uint64_t *entry = entry_of(page);

	if (!entry)
		return;
	*entry = writable ? *entry | WRITABLE : *entry & ~WRITABLE;
	flush();
}

bool paging_set_user(uintptr_t page)
{
	uint64_t *entry = entry_of(page);

	if (!entry)
		return false;
	*entry |= USER;
	flush();
	return true;
}
