/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What belongs to one CPU: an aligned block with its descriptor tables, stacks and the pages
 * VMX or SVM want. The block is found from the stack pointer, in the guest too.
 *
 *	0x0000	struct cpu
 *	0x2000	step stack	steps run in the host
 *	0x4000	guest stack	what the guest's events push: a page that only the guest uses
 *	0x5000	guest chain	the guest's steps, where its stack begins
 *	0x7000	host stack	up to CPU_STACK_TOP
 *	0xd000	fault stack	a double fault's, when the host stack has no room; FRED's levels 1-3
 *	0xe000	virt pages	VMXON region and VMCS; host save area and VMCB
 *
 * The page below each stack is a guard: it is not mapped, so that an overflow is a fault.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "x86/asm.h"
#include "x86/desc.h"

#define PAGE_SIZE  4096
#define VIRT_PAGES 2

struct cpu {
	unsigned index; /* in the order of the MADT; 0 is the CPU that booted */
	uint32_t apic_id;
	volatile bool alive;    /* it reached C */
	uint8_t core_kind;      /* cores_kind() */
	bool ran_guest;         /* root mode works here */
	bool in_vmx;            /* VMX operation, which not every disable() leaves */
	volatile unsigned nmis; /* NMIs nobody asked for: the platform's own */

	void (*volatile job)(void); /* see smp.h */
	bool losing;                /* somebody is at it (crew.c) */
	volatile bool lost;         /* it did not come back, and shall not: see crew.h */
	bool panics;                /* it reports an exception */
	volatile unsigned alarms;   /* taken: see apic_alarm() */
	unsigned seen;              /* of the conductor's beats, the last time */

	struct descriptor_tables tables;

	uint8_t step_guard[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
	uint8_t step_stack[PAGE_SIZE]; /* and the guest's LDT: see machine.h */
	uint8_t guest_guard[PAGE_SIZE];
	uint8_t guest_stack[PAGE_SIZE];
	unsigned long guest_chain[PAGE_SIZE / sizeof(long)];
	uint8_t host_guard[PAGE_SIZE];
	uint8_t host_stack[5 * PAGE_SIZE];
	uint8_t fault_guard[PAGE_SIZE];
	uint8_t fault_stack[PAGE_SIZE];
	uint8_t virt_pages[VIRT_PAGES][PAGE_SIZE];
} __attribute__((aligned(CPU_BLOCK_SIZE)));

_Static_assert(sizeof(struct cpu) == CPU_BLOCK_SIZE, "cpu_self() masks the stack pointer");
_Static_assert(offsetof(struct cpu, fault_guard) == CPU_STACK_TOP, "the entry code starts here");

extern struct cpu boot_cpu;

/* Load this CPU's descriptor tables, which are in its block. */
void cpu_load_tables(struct cpu *cpu);

static inline struct cpu *cpu_self(void)
{
	return (struct cpu *)((unsigned long)__builtin_frame_address(0) & ~(CPU_BLOCK_SIZE - 1UL));
}

/* Give the stacks in a CPU's block their rights, and take the guard pages out; before it runs.
 * False: no memory for tables. */
bool cpu_guard(struct cpu *cpu);

/* Of which stack is this address in the guard page: "host stack"; NULL: in none. */
const char *cpu_guarded_stack(const struct cpu *cpu, uintptr_t address);

/* The hypervisor below us by its signature (CPUID.40000000H, 12 letters), or "bare metal". */
const char *cpu_hypervisor(void);

/* "GenuineIntel 6-140-1": vendor, family, model, stepping (CPUID.0 and .1). */
const char *cpu_name(void);

/* RDMSR that reports #GP as false instead of dying of it. */
bool cpu_rdmsr(uint32_t msr, uint64_t *value);
bool cpu_wrmsr(uint32_t msr, uint64_t value);

/* The same of a write to CR4. */
bool cpu_write_cr4(unsigned long value);
