/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/x86/paging.c */
#include "x86/paging.h"

#include "unit.h"
#include "x86/insn.h"

#include <string.h>

#define MB           (1ULL << 20)
#define GB           (1ULL << 30)
#define LARGE_RIGHTS 0x83 /* present, writable, large */

uint64_t page_directories[2048];
uint32_t boot_efer;
const char image_start[1], text_end[1], rodata_start[1], rodata_end[1];

static unsigned address_bits, flushes;

struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
	(void)subleaf;
	return (struct cpuid){.a = leaf == 0x80000008 ? address_bits : 0x80000008};
}

uint64_t rdmsr(uint32_t msr)
{
	fail_msg("RDMSR %x", msr);
	return 0;
}

void wrmsr(uint32_t msr, uint64_t value)
{
	fail_msg("WRMSR %x = %llx", msr, (unsigned long long)value);
}

unsigned long read_cr3(void)
{
	return 0;
}

void write_cr3(unsigned long value)
{
	(void)value;
	flushes++;
}

static int reset(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2048; i++)
		page_directories[i] = i * 2 * MB | LARGE_RIGHTS;
	address_bits = 40;
	flushes = 0;
	return 0;
}

/* Where a byte that the kernel sees at this address is. */
static uint64_t physical(const void *linear)
{
	uint64_t entry = page_directories[(uintptr_t)linear / (2 * MB)];

	assert_int_equal(entry & 0xfff, LARGE_RIGHTS);
	return (entry & ~0xfffULL) + (uintptr_t)linear % (2 * MB);
}

/* The tests share the window, as it can only grow; this one comes first. */
static void the_window_is_a_quarter_of_the_memory_at_its_end(void **state)
{
	(void)state;
	assert_int_equal(paging_init_window(1 * MB, 8 * MB), 8 * MB); /* too small for one */
	assert_null(paging_map_device(5 * GB, 1));
	assert_int_equal(paging_init_window(1 * MB, 4 * GB - 1), 3966 * MB); /* 128 MB at most */
	assert_int_equal(paging_init_window(1 * MB, 65 * MB), 48 * MB);
}

static void memory_below_4_gb_is_where_it_is(void **state)
{
	(void)state;
	assert_ptr_equal(paging_map_device(0xfee00000, 4096), (void *)0xfee00000);
	assert_ptr_equal(paging_map_device(4 * GB - 1, 1), (void *)(uintptr_t)(4 * GB - 1));
	assert_int_equal(flushes, 0);
}

static void memory_above_4_gb_is_seen_in_the_window(void **state)
{
	char *linear = paging_map_device(6 * GB + 0x1ff000, 0x2000); /* in two large pages */

	(void)state;
	assert_in_range((uintptr_t)linear, 48 * MB, 64 * MB);
	assert_int_equal(physical(linear), 6 * GB + 0x1ff000);
	assert_int_equal(physical(linear + 0x1fff), 6 * GB + 0x200fff);
	assert_int_equal(flushes, 1);
	assert_ptr_equal(paging_map_device(6 * GB + 0x200000, 8), linear + 0x1000);
	assert_int_equal(flushes, 1); /* was there already */
}

static void what_cannot_be_is_refused(void **state)
{
	(void)state;
	assert_null(paging_map_device(1ULL << 40, 1));   /* more bits than the CPU has */
	assert_null(paging_map_device(4 * GB - 1, 2));   /* half here, half there */
	assert_null(paging_map_device(7 * GB, 64 * MB)); /* more than the window */
	assert_null(paging_map_device(7 * GB, SIZE_MAX));
	address_bits = 33;
	assert_null(paging_map_device(8 * GB, 1));
}

static void a_full_window_is_refused_and_what_is_in_it_stays(void **state)
{
	unsigned more = 0;

	(void)state;
	address_bits = 40;
	char *linear = paging_map_device(7 * GB, 1);
	uint64_t entry = page_directories[(uintptr_t)linear / (2 * MB)];
	while (paging_map_device((8 + more) * GB, 1))
		more++;
	assert_int_equal(more, 5); /* 16 MB are 8 large pages: 2 and 1 were taken */
	assert_int_equal(page_directories[(uintptr_t)linear / (2 * MB)], entry);
	assert_ptr_equal(paging_map_device(7 * GB, 1), linear);
	assert_int_equal(page_directories[64 / 2], 64 * MB | LARGE_RIGHTS); /* behind its end */
}

static void a_guard_page_is_one_page(void **state)
{
	(void)state;
	assert_true(paging_guard(0x12345000));
	uint64_t *table = (uint64_t *)(page_directories[0x12345000 >> 21] & ~0xfffULL);
	for (unsigned i = 0; i < 512; i++)
		assert_int_equal(table[i], i == 0x145 ? 0 : (0x12200000 | i << 12) | 3);
	assert_int_equal(flushes, 1);
}

static void tables_run_out(void **state)
{
	unsigned count = 0;

	(void)state;
	while (paging_guard((100 + count) * 2 * MB))
		count++;
	assert_int_equal(count, 23); /* one was used above */
	assert_int_equal(page_directories[100 + count] & 0xfff, LARGE_RIGHTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_window_is_a_quarter_of_the_memory_at_its_end, reset),
		cmocka_unit_test_setup(memory_below_4_gb_is_where_it_is, reset),
		cmocka_unit_test_setup(memory_above_4_gb_is_seen_in_the_window, reset),
		cmocka_unit_test_setup(what_cannot_be_is_refused, reset),
		cmocka_unit_test(a_full_window_is_refused_and_what_is_in_it_stays),
		cmocka_unit_test_setup(a_guard_page_is_one_page, reset),
		cmocka_unit_test_setup(tables_run_out, reset),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
