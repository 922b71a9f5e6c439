/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/page_pool.h"

#define PAGE_BITS 12

static struct {
	uintptr_t first; /* page number */
	unsigned size, next, rounds;
} pool;

void page_pool_init(uintptr_t base, uintptr_t end)
{
	uintptr_t first = (base >> PAGE_BITS) + !!(base & ((1UL << PAGE_BITS) - 1));
	uintptr_t last = end >> PAGE_BITS;

	pool.first = first;
	pool.size = last > first ? last - first : 0;
	pool.next = pool.rounds = 0;
}

unsigned page_pool_size(void)
{
	return pool.size;
}

uintptr_t page_pool_take(void)
{
	if (!pool.size)
		return 0;
	if (pool.next == pool.size) {
		pool.next = 0;
		pool.rounds++;
	}
	return (pool.first + pool.next++) << PAGE_BITS;
}

unsigned page_pool_rounds(void)
{
	return pool.rounds;
}
