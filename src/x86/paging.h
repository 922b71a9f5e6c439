/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's own pages: the low 4 GB at their own addresses, in large pages but where a part
 * needs other rights. Only .text is executable, where the CPU has NX; .text and .rodata cannot be
 * written (CR0.WP is on); guard pages are not there. One map serves all CPUs and, because it uses
 * the host's CR3, the guest. SDM Vol. 3 "PAE Paging", "4-Level Paging"; APM Vol. 2 "Page
 * Translation and Protection". What nested paging maps is another matter: nested_paging.h.
 *
 * What lies above 4 GB is reached through a window: addresses below 4 GB that belong to RAM
 * nobody uses. So both kernels can reach all of the physical memory.
 *
 * The map changes on the CPU that booted before the others are started: nobody else has to flush.
 * What paging_set_writable() allows is for the CPU that asks for it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Give the image its rights. Once. */
void paging_init(void);

/* The RAM [base, end) is free to be mapped away; returns its new end. The window is at most a
 * quarter of it: on a small machine, nothing. */
uintptr_t paging_init_window(uintptr_t base, uintptr_t end);

/*
 * Where size bytes of physical memory, a device's or a table's, can be read and written: at their
 * own address if that is below 4 GB, else in the window, where they stay. The memory type is what
 * the MTRRs say. NULL: beyond the CPU's physical addresses, or the window is full.
 */
void *paging_map_device(uint64_t physical, size_t size);

/* The 4 KB page at this address can be written by this CPU, or no more. */
void paging_set_writable(uintptr_t page, bool writable);

/* Ring 3 may use the 4 KB page at this address. False: no table left. */
bool paging_set_user(uintptr_t page);

/* Take the 4 KB page at this address out: whoever touches it faults. False: no table left. */
bool paging_guard(uintptr_t page);
