/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptor tables: a GDT and two task state segments for each CPU; two IDTs for all of them,
 * the host's and the guest's. SDM Vol. 3 "Segment Descriptors", "IDT Descriptors", "64-Bit TSS".
 */
#pragma once

#include <stdint.h>

#include "x86/asm.h"
#include "x86/insn.h"
#include "x86/selectors.h"

struct tss {
	uint32_t word[26];
};

struct descriptor_tables {
	uint64_t gdt[GDT_SIZE / 8];
	struct tss host_tss, guest_tss;
	struct tss fault_tss; /* 32-bit */
};

extern struct table_register desc_host_idt, desc_guest_idt;

/* Fill both IDTs; once, before any desc_load. */
void desc_init(void);

/* Fill this CPU's tables and load GDTR, TR and the host's IDTR. A double fault, which may mean
 * that the stack has no room, is handled on the stack that ends at fault_stack. */
void desc_load(struct descriptor_tables *tables, unsigned long fault_stack);

/* The GDTR value of these tables, as VMX host state and SVM guest state want it. */
struct table_register desc_gdt(const struct descriptor_tables *tables);

/* The guest's IDTR limit when its IDT ends before this vector; 0: it has all. */
uint16_t desc_guest_idt_limit(unsigned end);

/* First instruction of the host's / the guest's handler for a vector. */
unsigned long desc_host_handler(unsigned vector);
unsigned long desc_guest_handler(unsigned vector);
