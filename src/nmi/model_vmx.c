/* SPDX-License-Identifier: BSD-2-Clause */
/* VM entry, the guest's events and VM exit. Rules R11-R44. Twin of model_svm.c. */
#include "nmi/model_vmx_check.h"

#include "x86/registers.h"
#include "x86/trap.h"

/* Basic exit reasons: SDM Vol. 3 "VMX Basic Exit Reasons". */
enum { REASON_NMI = 0, REASON_INIT = 3, REASON_NMI_WINDOW = 8, REASON_VMCALL = 18 };

static bool has(unsigned long flag)
{
	return model.controls & flag;
}

/* --- VM entry --- */

/* R15: without virtual NMIs bit 3 decides, with them (R16) NMIs are open. */
static bool blocked_by_entry(void)
{
	bool host = model.blocked;
	bool bit3 = has(BLOCKED_BY_NMI) && !broken(entry_ignores_bit3);

	if (host && broken(entry_never_unblocks))
		return true;
	if (has(VIRTUAL_NMIS))
		return host && broken(guest_with_virtual_nmis_stays_blocked);
	return bit3 || (host && broken(entry_without_virtual_nmis_keeps_host_blocking));
}

static void load_blocking(void)
{
	model.host_was_blocked = model.blocked;
	model.blocked = blocked_by_entry();
	/* R13: bit 3 is virtual-NMI blocking with virtual NMIs. */
	model.virtually_blocked = has(VIRTUAL_NMIS) && has(BLOCKED_BY_NMI);
	/* R23: bits 0 and 1 block until an instruction was executed. */
	model.sti = has(BLOCKED_BY_STI);
	model.mov_ss = has(BLOCKED_BY_MOV_SS) && !broken(mov_ss_bit_is_ignored);
	model.mov_ss_again = model.mov_ss && broken(mov_ss_bit_blocks_for_two_instructions);
	model.window_late = broken(nmi_window_is_late);
	/* R4: the latch is the CPU's, not the host's. */
	if (broken(latched_nmi_is_lost_at_vm_entry))
		model.nmis_pending = 0;
}

/* R30: with virtual NMIs an injected NMI blocks virtually; it never blocks physically. */
static void injected_nmi(void)
{
	if (has(VIRTUAL_NMIS))
		model.virtually_blocked = !broken(injected_nmi_starts_no_virtual_blocking);
	else if (broken(injected_nmi_blocks_without_virtual_nmis))
		model.blocked = true;
}

static void leave_for_nmi(void);
static bool window_is_open(void);
static void leave(enum exit_reason reason, uint32_t code, uint32_t info);

/* R38: nothing comes before the injection. R29: an injected event does not exit by itself. */
static bool event_instead_of_injection(void)
{
	if (broken(nmi_window_before_the_injection) && window_is_open()) {
		leave(EXIT_NMI_WINDOW, REASON_NMI_WINDOW, 0);
		return true;
	}
	if (broken(nmi_before_the_injection) && model_cpu_nmi_is_open()) {
		if (!has(NMI_EXITING))
			return false;
		model.nmis_pending--;
		leave_for_nmi();
		return true;
	}
	if (broken(injected_nmi_exits) && has(NMI_EXITING) &&
	    (model.injection & 0xff) == VECTOR_NMI) {
		leave_for_nmi();
		return true;
	}
	return false;
}

/* R22: an injected event is delivered to an active CPU that blocks no event by STI or MOV SS. */
static void inject(void)
{
	struct model_program *guest = &model.program[GUEST];
	uint32_t vector = model.injection & 0xff;
	bool mov_ss = model.mov_ss, halted = guest->halted;

	if (event_instead_of_injection())
		return;
	model.sti = model.mov_ss = guest->halted = false;
	model_cpu_deliver(vector);
	if (vector == VECTOR_NMI)
		injected_nmi();
	model.nmi_late = broken(injection_holds_nmis_for_one_instruction);
	model.nmis_held = has(BLOCKED_BY_NMI) && has(VIRTUAL_NMIS) &&
			  broken(bit3_holds_nmis_after_an_injection);
	model.mov_ss = mov_ss && broken(injection_keeps_mov_ss_blocking);
	guest->halted = halted && broken(injection_keeps_hlt);
}

/* R27: a failed entry changes nothing: not the blocking, not the injection. */
static void fail(uint32_t code)
{
	if (model.blocked && broken(failed_entry_unblocks_the_host))
		model.blocked = !has(VIRTUAL_NMIS) && has(BLOCKED_BY_NMI);
	if (!has(VIRTUAL_NMIS) && has(BLOCKED_BY_NMI) && broken(failed_entry_blocks_the_host))
		model.blocked = true;
	model.who = GUEST;
	struct exit *exit = model_cpu_leave(EXIT_ENTRY_FAILED, code);
	if (broken(failed_entry_clears_the_injection))
		exit->injection &= ~EVENT_VALID;
	exit->host_flags = EFLAGS_FIXED;
}

static bool enter(const struct entry *entry)
{
	(void)entry;
	uint32_t code = model_vmx_check();

	if (code) {
		fail(code);
		return false;
	}
	load_blocking();
	model.nmis_held = false;
	model.who = GUEST;
	if (model.injection & EVENT_VALID)
		inject();
	return true;
}

/* --- in the guest --- */

/* R39: with neither virtual-NMI blocking nor blocking by MOV SS; also in HLT. */
static bool window_is_open(void)
{
	bool virtually = model.virtually_blocked && !broken(nmi_window_ignores_virtual_blocking);

	return has(NMI_WINDOW_EXITING) && !virtually && !model.mov_ss && !model.window_late &&
	       !broken(nmi_window_never_exits);
}

/* R12, R13: NMI exiting decides, and with virtual NMIs nothing else. */
static bool nmi_exits(void)
{
	if (!model_cpu_nmi_is_open())
		return false;
	if (model.virtually_blocked && broken(bit3_blocks_physical_nmis))
		return false;
	return broken(nmis_always_exit) || (has(NMI_EXITING) && !broken(nmi_exiting_is_ignored));
}

static bool take_nmi_exit(void)
{
	if (!nmi_exits())
		return false;
	/* R43: the HLT is over, as if the NMI had come through the IDT. */
	if (model.program[GUEST].halted && broken(nmi_exit_points_to_the_hlt))
		model.program[GUEST].instruction--;
	model.nmis_pending--;
	leave_for_nmi();
	return true;
}

/* R38: the NMI window comes before the NMI. */
static bool event_exits(void)
{
	if (broken(nmi_before_the_nmi_window) && take_nmi_exit())
		return true;
	if (window_is_open()) {
		leave(EXIT_NMI_WINDOW, REASON_NMI_WINDOW, 0);
		return true;
	}
	return take_nmi_exit();
}

static bool instruction_exits(enum model_op op)
{
	if (op != OP_VMCALL)
		return false;
	leave(EXIT_HYPERCALL, REASON_VMCALL, 0);
	return true;
}

/* R14: IRET ends virtual-NMI blocking with virtual NMIs, blocking without NMI exiting. */
static void iret(void)
{
	if (has(VIRTUAL_NMIS))
		model.virtually_blocked &= broken(iret_keeps_virtual_blocking);
	else if (has(NMI_EXITING))
		model.blocked &= !broken(iret_unblocks_with_nmi_exiting);
	else
		model.blocked &= broken(iret_keeps_the_guest_blocked);
	model.window_late = has(NMI_WINDOW_EXITING) && broken(nmi_window_is_late);
}

/* --- VM exit --- */

/* R19: bit 3 is the blocking that the guest had, of the kind that the controls say. */
static bool bit3_saved(enum exit_reason reason)
{
	if (broken(bit3_is_not_saved))
		return has(BLOCKED_BY_NMI);
	/* R18: from before the NMI exit blocks. */
	if (reason == EXIT_NMI && !has(VIRTUAL_NMIS) && broken(bit3_saved_after_an_nmi_exit_blocks))
		return true;
	if (reason == EXIT_NMI && has(VIRTUAL_NMIS) && broken(nmi_exit_starts_virtual_blocking))
		return true;
	if (has(VIRTUAL_NMIS) && !broken(bit3_saved_is_physical))
		return model.virtually_blocked;
	return model.blocked;
}

static unsigned long saved_flags(enum exit_reason reason)
{
	unsigned long interruptibility =
		BLOCKED_BY_STI | BLOCKED_BY_MOV_SS | BLOCKED_BY_SMI | BLOCKED_BY_NMI;
	unsigned long flags = model.controls & ~interruptibility;

	flags |= model.sti ? BLOCKED_BY_STI : 0;
	flags |= model.mov_ss ? BLOCKED_BY_MOV_SS : 0;
	flags |= bit3_saved(reason) ? BLOCKED_BY_NMI : 0;
	return flags;
}

/* R17: only an NMI exit blocks, every other one leaves blocking as it was in the guest. */
static bool blocked_after_exit(enum exit_reason reason)
{
	if (reason == EXIT_NMI)
		return !broken(nmi_exit_does_not_block_the_host);
	if (broken(every_exit_blocks_the_host))
		return true;
	if (broken(exit_restores_host_blocking))
		return model.host_was_blocked;
	/* R16: with virtual NMIs, open. */
	if (has(VIRTUAL_NMIS) && broken(entry_keeps_host_blocking))
		return model.host_was_blocked;
	if (has(VIRTUAL_NMIS) && broken(virtual_blocking_blocks_the_host))
		return model.virtually_blocked;
	return model.blocked && !broken(exit_unblocks_the_host);
}

static enum activity saved_activity(enum exit_reason reason)
{
	/* R43: the event that exits ends HLT only afterwards. */
	if (reason == EXIT_NMI && broken(nmi_exit_saves_active))
		return ACTIVITY_ACTIVE;
	return model.program[GUEST].halted ? ACTIVITY_HLT : ACTIVITY_ACTIVE;
}

static void leave(enum exit_reason reason, uint32_t code, uint32_t info)
{
	unsigned long flags = saved_flags(reason);
	enum activity activity = saved_activity(reason);
	struct exit *exit = model_cpu_leave(reason, code);

	exit->info = info;
	exit->flags = flags;
	exit->activity = activity;
	/* R33: the valid bit is cleared on every exit. */
	if (!broken(exit_keeps_the_injection_valid))
		exit->injection &= ~EVENT_VALID;
	/* R21: all flags but the fixed one are clear. */
	exit->host_flags = EFLAGS_FIXED;
	if (model.program[GUEST].interrupts_on && broken(exit_keeps_the_guests_rflags))
		exit->host_flags |= EFLAGS_IF;
	model.blocked = blocked_after_exit(reason);
	model.at_exit_handler = true;
	if (broken(latched_nmi_is_lost_at_vm_exit))
		model.nmis_pending = 0;
}

static void leave_for_nmi(void)
{
	/* R12: "Information for VM Exits Due to Vectored Events" */
	enum event_type type = broken(nmi_exit_reports_an_exception) ? TYPE_EXCEPTION : TYPE_NMI;

	leave(EXIT_NMI, REASON_NMI, EVENT_INFO(type, VECTOR_NMI));
}

static void take_back(void)
{
	leave(EXIT_INIT, REASON_INIT, 0);
}

/* VMCALL in root operation without an SMM monitor fails and does not fault. */
static bool undefined(enum model_op op)
{
	return op == OP_VMMCALL || op == OP_CLGI || op == OP_STGI;
}

const struct model_architecture model_vmx = {
	.enter = enter,
	.event_exits = event_exits,
	.instruction_exits = instruction_exits,
	.iret = iret,
	.take_back = take_back,
	.undefined = undefined,
};
