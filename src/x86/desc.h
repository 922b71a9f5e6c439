/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptor tables: a GDT and two task state segments for each CPU; two IDTs for all of them,
 * the host's and the guest's. SDM Vol. 3 "Segment Descriptors", "IDT Descriptors", "Task-State
 * Segment (TSS)", "TSS in 64-Bit Mode".
 */
#pragma once

#include <stdint.h>

#include "x86/asm.h"
#include "x86/insn.h"
#include "x86/selectors.h"

#ifdef __x86_64__
struct tss {
	uint32_t reserved;
	uint64_t sp[3];
	uint64_t reserved_2, ist[7], reserved_3; /* ist[0] is IST1 */
	uint16_t reserved_4, io_map;
} __attribute__((packed));
#else
struct tss {
	uint32_t link;
	struct {
		uint32_t sp, ss;
	} ring[3];
	uint32_t cr3, ip, flags;
	uint32_t ax, cx, dx, bx, sp, bp, si, di;
	uint32_t es, cs, ss, ds, fs, gs, ldt;
	uint16_t debug, io_map;
};
#endif

_Static_assert(sizeof(struct tss) == 104, "SDM: Task-State Segment");

struct descriptor_tables {
	uint64_t gdt[GDT_SIZE / 8];
	struct tss host_tss, guest_tss;
	struct tss fault_tss;           /* 32-bit */
	struct tss nmi_task, step_task; /* see task.h */
};

extern struct table_register desc_host_idt, desc_guest_idt;

/* Fill both IDTs; once, before any desc_load. */
void desc_init(void);

/* Fill this CPU's tables and load GDTR, TR and the host's IDTR. What comes in ring 3 is handled on
 * the stack that ends at ring_0_stack; a double fault, which may mean that the stack has no room,
 * on the one that ends at fault_stack. */
void desc_load(struct descriptor_tables *tables, unsigned long ring_0_stack,
	       unsigned long fault_stack);

/* An available TSS's descriptor in the GDT. */
void desc_set_tss(uint64_t *descriptor, const struct tss *tss);

/* 32-bit only: let the host's NMIs go to this task; 0: to their handler. */
void desc_set_nmi_task(uint16_t selector);

/* The GDTR value of these tables, as VMX host state and SVM guest state want it. */
struct table_register desc_gdt(const struct descriptor_tables *tables);

/* The guest's IDTR limit when its IDT ends before this vector; 0: it has all. */
uint16_t desc_guest_idt_limit(unsigned end);

/* First instruction of the host's / the guest's handler for a vector. */
unsigned long desc_host_handler(unsigned vector);
unsigned long desc_guest_handler(unsigned vector);
