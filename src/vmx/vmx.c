/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmx/vmx.h"

#include "machine.h"
#include "nmi/steps.h"
#include "serial/print.h"
#include "string.h"
#include "vmx/caps.h"
#include "vmx/check.h"
#include "vmx/guest.h"
#include "vmx/vmcs.h"
#include "x86/cpu.h"
#include "x86/insn.h"
#include "x86/registers.h"
#include "x86/trap.h"

bool vmx_launch(struct gprs *guest);
bool vmx_resume(struct gprs *guest);
extern const char vmx_exit[];
extern unsigned long vmx_exit_flags; /* the host's RFLAGS at vmx_exit */

static struct gprs guest_gprs;
static uint8_t second_vmcs[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static bool launched[GUESTS];
static unsigned current;

static void *vmcs_of(unsigned guest)
{
	return guest ? second_vmcs : cpu_self()->virt_pages[1];
}

static bool vmxon(void *page)
{
	bool failed;
	uint64_t address = (unsigned long)page;
	*(volatile uint32_t *)page = vmx_caps.revision;
	asm volatile("vmxon %1; setna %0" : "=qm"(failed) : "m"(address) : "cc", "memory");
	return !failed;
}

/* It is the current one, then. */
static bool init_guest(unsigned guest)
{
	if (!vmcs_load(vmcs_of(guest), vmx_caps.revision))
		return false;
	vmx_guest_init(cpu_self(), (unsigned long)vmx_exit);
	launched[guest] = false;
	current = guest;
	return true;
}

static bool vmx_enable(const char **why)
{
	static char error[40];
	struct cpu *cpu = cpu_self();

	*why = vmx_detect(); /* FEATURE_CONTROL is each CPU's own */
	if (*why)
		return false;
	write_cr0((read_cr0() | vmx_caps.cr0_fixed0) & vmx_caps.cr0_fixed1);
	write_cr4((read_cr4() | CR4_VMXE | vmx_caps.cr4_fixed0) & vmx_caps.cr4_fixed1);
	*why = "VMXON failed";
	if (!cpu->in_vmx && !vmxon(cpu->virt_pages[0]))
		return false;
	cpu->in_vmx = true;
	*why = "VMCLEAR or VMPTRLD failed";
	if (!init_guest(1) || !init_guest(0))
		return false;
	unsigned field = vmcs_error();
	print_to(error, sizeof(error), "VMWRITE failed, field %04x", field);
	*why = field ? error : NULL;
	return !field;
}

static void vmx_disable(void)
{
	for (unsigned guest = 0; guest < GUESTS; guest++)
		vmcs_clear(vmcs_of(guest));
	if (watch_sent_init())
		return;
	cpu_self()->in_vmx = false;
	asm volatile("vmxoff" ::: "cc", "memory");
	write_cr4(read_cr4() & ~CR4_VMXE);
}

static enum exit_reason exit_reason(uint32_t code, uint32_t info)
{
	if (code & REASON_ENTRY_FAILED)
		return EXIT_ENTRY_FAILED;
	switch (code & 0xffff) {
	case REASON_EXCEPTION_OR_NMI:
		return event_type(info) == TYPE_NMI ? EXIT_NMI : EXIT_EXCEPTION;
	case REASON_EXTERNAL_INTERRUPT:
		return EXIT_INTERRUPT;
	case REASON_INTERRUPT_WINDOW:
		return EXIT_INTERRUPT_WINDOW;
	case REASON_MTF:
		return EXIT_MTF;
	case REASON_TIMER:
		return EXIT_TIMER;
	case REASON_TRIPLE_FAULT:
		return EXIT_SHUTDOWN;
	case REASON_INIT:
		return EXIT_INIT;
	case REASON_SIPI:
		return EXIT_SIPI;
	case REASON_NMI_WINDOW:
		return EXIT_NMI_WINDOW;
	case REASON_VMCALL:
		return EXIT_HYPERCALL;
	case REASON_EPT_VIOLATION:
		return EXIT_NESTED_FAULT;
	default:
		return EXIT_OTHER;
	}
}

/* SDM Vol. 3 "VM-Exit Information Fields": the fields are valid only after a real exit. */
static void read_exit(const struct entry *entry, struct exit *exit)
{
	exit->code = vmcs_read(EXIT_REASON);
	exit->info = vmcs_read(EXIT_INTERRUPTION_INFO);
	if (!(exit->info & EVENT_VALID))
		exit->info = 0;
	exit->vectoring = vmcs_read(IDT_VECTORING_INFO);
	if (!(exit->vectoring & EVENT_VALID))
		exit->vectoring = 0;
	exit->reason = exit_reason(exit->code, exit->info);
	exit->injection = vmcs_read(ENTRY_INTERRUPTION_INFO);
	exit->activity = vmcs_read(GUEST_ACTIVITY);
	exit->length = vmcs_read(EXIT_INSTRUCTION_LENGTH);
	exit->unblocked = exit->info & INFO_UNBLOCKED;
	exit->qualification = vmcs_read(EXIT_QUALIFICATION);
	exit->debug_traps = vmcs_read(GUEST_PENDING_DEBUG);
	exit->resume_flag = vmcs_read(GUEST_RFLAGS) & EFLAGS_RF;
	if (exit->info & INFO_ERROR_CODE)
		exit->error = vmcs_read(EXIT_INTERRUPTION_ERROR_CODE);
	if (exit->vectoring & INFO_ERROR_CODE)
		exit->vectoring_error = vmcs_read(IDT_VECTORING_ERROR_CODE);
	if (exit->reason == EXIT_EXCEPTION)
		exit->vector = exit->info & 0xff;
	if (exit->reason == EXIT_NESTED_FAULT) {
		exit->page = machine_page_at(vmcs_read(GUEST_PHYSICAL_ADDRESS));
		exit->unblocked = exit->qualification & INFO_UNBLOCKED;
	}
	exit->event_data = vmx_guest_event_data();
	exit->fred_level = vmx_guest_fred_level();
	exit->flags = vmx_guest_saved_flags(entry->flags);
	exit->ip = vmcs_read(GUEST_RIP);
	exit->host_flags = vmx_exit_flags;
}

static void vmx_enter(const struct entry *entry, struct exit *exit)
{
	vmx_guest_load(entry);
	vmx_guest_load_star(true);
	watch_in_guest = true;
	bool ran = launched[current] ? vmx_resume(&guest_gprs) : vmx_launch(&guest_gprs);
	watch_in_guest = watch_rescue = false;
	vmx_guest_load_star(false);
	memset(exit, 0, sizeof(*exit));
	if (ran) {
		read_exit(entry, exit);
		launched[current] |= exit->reason != EXIT_ENTRY_FAILED;
	} else {
		exit->reason = EXIT_ENTRY_FAILED;
		exit->code = vmcs_read(INSTRUCTION_ERROR);
		exit->flags = vmx_guest_saved_flags(entry->flags);
		exit->injection = vmcs_read(ENTRY_INTERRUPTION_INFO);
	}
}

static void vmx_use_guest(unsigned guest)
{
	if (guest == current)
		return;
	vmcs_use(vmcs_of(guest));
	current = guest;
}

/* Virtual-NMI blocking is the VMCS's, but machines have been seen to carry it from one entry to
 * the next: an IRET ends it. */
static const struct entry open_guest = {
	.flags = NMI_EXITING | VIRTUAL_NMIS | BLOCKED_BY_NMI,
	.steps = (const enum step[]){IRET},
	.count = 1,
};

const struct virt vmx_virt = {
	.name = "VMX",
	.hypercall = VMCALL,
	.exit_handler = (unsigned long)vmx_exit,

	.enable = vmx_enable,
	.disable = vmx_disable,
	.run_guest = vmx_enter,
	.use_guest = vmx_use_guest,
	.check_exit = vmx_check_exit,
	.set_page = vmx_guest_set_page,
	.renew_page = vmx_guest_renew_page,
	.open_host = (const enum step[]){IRET, STEPS_END},
	.open_guest = &open_guest,
	.use_fred = vmx_guest_use_fred,
	MACHINE_OPERATIONS,
};
