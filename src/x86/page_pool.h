/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages of memory that nobody has touched since the machine started, as far as we know. A
 * hypervisor below us need not have memory behind them yet: the first access is a fault of its own,
 * which we must not notice. There is a first access only once, so the pool goes round when it is
 * used up; page_pool_rounds() tells.
 */
#pragma once

#include <stdint.h>

/* The pool is the whole pages in [base, end): RAM that nothing else uses. */
void page_pool_init(uintptr_t base, uintptr_t end);

/* In pages. */
unsigned page_pool_size(void);

/* The address of the next one; 0 when the pool is empty. */
uintptr_t page_pool_take(void);

/* How often the pool has been used up. */
unsigned page_pool_rounds(void);
