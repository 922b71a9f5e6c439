/* SPDX-License-Identifier: BSD-2-Clause */
/* The VMCS of our one guest: it shares our page tables and segments, and has an IDT, a stack, a
 * code segment selector and a TSS of its own. */
#pragma once

#include "virt.h"

struct cpu;

/* Fill the current VMCS; `exit_handler` is the host's RIP. */
void vmx_guest_init(const struct cpu *cpu, unsigned long exit_handler);

/* What changes from entry to entry. */
void vmx_guest_load(const struct entry *entry);

/* See struct virt, set_page. */
void vmx_guest_set_page(enum guest_page page, bool present);
void vmx_guest_renew_page(enum guest_page page);

/* `flags` with the interruptibility of the last exit. */
uint64_t vmx_guest_saved_flags(uint64_t flags);

/* fred_use() for the host, and CR4.FRED for both of the current VMCS: an exit loads the host's. */
bool vmx_guest_use_fred(const struct fred_use *use);

/* Around an entry: what the guest needs that VMX does not load. */
void vmx_guest_load_star(bool guests);

/* Original-event data, if the guest has FRED; the stack level, if the exit saves it. */
uint64_t vmx_guest_event_data(void);
unsigned vmx_guest_fred_level(void);
