/* SPDX-License-Identifier: BSD-2-Clause */
/* 85-94: VMX, MTF, timer and windows in inactive states and handlers; INIT and SIPI. */
#include "experiments/settings.h"
#include "nmi/experiment.h"

#define SDM_MTF      "Monitor Trap Flag"
#define SDM_ACTIVITY "Activity State"

EXPERIMENT(85, mtf_exits_at_the_handler_of_the_guests_own_event,
	   .claim = "With MTF set INT n, a #UD and an NMI through the guest's IDT exit at their "
		    "handler's first instruction.",
	   .sdm = SDM_MTF, .needs = HAS_VMX | HAS_MTF, .rules = {R42})
{
	set_guest(MONITOR_TRAP_FLAG);
	enter(INTN);
	expect_exit(EXIT_MTF, handler(SOFT));
	set_guest(MONITOR_TRAP_FLAG);
	enter(VMMCALL);
	expect_exit(EXIT_MTF, handler(UD));
	host_takes_nmi();
	nmis_arrive(1);
	set_guest(MONITOR_TRAP_FLAG);
	enter(NOP);
	expect_exit(EXIT_MTF, handler(NMI));
	expect_guest(MONITOR_TRAP_FLAG | BLOCKED_BY_NMI);
	host(IRET);
	expect_host_open();
}

EXPERIMENT(86, mtf_and_nmi_window_end_hlt,
	   .claim = "An injected MTF exits out of an entered HLT with IF=0, and saves it; entered "
		    "again with NMI-window exiting it ends with that.",
	   .sdm = "Pending MTF VM Exits",
	   .needs = HAS_VMX | HAS_MTF | HAS_NMI_WINDOW | HAS_HLT_STATE, .rules = {R42, R39})
{
	set_guest(EVW);
	inject_mtf();
	set_idle(ACTIVITY_HLT);
	enter(NOP);
	expect_exit(EXIT_MTF, first(NOP));
	expect_activity(ACTIVITY_HLT);
	resume();
	expect_exit(EXIT_NMI_WINDOW, first(NOP));
	expect_activity(ACTIVITY_HLT);
}

EXPERIMENT(87, preemption_timer_ends_hlt,
	   .claim = "A preemption timer of 0 exits out of an entered HLT with IF=0, and saves it; "
		    "with an injected interrupt it exits at the handler.",
	   .sdm = "VM Exits Induced by the VMX-Preemption Timer",
	   .needs = HAS_VMX | HAS_TIMER | HAS_HLT_STATE, .rules = {R41})
{
	set_guest(PREEMPTION_TIMER_0);
	set_idle(ACTIVITY_HLT);
	enter(NOP);
	expect_exit(EXIT_TIMER, first(NOP));
	expect_activity(ACTIVITY_HLT);
	set_guest(PREEMPTION_TIMER_0);
	inject(IRQ);
	enter(NOP);
	expect_exit(EXIT_TIMER, handler(IRQ));
}

/* On a machine that delivers no latched NMI to an active guest, an inactive one would sleep for
 * ever, or leave things as it should not: such a machine fails here. From a blocked host to a
 * blocked one. */
static void latched_nmi_exits(void)
{
	host_takes_nmi();
	nmis_arrive(1);
	set_guest(EV);
	enter(NOP);
	expect_exit(EXIT_NMI, first(NOP));
}

EXPERIMENT(88, nothing_but_a_sipi_ends_wait_for_sipi,
	   .claim = "Windows, timer, interrupts and a latched NMI do not end wait-for-SIPI; a SIPI "
		    "exits, and says its vector.",
	   .sdm = SDM_ACTIVITY,
	   .needs = HAS_VMX | HAS_NMI_WINDOW | HAS_INTERRUPT_WINDOW | HAS_TIMER | HAS_SIPI_STATE |
		    HAS_HELPER,
	   .rules = {R44, R41})
{
	latched_nmi_exits();
	nmis_arrive(1);
	sipi_comes_later(0x12);
	set_guest(EVW | PREEMPTION_TIMER_0 | INTERRUPT_WINDOW_EXITING | EXTERNAL_INTERRUPT_EXITING);
	set_activity(ACTIVITY_WAIT_FOR_SIPI);
	enter(NOP);
	expect_exit(EXIT_SIPI, first(NOP));
	expect_qualification(0x12);
	expect(NMI, HOST, VMEXIT);
	expect_activity(ACTIVITY_WAIT_FOR_SIPI);
	host(IRET);
	expect_host_open();
}

EXPERIMENT(
	89, a_sipi_outside_wait_for_sipi_is_discarded,
	.claim = "SIPIs that come while the guest halts do not reach the wait-for-SIPI that it is "
		 "entered in then: the next one exits, with its own vector.",
	.sdm = SDM_ACTIVITY, .needs = HAS_VMX | HAS_VIRTUAL_NMIS | HAS_SIPI_STATE | HAS_HELPER,
	.rules = {R44, R16})
{
	latched_nmi_exits();
	host(IRET);
	set_guest(0);
	sipi_comes_later(0x34);
	enter(halt());
	expect_guest(0);
	set_guest(0);
	sipi_comes_later(0x56);
	set_activity(ACTIVITY_WAIT_FOR_SIPI);
	enter(NOP);
	expect_exit(EXIT_SIPI, first(NOP));
	expect_qualification(0x56);
}

static void init_exits(uint64_t flags, enum activity activity)
{
	init_arrives();
	set_guest(flags);
	set_idle(activity);
	enter(NOP);
	expect_exit(EXIT_INIT, first(NOP));
	expect_activity(activity);
}

EXPERIMENT(90, init_waits_in_root_operation_and_exits_in_the_guest,
	   .claim = "INIT that comes in root operation exits before the guest's first instruction, "
		    "also in HLT and shutdown, and is gone then.",
	   .sdm = "Restrictions on VMX Operation",
	   .needs = HAS_VMX | HAS_HELPER | HAS_HLT_STATE | HAS_SHUTDOWN_STATE, .rules = {R46})
{
	init_exits(0, ACTIVITY_ACTIVE);
	set_guest(0);
	enter(NOP);
	expect_guest(0);
	init_exits(0, ACTIVITY_HLT);
	init_exits(0, ACTIVITY_SHUTDOWN);
	expect_host_open();
}

EXPERIMENT(
	91, init_comes_before_mtf_and_debug_exceptions,
	.claim =
		"INIT exits before an injected MTF, and before a pending debug exception, which is "
		"saved.",
	.sdm = "Pending MTF VM Exits", .needs = HAS_VMX | HAS_HELPER | HAS_MTF,
	.rules = {R38, R46, R45, R7})
{
	init_arrives();
	set_guest(0);
	inject_mtf();
	enter(NOP);
	expect_exit(EXIT_INIT, first(NOP));
	init_arrives();
	set_guest(0);
	set_debug_traps(DR6_BS);
	enter(NOP);
	expect_exit(EXIT_INIT, first(NOP));
	expect_debug_traps(DR6_BS);
}

EXPERIMENT(92, wait_for_sipi_holds_init, .claim = "INIT does not end wait-for-SIPI, a SIPI does.",
	   .sdm = SDM_ACTIVITY, .needs = HAS_VMX | HAS_VIRTUAL_NMIS | HAS_SIPI_STATE | HAS_HELPER,
	   .rules = {R44, R16})
{
	latched_nmi_exits();
	host(IRET);
	init_arrives();
	sipi_comes_later(0x12);
	set_guest(0);
	set_activity(ACTIVITY_WAIT_FOR_SIPI);
	enter(NOP);
	expect_exit(EXIT_SIPI, first(NOP));
	forget();
	set_guest(0); /* whether it was held or lost is not our question */
	enter();
	forget();
	expect_host_open();
}

static void expect_refused(uint64_t flags)
{
	set_guest(flags);
	enter(NOP);
	expect_entry_failure(INVALID_GUEST_STATE);
}

EXPERIMENT(
	93, entry_checks_reserved_bits_but_no_invalid_injection,
	.claim = "A reserved bit of the interruptibility state is refused; an injection field of "
		 "a reserved type, with reserved bits or without its error code's is not looked at "
		 "while its valid bit is 0.",
	.sdm = "Checks on Guest Non-Register State", .needs = HAS_VMX, .rules = {R25, R28})
{
	static const uint32_t fields[] = {1 << 8, 0x1000, TYPE_EXCEPTION << 8 | GP,
					  TYPE_NMI << 8 | IRQ, TYPE_SOFTWARE_INTERRUPT << 8};

	expect_refused(RESERVED_INTERRUPTIBILITY);
	for (unsigned i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		set_guest(0);
		inject_field(fields[i]);
		enter(NOP);
		expect_guest(0);
	}
}

EXPERIMENT(94, nmi_comes_before_an_interrupt_behind_iret,
	   .claim = "Both wait for an IRET that unblocks NMIs and sets IF: the NMI comes, in the "
		    "guest, and as an exit.",
	   .sdm = "Prioritization of Concurrent Events", .needs = HAS_VMX | HAS_VIRTUAL_NMIS,
	   .rules = {R7, R38})
{
	host_takes_nmi();
	nmis_arrive(1);
	fence_waits();
	set_guest(BLOCKED_BY_NMI);
	enter(IRET_ON, NOP);
	expect(NMI, GUEST, after(IRET_ON));
	expect_guest(BLOCKED_BY_NMI);
	nmis_arrive(1);
	fence_waits();
	set_guest(EV | EXTERNAL_INTERRUPT_EXITING | INTERRUPTS_ON);
	enter(NOP);
	expect_exit(EXIT_NMI, first(NOP));
	host(IRET);
	expect_host_open();
}
