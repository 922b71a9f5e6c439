/* SPDX-License-Identifier: BSD-2-Clause */
#include "svm/svm.h"

#include "machine.h"
#include "string.h"
#include "svm/caps.h"
#include "svm/check.h"
#include "svm/guest.h"
#include "svm/vmcb.h"
#include "x86/cpu.h"
#include "x86/insn.h"
#include "x86/registers.h"
#include "x86/trap.h"

#define MSR_VM_HSAVE_PA 0xc0010117

void svm_run(struct gprs *guest, struct vmcb *vmcb, unsigned long host_flags);
extern const char svm_exit[];

static struct gprs guest_gprs;
static uint8_t host_vmcb[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static uint8_t second_vmcb[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static unsigned current;

static struct vmcb *vmcb_of(unsigned guest)
{
	return (struct vmcb *)(guest ? second_vmcb : cpu_self()->virt_pages[1]);
}

static bool svm_enable(const char **why)
{
	struct cpu *cpu = cpu_self();

	*why = svm_detect();
	if (*why)
		return false;
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	wrmsr(MSR_VM_HSAVE_PA, (unsigned long)cpu->virt_pages[0]);
	for (unsigned guest = 0; guest < GUESTS; guest++)
		svm_guest_init(cpu, vmcb_of(guest));
	current = 0;
	return true;
}

static void svm_disable(void)
{
	wrmsr(MSR_VM_HSAVE_PA, 0);
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~(uint64_t)EFER_SVME);
}

static enum exit_reason exit_reason(uint64_t code)
{
	if ((uint32_t)code == (uint32_t)VMEXIT_INVALID)
		return EXIT_INVALID; /* whether all of it is -1, svm_check_exit() says */
	switch (code) {
	case VMEXIT_VMMCALL:
		return EXIT_HYPERCALL;
	case VMEXIT_INTR:
		return EXIT_INTERRUPT;
	case VMEXIT_NMI:
		return EXIT_NMI;
	case VMEXIT_INIT:
		return EXIT_INIT;
	case VMEXIT_VINTR:
		return EXIT_VINTR;
	case VMEXIT_EXCEPTION + VECTOR_NMI:
	case VMEXIT_EXCEPTION + VECTOR_BP:
	case VMEXIT_EXCEPTION + VECTOR_DF:
	case VMEXIT_EXCEPTION + VECTOR_GP:
		return EXIT_EXCEPTION;
	case VMEXIT_NPF:
		return EXIT_NESTED_FAULT;
	case VMEXIT_IRET:
		return EXIT_IRET;
	case VMEXIT_SHUTDOWN:
		return EXIT_SHUTDOWN;
	default:
		return EXIT_OTHER;
	}
}

static void read_exit(const struct vmcb *vmcb, const struct entry *entry, struct exit *exit)
{
	memset(exit, 0, sizeof(*exit));
	exit->code = vmcb->exit_code;
	exit->code_high = vmcb->exit_code >> 32;
	exit->reason = exit_reason(vmcb->exit_code);
	exit->vectoring = vmcb->exit_interrupt_info;
	if (!(exit->vectoring & EVENT_VALID))
		exit->vectoring = 0;
	exit->injection = vmcb->event_injection;
	exit->flags = svm_guest_saved_flags(vmcb, entry->flags);
	exit->ip = vmcb->rip;
	exit->no_length = !vmcb->next_rip;
	exit->tpr = vmcb->interrupt_control & CONTROL_V_TPR;
	exit->length = vmcb->next_rip ? vmcb->next_rip - vmcb->rip : 0;
	if (exit->reason == EXIT_EXCEPTION)
		exit->vector = exit->code - VMEXIT_EXCEPTION;
	if (exit->reason == EXIT_NESTED_FAULT)
		exit->page = machine_page_at(vmcb->exit_info2);
}

static unsigned long host_flags(const struct entry *entry)
{
	return EFLAGS_FIXED | (entry->flags & HOST_INTERRUPTS_ON ? EFLAGS_IF : 0) |
	       (entry->flags & HOST_TRAPS_ON ? EFLAGS_TF : 0);
}

/* VMRUN keeps FS, GS, TR and the like of the guest; VMSAVE and VMLOAD keep the host's. */
static void svm_enter(const struct entry *entry, struct exit *exit)
{
	struct vmcb *vmcb = vmcb_of(current);

	svm_guest_load(vmcb, entry);
	if (entry->flags & BREAKPOINT_AT_ENTRY)
		write_dr0(vmcb->rip);
	if (!(entry->flags & HOST_GIF))
		asm volatile("clgi");
	asm volatile("vmsave %0" ::"a"((unsigned long)host_vmcb) : "memory");
	watch_in_guest = true;
	svm_run(&guest_gprs, vmcb, host_flags(entry));
	watch_in_guest = watch_rescue = false;
	asm volatile("vmload %0" ::"a"((unsigned long)host_vmcb) : "memory");
	read_exit(vmcb, entry, exit);
}

static void svm_use_guest(unsigned guest)
{
	current = guest;
}

const struct virt svm_virt = {
	.name = "SVM",
	.hypercall = VMMCALL,
	.exit_handler = (unsigned long)svm_exit,
	.enable = svm_enable,
	.disable = svm_disable,
	.run_guest = svm_enter,
	.use_guest = svm_use_guest,
	.check_exit = svm_check_exit,
	.set_page = svm_guest_set_page,
	.renew_page = svm_guest_renew_page,
	.open_host = (const enum step[]){STGI, IRET, STEPS_END},
	.use_fred = fred_use,
	MACHINE_OPERATIONS,
};
