/* SPDX-License-Identifier: BSD-2-Clause */
/* 77-84: VMX, pending debug exceptions, and RFLAGS.RF. */
#include "experiments/settings.h"
#include "nmi/experiment.h"

#define SDM_PENDING "Delivery of Pending Debug Exceptions after VM Entry"
#define SDM_SAVING  "Saving Non-Register State"
#define SDM_RFLAGS  "Saving RIP, RSP, SSP, and RFLAGS"

#define MATCH       (DR6_B0 | DEBUG_ENABLED)

static void enter_pending(uint64_t flags, unsigned long traps)
{
	set_guest(flags);
	set_debug_traps(traps);
	enter(NOP, NOP);
}

EXPERIMENT(77, pending_debug_exceptions_come_before_the_first_instruction,
	   .claim = "A single-step trap and a match that are pending at the entry are a #DB before "
		    "the first instruction; a match that is not enabled is none.",
	   .sdm = SDM_PENDING, .needs = HAS_VMX, .rules = {R45})
{
	enter_pending(0, DR6_BS);
	expect_exception(DB, GUEST, first(NOP));
	expect_pushed_error(DR6_BS);
	expect_pushed_resume_flag(false);
	expect_debug_traps(0);
	enter_pending(0, MATCH);
	expect_exception(DB, GUEST, first(NOP));
	expect_pushed_error(DR6_B0);
	enter_pending(0, DR6_B0);
	expect_guest(0);
}

EXPERIMENT(78, mov_ss_bit_holds_pending_debug_exceptions,
	   .claim = "Under the MOV SS bit they come after the first instruction.",
	   .sdm = SDM_PENDING, .needs = HAS_VMX, .rules = {R45})
{
	enter_pending(BLOCKED_BY_MOV_SS, MATCH);
	expect_exception(DB, GUEST, after(NOP));
	expect_pushed_error(DR6_B0);
}

EXPERIMENT(79, injected_events_end_pending_debug_exceptions,
	   .claim = "An injected interrupt, NMI or exception is delivered, and no #DB.",
	   .sdm = SDM_PENDING, .needs = HAS_VMX, .rules = {R45})
{
	static const unsigned vectors[] = {IRQ, NMI};

	for (unsigned i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		set_guest(0);
		set_debug_traps(DR6_BS);
		inject(vectors[i]);
		enter(NOP);
		expect(vectors[i], GUEST, first(NOP));
	}
	set_guest(0);
	set_debug_traps(DR6_BS);
	inject(UD);
	enter(NOP);
	expect_exception(UD, GUEST, first(NOP));
	expect_host_open();
}

EXPERIMENT(
	80, pending_debug_exceptions_come_before_timer_and_nmi,
	.claim = "With a #DB pending, a preemption timer of 0 exits at its handler, and a latched "
		 "NMI hits its handler.",
	.sdm = SDM_PENDING, .needs = HAS_VMX | HAS_TIMER, .rules = {R38, R7})
{
	enter_pending(PREEMPTION_TIMER_0, DR6_BS);
	expect_exit(EXIT_TIMER, handler(DB));
	host_takes_nmi();
	nmis_arrive(1);
	enter_pending(0, DR6_BS);
	expect(NMI, GUEST, handler(DB));
	expect_exception(DB, GUEST, first(NOP));
	expect_guest(BLOCKED_BY_NMI);
	host(IRET);
	expect_host_open();
}

EXPERIMENT(81, pending_debug_exceptions_can_exit,
	   .claim = "An intercepted #DB that is pending at the entry exits before the first "
		    "instruction, with its cause as the qualification and RF clear.",
	   .sdm = SDM_PENDING, .needs = HAS_VMX, .rules = {R45, R47})
{
	enter_pending(INTERCEPT_DB, DR6_BS);
	expect_delivery_fault(DB, first(NOP), 0);
	expect_qualification(DR6_BS);
	expect_resume_flag(false);
	expect_debug_traps(0);
}

EXPERIMENT(82, mtf_exits_before_the_trap_and_saves_it,
	   .claim = "With TF and MTF set the MTF exit comes after the instruction, with the trap "
		    "pending; the next entry delivers it.",
	   .sdm = "Monitor Trap Flag", .needs = HAS_VMX | HAS_MTF, .rules = {R38, R45, R42})
{
	set_guest(MONITOR_TRAP_FLAG);
	set_traps_on();
	enter(NOP, NOP);
	expect_exit(EXIT_MTF, after(NOP));
	expect_debug_traps(DR6_BS);
	set_guest(0);
	resume();
	expect_exception(DB, GUEST, after(NOP));
	expect_pushed_error(DR6_BS);
}

EXPERIMENT(
	83, what_mov_ss_holds_is_saved,
	.claim = "VMCALL right after a MOV SS from a watched word exits with the match pending and "
		 "the MOV SS bit set.",
	.sdm = SDM_SAVING, .needs = HAS_VMX, .rules = {R45, R23})
{
	set_guest(0);
	enter(WATCHED_VMCALL);
	expect_exit(EXIT_HYPERCALL, at(WATCHED_VMCALL));
	expect_debug_traps(MATCH);
	expect_guest(BLOCKED_BY_MOV_SS);
}

EXPERIMENT(84, exits_save_rf_as_an_event_would_push_it,
	   .claim = "RF is set by the exits of a #GP and of an EPT violation, clear by those of "
		    "VMCALL and of an NMI whose delivery is cut off; a #GP's error code is saved.",
	   .sdm = SDM_RFLAGS, .needs = HAS_VMX | HAS_NESTED_PAGING, .rules = {R47, R48})
{
	set_guest(INTERCEPT_GP);
	enter(BAD_SELECTOR);
	expect_fault_exit(GP, at(BAD_SELECTOR), false);
	expect_resume_flag(true);
	expect_error(0xfffc);
	unmap(GUEST_LDT);
	set_guest(NESTED_PAGING);
	enter(LDT_IRET);
	expect_nested_fault(GUEST_LDT, at(LDT_IRET), 0);
	expect_resume_flag(true);
	map(GUEST_LDT);
	set_guest(0);
	enter();
	expect_exit(EXIT_HYPERCALL, at(HYPERCALL));
	expect_resume_flag(false);
	unmap(GUEST_IDT);
	set_guest(NESTED_PAGING);
	inject(IRQ);
	enter(NOP);
	expect_nested_fault(GUEST_IDT, first(NOP), EVENT_INFO(TYPE_EXTERNAL_INTERRUPT, IRQ));
	expect_resume_flag(false);
}
