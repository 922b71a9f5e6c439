/* SPDX-License-Identifier: BSD-2-Clause */
/* VM entry and VM exit. Rules R11-R44. Twin of svm.c. */
#include "model/vmx.h"

#include "model/vmx_check.h"

#include "x86/registers.h"
#include "x86/trap.h"

enum { VMCALL_LENGTH = 3 };

/* "Pending Debug Exceptions", bit 12: a breakpoint that is enabled. */
#define DEBUG_ENABLED 0x1000U

/* Basic exit reasons: SDM Vol. 3 "VMX Basic Exit Reasons". */
static const uint32_t codes[] = {
	[EXIT_NMI] = 0,
	[EXIT_EXCEPTION] = 0,
	[EXIT_INTERRUPT] = 1,
	[EXIT_SHUTDOWN] = 2,
	[EXIT_INIT] = 3,
	[EXIT_SIPI] = 4,
	[EXIT_INTERRUPT_WINDOW] = 7,
	[EXIT_NMI_WINDOW] = 8,
	[EXIT_HYPERCALL] = 18,
	[EXIT_MTF] = 37,
	[EXIT_NESTED_FAULT] = 48,
	[EXIT_TIMER] = 52,
};

bool model_vmx_has(uint64_t flag)
{
	return model.controls & flag;
}

static bool has(uint64_t flag)
{
	return model_vmx_has(flag);
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
	bool still = model.virtually_blocked && broken(virtual_blocking_outlives_the_vmcs);
	model.virtually_blocked = has(VIRTUAL_NMIS) && (has(BLOCKED_BY_NMI) || still);
	/* R23: bits 0 and 1 block until an instruction was executed. */
	model.sti = has(BLOCKED_BY_STI) && !broken(sti_bit_is_ignored);
	model.sti_again = model.sti && broken(sti_bit_blocks_for_two_instructions);
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

static unsigned type(void)
{
	return model.injection >> 8 & 7;
}

/* R5: another event with the vector 2 is no NMI. */
static bool injects_nmi(void)
{
	return type() == TYPE_NMI || ((model.injection & 0xff) == VECTOR_NMI &&
				      broken(injected_vector_2_blocks_virtually));
}

/* R38: nothing comes before the injection. R29: an injected event does not exit by itself. */
static bool event_instead_of_injection(void)
{
	if (broken(nmi_window_before_the_injection) && model_vmx_events_window_is_open()) {
		model_vmx_leave(EXIT_NMI_WINDOW, 0);
		return true;
	}
	if (broken(nmi_before_the_injection) && model_cpu_nmi_is_open()) {
		if (!has(NMI_EXITING))
			return false;
		model.nmis_pending--;
		model_vmx_leave_for_nmi();
		return true;
	}
	if (broken(timer_before_the_injection) && has(PREEMPTION_TIMER_0)) {
		model_vmx_leave(EXIT_TIMER, 0);
		return true;
	}
	if (broken(injected_exception_exits) && type() == TYPE_EXCEPTION &&
	    model_vmx_faults_exits(OP_NONE, model.injection & 0xff))
		return true;
	if (broken(injected_interrupt_exits) && type() == TYPE_EXTERNAL_INTERRUPT &&
	    has(EXTERNAL_INTERRUPT_EXITING)) {
		model_vmx_leave(EXIT_INTERRUPT, 0);
		return true;
	}
	if (broken(injected_nmi_exits) && has(NMI_EXITING) && injects_nmi()) {
		model_vmx_leave_for_nmi();
		return true;
	}
	if (broken(injected_nmi_waits_while_blocked) && model.blocked && injects_nmi()) {
		model.nmis_pending = 1;
		return true;
	}
	return false;
}

/* R31 */
static unsigned return_length(void)
{
	bool software = type() >= TYPE_SOFTWARE_INTERRUPT;

	if (software)
		return broken(injected_software_event_returns_to_rip) ? RETURN_HERE : model.length;
	return broken(injected_event_skips_an_instruction) ? model_code_length() : RETURN_HERE;
}

/* R34: virtual-NMI blocking is in effect before the delivery, which may exit. */
static bool deliver(void)
{
	bool nmi = injects_nmi(), late = broken(virtual_blocking_starts_after_the_delivery);

	if (nmi && !late)
		injected_nmi();
	if (!model_deliver_injected(model.injection, return_length()))
		return false;
	if (nmi && late)
		injected_nmi();
	return true;
}

/* R22: an injected event is delivered to an active CPU that blocks no event by STI or MOV SS. */
static void inject(void)
{
	struct model_program *guest = &model.program[GUEST];
	bool mov_ss = model.mov_ss, sti = model.sti;
	enum activity activity = guest->activity;

	if (event_instead_of_injection())
		return;
	if (type() == TYPE_OTHER_EVENT && !event_vector(model.injection)) {
		model.mtf_injected = !broken(injected_mtf_is_ignored);
		return;
	}
	model.cut_off_mov_ss = mov_ss && broken(cut_off_injection_saves_mov_ss);
	model.sti = model.mov_ss = model.sti_again = model.mov_ss_again = false;
	guest->activity = ACTIVITY_ACTIVE;
	if (!deliver())
		return;
	model.cut_off_mov_ss = false;
	/* R42: the event counts as what MTF waits for. */
	model.has_moved = !broken(mtf_waits_for_an_instruction);
	model.nmi_late = broken(injection_holds_nmis_for_one_instruction);
	model.nmis_held = has(BLOCKED_BY_NMI) && has(VIRTUAL_NMIS) &&
			  broken(bit3_holds_nmis_after_an_injection);
	model.mov_ss = mov_ss && broken(injection_keeps_mov_ss_blocking);
	model.sti = sti && broken(injection_keeps_sti_blocking);
	if (broken(injection_keeps_hlt))
		guest->activity = activity;
}

/* "Delivery of Pending Debug Exceptions after VM Entry" (R45) */
static bool injection_ends_debug_traps(void)
{
	bool by_instruction =
		type() == TYPE_SOFTWARE_INTERRUPT || type() == TYPE_SOFTWARE_EXCEPTION;

	if (!(model.injection & EVENT_VALID) || type() == TYPE_OTHER_EVENT)
		return model.program[GUEST].activity > ACTIVITY_HLT;
	if (broken(injection_keeps_debug_traps))
		return false;
	if (model.fred.parties & FRED_GUEST && !broken(injection_by_fred_keeps_debug_traps))
		return true;
	return !(by_instruction && has(BLOCKED_BY_MOV_SS));
}

static void load_debug_traps(const struct entry *entry)
{
	unsigned traps = entry->resume ? model.saved_traps : entry->debug_traps;

	if (broken(pending_debug_traps_are_not_loaded) || injection_ends_debug_traps())
		traps = 0;
	model.loaded_traps = traps;
	model.debug_traps = traps & (DR6_BS | DEBUG_ENABLED) ? traps & (DR6_BS | DR6_B0) : 0;
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

/* A guest that goes on does so in the activity state that its exit saved. */
static bool enter(const struct entry *entry)
{
	model.length = entry->length;
	if (!entry->resume)
		model.program[GUEST].activity = entry->activity;
	uint32_t code = model_vmx_check();

	if (code) {
		fail(code);
		return false;
	}
	load_blocking();
	model_fred_enter(entry->resume);
	if (broken(hlt_activity_is_not_loaded) && !entry->resume)
		model.program[GUEST].activity = ACTIVITY_ACTIVE;
	model.nmis_held = false;
	model.who = GUEST;
	load_debug_traps(entry);
	if (model.injection & EVENT_VALID)
		inject();
	return true;
}

/* --- in the guest --- */

static bool instruction_exits(enum model_op op)
{
	if (op != OP_VMCALL)
		return false;
	model_vmx_leave(EXIT_HYPERCALL, 0)->length = VMCALL_LENGTH;
	return true;
}

/* R14: IRET ends virtual-NMI blocking with virtual NMIs, blocking without NMI exiting. R2: also
 * when it faults. */
static void iret(bool completes)
{
	(void)completes;
	bool was_blocked = has(VIRTUAL_NMIS) ? model.virtually_blocked : model.blocked;

	model.iret_unblocked = was_blocked && (has(VIRTUAL_NMIS) || !has(NMI_EXITING) ||
					       chosen(iret_that_ends_nothing_is_reported));
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

static uint64_t saved_flags(enum exit_reason reason)
{
	uint64_t interruptibility =
		BLOCKED_BY_STI | BLOCKED_BY_MOV_SS | BLOCKED_BY_SMI | BLOCKED_BY_NMI;
	uint64_t flags = model.controls & ~interruptibility;

	if (!broken(shadows_are_not_saved)) {
		flags |= model.sti ? BLOCKED_BY_STI : 0;
		flags |= model.mov_ss || model.cut_off_mov_ss ? BLOCKED_BY_MOV_SS : 0;
	}
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
	return model.program[GUEST].activity;
}

/* "Saving Non-Register State" (R45): those that an MTF exit or an INIT comes before, and those that
 * MOV SS holds. */
static unsigned saved_debug_traps(enum exit_reason reason)
{
	bool before = reason == EXIT_MTF || reason == EXIT_INIT;

	if (broken(pending_debug_traps_stay) && model.loaded_traps)
		return model.loaded_traps;
	if (before ? broken(exit_before_debug_traps_loses_them)
		   : !model.mov_ss || broken(exit_loses_what_mov_ss_holds))
		return 0;
	return model.debug_traps | (model.debug_traps & DR6_B0 ? DEBUG_ENABLED : 0);
}

struct exit *model_vmx_leave(enum exit_reason reason, uint32_t info)
{
	uint64_t flags = saved_flags(reason);
	enum activity activity = saved_activity(reason);
	unsigned traps = saved_debug_traps(reason);
	bool mov_ss = model.mov_ss && broken(exit_keeps_mov_ss_blocking);
	struct exit *exit = model_cpu_leave(reason, codes[reason]);

	model_fred_leave(exit);
	exit->info = info;
	exit->debug_traps = model.saved_traps = traps;
	exit->resume_flag = broken(every_exit_saves_rf);
	model.mov_ss = mov_ss;
	model.cut_off_mov_ss = false;
	model.host_halts = activity == ACTIVITY_HLT && broken(host_halts_after_an_exit_out_of_hlt);
	model.sipi_coming &= broken(discarded_sipi_stays_pending);
	exit->flags = flags;
	exit->activity = activity;
	/* R33: the valid bit is cleared on every exit. */
	if (!broken(exit_keeps_the_injection_valid) &&
	    (reason == EXIT_HYPERCALL || !broken(only_hypercalls_clear_the_injection)))
		exit->injection &= ~EVENT_VALID;
	/* R21: all flags but the fixed one are clear. */
	exit->host_flags = EFLAGS_FIXED;
	if (model.program[GUEST].interrupts_on && broken(exit_keeps_the_guests_rflags))
		exit->host_flags |= EFLAGS_IF;
	model.blocked = model.was_blocked[model.guest] = blocked_after_exit(reason);
	model.at_exit_handler = true;
	if (broken(latched_nmi_is_lost_at_vm_exit))
		model.nmis_pending = 0;
	return exit;
}

void model_vmx_leave_for_nmi(void)
{
	/* R12: "Information for VM Exits Due to Vectored Events" */
	enum event_type type = broken(nmi_exit_reports_an_exception) ? TYPE_EXCEPTION : TYPE_NMI;

	struct exit *exit = model_vmx_leave(EXIT_NMI, EVENT_INFO(type, VECTOR_NMI));

	if (broken(exits_own_event_is_cut_off))
		exit->vectoring = exit->info;
}

static void take_back(void)
{
	model_vmx_leave(EXIT_INIT, 0);
}

static bool no_more_events(void)
{
	return false;
}

/* VMCALL in root operation without an SMM monitor fails and does not fault. */
static bool undefined(enum model_op op)
{
	return op == OP_VMMCALL || op == OP_CLGI || op == OP_STGI;
}

const struct model_architecture model_vmx = {
	.enter = enter,
	.take_first_event = model_vmx_events_take_first,
	.take_event = model_vmx_events_take,
	.take_last_event = no_more_events,
	.instruction_exits = instruction_exits,
	.iret = iret,
	.fault_exits = model_vmx_faults_exits,
	.nested_fault = model_vmx_faults_nested,
	.delivery_fault_exits = model_vmx_faults_in_delivery_exits,
	.triple_fault = model_vmx_faults_triple,
	.debug_trap_exits = model_vmx_faults_debug,
	.take_back = take_back,
	.undefined = undefined,
	.int3 = TYPE_SOFTWARE_EXCEPTION,
	.faulting_iret_unblocks = true,
};
