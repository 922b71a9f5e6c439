/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/desc.h"

#include "string.h"
#include "x86/cpu.h"
#include "x86/registers.h"
#include "x86/trap.h"

#define VECTORS   256
#define STUB_SIZE 16 /* trap_stubs.S aligns them so */

struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t ist; /* 64-bit only */
	uint8_t type;
	uint16_t offset_high;
#ifdef __x86_64__
	uint32_t offset_top;
	uint32_t reserved;
#endif
};

#define GATE_INTERRUPT 0x8e /* present, DPL 0, 32- or 64-bit interrupt gate */
#define GATE_TASK      0x85 /* present, DPL 0 */
#define TSS_AVAILABLE  0x89ULL

extern const char host_stubs[], guest_stubs[], boot_gdt[];

static struct gate host_idt[VECTORS];

/* On a page of its own, which nested paging can take away. */
static union {
	struct gate gates[VECTORS];
	uint8_t page[4096];
} guest_idt __attribute__((aligned(4096)));

struct table_register desc_host_idt = {sizeof(host_idt) - 1, (unsigned long)host_idt};
struct table_register desc_guest_idt = {sizeof(guest_idt.gates) - 1, (unsigned long)&guest_idt};

unsigned long desc_host_handler(unsigned vector)
{
	return (unsigned long)host_stubs + vector * STUB_SIZE;
}

unsigned long desc_guest_handler(unsigned vector)
{
	return (unsigned long)guest_stubs + vector * STUB_SIZE;
}

uint16_t desc_guest_idt_limit(unsigned end)
{
	return (end ? end : VECTORS) * sizeof(struct gate) - 1;
}

static void set_gate(struct gate *gate, uint16_t selector, unsigned long handler)
{
	gate->offset_low = handler;
	gate->offset_high = handler >> 16;
#ifdef __x86_64__
	gate->offset_top = handler >> 32;
#endif
	gate->selector = selector;
	gate->type = GATE_INTERRUPT;
}

#ifdef __x86_64__
static void set_ring_0_stack(struct tss *tss, unsigned long stack)
{
	tss->sp[0] = stack;
}

static void set_double_fault_gate(struct gate *gate)
{
	gate->ist = 1;
}

static void set_fault_stack(struct descriptor_tables *tables, unsigned long stack)
{
	tables->host_tss.ist[0] = stack;
}
#else
static void set_ring_0_stack(struct tss *tss, unsigned long stack)
{
	tss->ring[0].sp = stack;
	tss->ring[0].ss = HOST_DS;
}

/* The task that a double fault switches to: there is no other way to a stack that is known to be
 * good. The host's TSS has what was interrupted. The error code is where C looks for its return
 * address. */
static _Noreturn void double_fault_task(void)
{
	const struct tss *was = &cpu_self()->tables.host_tss;
	const struct regs regs = {
		.gprs = {.di = was->di,
			 .si = was->si,
			 .bp = was->bp,
			 .bx = was->bx,
			 .dx = was->dx,
			 .cx = was->cx,
			 .ax = was->ax},
		.vector = VECTOR_DF,
		.ip = was->ip,
		.cs = was->cs,
		.flags = was->flags,
	};
	trap_panic(&regs, was->sp);
}

static void set_double_fault_gate(struct gate *gate)
{
	gate->selector = FAULT_TR;
	gate->type = GATE_TASK;
}

static void set_fault_stack(struct descriptor_tables *tables, unsigned long stack)
{
	struct tss *task = &tables->fault_tss;

	task->cr3 = read_cr3();
	task->ip = (uint32_t)double_fault_task;
	task->flags = EFLAGS_FIXED;
	task->sp = stack;
	task->cs = HOST_CS;
	task->es = task->ss = task->ds = task->fs = task->gs = HOST_DS;
}
#endif

void desc_init(void)
{
	for (unsigned v = 0; v < VECTORS; v++) {
		set_gate(&host_idt[v], HOST_CS, desc_host_handler(v));
		set_gate(&guest_idt.gates[v], GUEST_CS, desc_guest_handler(v));
	}
	set_double_fault_gate(&host_idt[VECTOR_DF]);
}

void desc_set_nmi_task(uint16_t selector)
{
	struct gate *gate = &host_idt[VECTOR_NMI];

	set_gate(gate, HOST_CS, desc_host_handler(VECTOR_NMI));
	if (selector) {
		gate->type = GATE_TASK;
		gate->selector = selector;
	}
}

void desc_set_tss(uint64_t *descriptor, const struct tss *tss)
{
	uint64_t base = (unsigned long)tss;
	descriptor[0] = (sizeof(*tss) - 1) | (base & 0xffffff) << 16 | TSS_AVAILABLE << 40 |
			(base >> 24 & 0xff) << 56;
#ifdef __x86_64__
	descriptor[1] = base >> 32;
#endif
}

struct table_register desc_gdt(const struct descriptor_tables *tables)
{
	return (struct table_register){sizeof(tables->gdt) - 1, (unsigned long)tables->gdt};
}

void desc_load(struct descriptor_tables *tables, unsigned long ring_0_stack,
	       unsigned long fault_stack)
{
	set_ring_0_stack(&tables->host_tss, ring_0_stack);
	set_ring_0_stack(&tables->guest_tss, ring_0_stack);
	memcpy(tables->gdt, boot_gdt, HOST_TR);
	tables->gdt[GUEST_CS3 / 8] = tables->gdt[HOST_CS3 / 8] =
		DESCRIPTOR_CODE | DESCRIPTOR_RING_3;
	tables->gdt[RING_3_DS / 8] = DESCRIPTOR_DATA | DESCRIPTOR_RING_3;
	desc_set_tss(&tables->gdt[HOST_TR / 8], &tables->host_tss);
	desc_set_tss(&tables->gdt[GUEST_TR / 8], &tables->guest_tss);
	desc_set_tss(&tables->gdt[FAULT_TR / 8], &tables->fault_tss);
	set_fault_stack(tables, fault_stack);
	struct table_register gdt = desc_gdt(tables);
	lgdt(&gdt); /* same segments at the same selectors: nothing to reload */
	/* No LDT: what reset leaves has a limit of 64 KB, at address 0. */
	lldt(0);
	ltr(HOST_TR);
	lidt(&desc_host_idt);
}
