/* SPDX-License-Identifier: BSD-2-Clause */
#include "svm/guest.h"

#include "nmi/steps.h"
#include "string.h"
#include "svm/vmcb.h"
#include "x86/cpu.h"
#include "x86/insn.h"
#include "x86/registers.h"

/* APM Vol. 2 "Segment State in the VMCB": descriptor bits 55:52 and 47:40 in twelve bits. */
#ifdef __x86_64__
#define ATTRIBUTES_CODE 0xa9b /* 64-bit */
#else
#define ATTRIBUTES_CODE 0xc9b
#endif
#define ATTRIBUTES_DATA 0xc93
#define ATTRIBUTES_TSS  0x08b /* busy */

#define FLAT_LIMIT      0xffffffff
#define PAT_RESET       0x0007040600070406ULL

static void init_segments(const struct cpu *cpu, struct vmcb *vmcb)
{
	const struct vmcb_segment data = {HOST_DS, ATTRIBUTES_DATA, FLAT_LIMIT, 0};
	struct table_register gdt = desc_gdt(&cpu->tables);

	vmcb->es = vmcb->ss = vmcb->ds = vmcb->fs = vmcb->gs = data;
	vmcb->cs = (struct vmcb_segment){GUEST_CS, ATTRIBUTES_CODE, FLAT_LIMIT, 0};
	vmcb->tr = (struct vmcb_segment){GUEST_TR, ATTRIBUTES_TSS, sizeof(struct tss) - 1,
					 (unsigned long)&cpu->tables.guest_tss};
	vmcb->gdtr = (struct vmcb_segment){0, 0, gdt.limit, gdt.base};
	vmcb->idtr = (struct vmcb_segment){0, 0, desc_guest_idt.limit, desc_guest_idt.base};
}

void svm_guest_init(const struct cpu *cpu, struct vmcb *vmcb)
{
	memset(vmcb, 0, sizeof(*vmcb));
	init_segments(cpu, vmcb);
	vmcb->intercept_misc2 =
		MISC2_VMRUN |
		MISC2_VMMCALL; /* VMRUN must be: "Canonicalization and Consistency Checks" */
	vmcb->guest_asid = 1;
	vmcb->tlb_control = 1; /* flush all on VMRUN: one guest, no tagging to rely on */
	vmcb->efer = rdmsr(MSR_EFER);
	vmcb->cr0 = read_cr0();
	vmcb->cr3 = read_cr3();
	vmcb->cr4 = read_cr4();
	vmcb->dr6 = 0xffff0ff0;
	vmcb->dr7 = 0x400;
	vmcb->pat = PAT_RESET;
}

void svm_guest_load(struct vmcb *vmcb, const struct entry *entry)
{
	unsigned long flags = entry->flags;

	vmcb->intercept_misc1 = MISC1_INIT | MISC1_SHUTDOWN |
				(flags & INTERCEPT_NMI ? MISC1_NMI : 0) |
				(flags & INTERCEPT_IRET ? MISC1_IRET : 0);
	vmcb->interrupt_shadow = flags & INTERRUPT_SHADOW ? SHADOW_INTERRUPT : 0;
	vmcb->event_injection = entry->injection;
	vmcb->clean_bits = 0;
	if (entry->resume)
		return;
	unsigned long ip, sp;
	steps_enter(entry, &ip, &sp);
	vmcb->rip = ip;
	vmcb->rsp = sp;
	vmcb->rflags = EFLAGS_FIXED | (entry->interrupts_on ? EFLAGS_IF : 0);
}

unsigned long svm_guest_saved_flags(const struct vmcb *vmcb, unsigned long flags)
{
	flags &= ~(unsigned long)INTERRUPT_SHADOW;
	return vmcb->interrupt_shadow & SHADOW_INTERRUPT ? flags | INTERRUPT_SHADOW : flags;
}
