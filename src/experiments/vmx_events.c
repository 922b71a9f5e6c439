/* SPDX-License-Identifier: BSD-2-Clause */
/* VMX: events cut off in delivery, the order of exits, MTF, and what bit 3 means. */
#include "experiments/settings.h"
#include "nmi/experiment.h"

EXPERIMENT(36, cut_off_software_events_have_their_length,
	   .claim = "INT n and INT3 whose delivery exits report their instruction length; injected "
		    "again with it they return to the next instruction.",
	   .sdm = "Information for VM Exits Due to Instruction Execution",
	   .needs = HAS_VMX | HAS_NESTED_PAGING, .rules = {R36, R31})
{
	unmap(GUEST_IDT);
	set_guest(NESTED_PAGING);
	enter(INTN);
	expect_nested_fault(GUEST_IDT, at(INTN), software_event(TYPE_SOFTWARE_INTERRUPT, SOFT));
	expect_length(2);
	map(GUEST_IDT);
	reinject();
	resume();
	expect(SOFT, GUEST, after(INTN));

	unmap(GUEST_IDT);
	enter(INT3);
	expect_nested_fault(GUEST_IDT, at(INT3), software_event(TYPE_SOFTWARE_EXCEPTION, BP));
	expect_length(1);
	map(GUEST_IDT);
	reinject();
	resume();
	expect_exception(BP, GUEST, after(INT3));
}

/* With an NMI latched for it the guest exits for this reason; the NMI then hits the host. */
static void winner_is(enum exit_reason winner, uint64_t flags, bool mtf)
{
	host_takes_nmi();
	nmis_arrive(1);
	set_guest(flags | INTERRUPTS_ON);
	if (mtf)
		inject_mtf();
	enter(NOP);
	expect_exit(winner, first(NOP));
	if (winner != EXIT_NMI)
		expect(NMI, HOST, VMEXIT);
	host(IRET);
}

EXPERIMENT(38, events_exit_in_the_order_of_their_priority,
	   .claim = "With everything pending at the entry: MTF, preemption timer, NMI window, NMI, "
		    "interrupt window; one by one, as the winner is taken away.",
	   .sdm = "Other Causes of VM Exits",
	   .needs = HAS_VMX | HAS_NMI_WINDOW | HAS_MTF | HAS_TIMER | HAS_INTERRUPT_WINDOW,
	   .rules = {R38, R39, R40, R41, R42})
{
	winner_is(EXIT_MTF, EVW | PREEMPTION_TIMER_0 | INTERRUPT_WINDOW_EXITING, true);
	winner_is(EXIT_TIMER, EVW | PREEMPTION_TIMER_0 | INTERRUPT_WINDOW_EXITING, false);
	winner_is(EXIT_NMI_WINDOW, EVW | INTERRUPT_WINDOW_EXITING, false);
	winner_is(EXIT_NMI, EV | INTERRUPT_WINDOW_EXITING, false);
	set_guest(EV | INTERRUPT_WINDOW_EXITING | INTERRUPTS_ON);
	enter(NOP);
	expect_exit(EXIT_INTERRUPT_WINDOW, first(NOP));
	expect_host_open();
}

EXPERIMENT(39, mtf_exits_where_it_must,
	   .claim = "An injected MTF exits before the first instruction, MTF=1 after one "
		    "instruction, and with an injected NMI at its handler's first one.",
	   .sdm = "Monitor Trap Flag", .needs = HAS_VMX | HAS_VIRTUAL_NMIS | HAS_MTF,
	   .rules = {R42})
{
	set_guest(EV);
	inject_mtf();
	enter(NOP);
	expect_exit(EXIT_MTF, first(NOP));
	expect_guest(EV);
	set_guest(EV | MONITOR_TRAP_FLAG);
	enter(NOP);
	expect_exit(EXIT_MTF, after(NOP));
	expect_guest(EV | MONITOR_TRAP_FLAG);
	set_guest(EV | MONITOR_TRAP_FLAG);
	inject(NMI);
	enter(NOP);
	expect_exit(EXIT_MTF, handler(NMI));
	expect_guest(EVB | MONITOR_TRAP_FLAG);
	expect_host_open();
}

EXPERIMENT(45, bit_3_changes_its_meaning_with_virtual_nmis,
	   .claim = "Bit 3, saved with virtual NMIs and loaded without them, blocks NMIs; loaded "
		    "with them again it does not.",
	   .sdm = "Guest Non-Register State", .needs = HAS_VMX | HAS_NMI_WINDOW,
	   .rules = {R13, R19, R15, R16})
{
	set_guest(EVB);
	enter(NOP);
	expect_guest(EVB);
	expect_host_open();
	set_guest(EB);
	enter(NOP);
	expect_guest(EB);
	expect_host_blocked();
	set_guest(EVB);
	enter(NOP);
	expect_guest(EVB);
	expect_host_open();
	set_guest(EVW);
	enter(NOP);
	expect_exit(EXIT_NMI_WINDOW, first(NOP));
	expect_guest(EVW);
	expect_host_open();
}
