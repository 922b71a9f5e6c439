/* SPDX-License-Identifier: BSD-2-Clause */
#include "svm/guest.h"

#include "machine.h"
#include "nmi/steps.h"
#include "string.h"
#include "svm/vmcb.h"
#include "x86/cpu.h"
#include "x86/insn.h"
#include "x86/nested_paging.h"
#include "x86/registers.h"
#include "x86/trap.h"

/* APM Vol. 2 "Segment State in the VMCB": descriptor bits 55:52 and 47:40 in twelve bits. */
#ifdef __x86_64__
#define ATTRIBUTES_CODE 0xa9b /* 64-bit */
#else
#define ATTRIBUTES_CODE 0xc9b
#endif
#define ATTRIBUTES_DATA 0xc93
/* Available: nothing checks it, AMD's CPUs hide the busy bit (KVM: svm_get_segment()), and QEMU
 * aborts in get_ss_esp_from_tss() when an event finds a busy one in ring 3. */
#define ATTRIBUTES_TSS 0x089
#define ATTRIBUTES_LDT 0x082
#define ATTRIBUTES_DPL 5 /* shift */
#define ATTRIBUTES_LDT 0x082

#define FLAT_LIMIT     0xffffffff
#define PAT_RESET      0x0007040600070406ULL

static void init_segments(const struct cpu *cpu, struct vmcb *vmcb)
{
	const struct vmcb_segment data = {HOST_DS, ATTRIBUTES_DATA, FLAT_LIMIT, 0};
	struct table_register gdt = desc_gdt(&cpu->tables);

	vmcb->es = vmcb->ss = vmcb->ds = vmcb->fs = vmcb->gs = data;
	vmcb->cs = (struct vmcb_segment){GUEST_CS, ATTRIBUTES_CODE, FLAT_LIMIT, 0};
	vmcb->tr = (struct vmcb_segment){GUEST_TR, ATTRIBUTES_TSS, sizeof(struct tss) - 1,
					 (unsigned long)&cpu->tables.guest_tss};
	vmcb->ldtr = (struct vmcb_segment){0, ATTRIBUTES_LDT, LDT_SIZE - 1, machine_ldt(cpu)};
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
	vmcb->pat = PAT_RESET;
	vmcb->nested_cr3 = nested_init(&nested_npt);
}

void svm_guest_set_page(enum guest_page page, bool present)
{
	nested_set_present(machine_page_address(page), present);
}

void svm_guest_renew_page(enum guest_page page)
{
	nested_redirect(machine_page_address(page), machine_new_page(page));
}

/* CPL and the DPLs agree: APM Vol. 2 "Canonicalization and Consistency Checks" has no check for it.
 */
static void set_ring(struct vmcb *vmcb, unsigned ring)
{
	uint16_t dpl = ring << ATTRIBUTES_DPL;

	vmcb->cs = (struct vmcb_segment){ring ? GUEST_CS3 : GUEST_CS, ATTRIBUTES_CODE | dpl,
					 FLAT_LIMIT, 0};
	vmcb->ss = (struct vmcb_segment){ring ? RING_3_DS : HOST_DS, ATTRIBUTES_DATA | dpl,
					 FLAT_LIMIT, 0};
	vmcb->cpl = ring;
}

/* A guest that begins, not one that goes on. */
static void start(struct vmcb *vmcb, const struct entry *entry)
{
	unsigned long ip, sp;

	steps_enter(entry, &ip, &sp);
	set_ring(vmcb, entry->flags & RING_3 ? 3 : 0);
	vmcb->rip = ip;
	vmcb->rsp = sp;
	vmcb->rflags = EFLAGS_FIXED | (entry->interrupts_on ? EFLAGS_IF : 0) |
		       (entry->traps_on ? EFLAGS_TF : 0) |
		       (entry->flags & RESUME_FLAG ? EFLAGS_RF : 0);
}

static const struct flag_bit interrupt_control[] = {
	{V_IRQ, CONTROL_V_IRQ},
	{V_GIF, CONTROL_V_GIF},
	{V_NMI, CONTROL_V_NMI},
	{V_NMI_MASK, CONTROL_V_NMI_MASK},
	{V_GIF_ENABLE, CONTROL_V_GIF_ENABLE},
	{V_NMI_ENABLE, CONTROL_V_NMI_ENABLE},
	{V_INTR_MASKING, CONTROL_V_INTR_MASKING},
	{V_IGN_TPR, CONTROL_V_IGN_TPR},
	{0, 0},
};

static const struct flag_bit intercepts[] = {
	{INTERCEPT_INTR, MISC1_INTR},
	{INTERCEPT_NMI, MISC1_NMI},
	{INTERCEPT_IRET, MISC1_IRET},
	{INTERCEPT_VINTR, MISC1_VINTR},
	{0, 0},
};

static const struct flag_bit exceptions[] = {
	{INTERCEPT_GP, 1U << VECTOR_GP},
	{INTERCEPT_DF, 1U << VECTOR_DF},
	{INTERCEPT_BP, 1U << VECTOR_BP},
	{INTERCEPT_VECTOR_2, 1U << VECTOR_NMI},
	{0, 0},
};

static const struct flag_bit shadow[] = {
	{INTERRUPT_SHADOW, SHADOW_INTERRUPT},
	{0, 0},
};

void svm_guest_load(struct vmcb *vmcb, const struct entry *entry)
{
	uint64_t flags = entry->flags;

	vmcb->intercept_misc1 = virt_bits_of(intercepts, flags) | MISC1_INIT | MISC1_SHUTDOWN;
	vmcb->intercept_exceptions = virt_bits_of(exceptions, flags);
	vmcb->idtr.limit = desc_guest_idt_limit(entry->idt_end);
	vmcb->interrupt_control = virt_bits_of(interrupt_control, flags) | CONTROL_V_INTR_VECTOR |
				  CONTROL_V_INTR_PRIO(entry->priority) | entry->tpr;
	vmcb->interrupt_shadow = virt_bits_of(shadow, flags) |
				 (flags & GUEST_INTERRUPT_MASK ? SHADOW_GUEST_INTERRUPT_MASK : 0);
	vmcb->event_injection = entry->injection;
	vmcb->nested_control = flags & NESTED_PAGING ? NESTED_ENABLE : 0;
	vmcb->clean_bits = entry->clean;
	vmcb->dr7 = flags & BREAKPOINT_AT_ENTRY ? DR7_EXECUTION_0 : DR7_RESET;
	if (!entry->resume)
		start(vmcb, entry);
	if (entry->length || !entry->resume)
		vmcb->next_rip = vmcb->rip + entry->length;
}

uint64_t svm_guest_saved_flags(const struct vmcb *vmcb, uint64_t flags)
{
	flags = virt_flags_of(shadow, flags, vmcb->interrupt_shadow);
	return virt_flags_of(interrupt_control, flags, vmcb->interrupt_control);
}
