/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guest-physical to host-physical: one identity map of the low 4 GB, with single pages that can be
 * taken out and put back. EPT and NPT differ in their bits only: SDM Vol. 3 "EPT Translation
 * Mechanism", APM Vol. 2 "Nested Paging". Its large pages are split where that is asked for.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct nested_format {
	uint64_t table;      /* bits of an entry that points to a table */
	uint64_t top;        /* the same in the table of 1 GB regions */
	uint64_t page;       /* bits of an entry that maps a page of 4 KB */
	uint64_t large_page; /* of 2 MB */
	unsigned levels;     /* 4, or 3: the root is the table of 1 GB regions */
};

extern const struct nested_format nested_ept, nested_npt;

/* Build the map; returns the physical address of its root. */
uint64_t nested_init(const struct nested_format *format);

/* Take the 4 KB page at this address out, or put it back. The caller flushes. False: too many
 * large pages are split already. */
bool nested_set_present(uintptr_t address, bool present);

/* Let the 4 KB page at this address be that other one. The caller flushes. False: as above. */
bool nested_redirect(uintptr_t address, uintptr_t page);
