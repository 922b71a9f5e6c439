/* SPDX-License-Identifier: BSD-2-Clause */
/* The VMCB of our one guest. Twin of vmx/guest.h. */
#pragma once

#include "virt.h"

struct cpu;
struct vmcb;

void svm_guest_init(const struct cpu *cpu, struct vmcb *vmcb);

/* What changes from entry to entry. */
void svm_guest_load(struct vmcb *vmcb, const struct entry *entry);

/* See struct virt, set_page. The VMCB asks for a flush at every VMRUN. */
void svm_guest_set_page(enum guest_page page, bool present);
void svm_guest_renew_page(enum guest_page page);

/* `flags` with the interrupt shadow and the virtual-interrupt control of the last exit. */
uint64_t svm_guest_saved_flags(const struct vmcb *vmcb, uint64_t flags);
