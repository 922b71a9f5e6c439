/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What becomes of an injected event, and of what only looks
 * like an NMI. The re-injections through pages that are missing for the host are in injection.c,
 * those through faults that only a hypervisor below us sees in faults_below.c.
 */
#include "experiments/settings.h"
#include "nmi/experiment.h"

#define SDM_NMI       "Nonmaskable Interrupt (NMI)"
#define SDM_INJECT    "VM-Entry Controls for Event Injection"
#define SDM_VECTORING "Information for VM Exits That Occur During Event Delivery"
#define SDM_EVENTS    "Details of Vectored-Event Injection"
#define APM_VECTORING "EXITINTINFO Pseudo-Code"
#define APM_INJECT    "Event Injection"

/* --- escalation --- */

#define IRQ_EVENT EVENT_INFO(TYPE_EXTERNAL_INTERRUPT, IRQ)

/* The guest's IDT ends here; it runs with this intercept, if any, and gets this event. */
static void inject_without_gate(unsigned end, uint64_t intercept, unsigned vector)
{
	set_guest(intercept);
	end_idt_before(end);
	inject(vector);
	enter(NOP);
}

/* What becomes of an event without a gate, when nothing is intercepted: #GP, then #DF. */
static void expect_escalation(void)
{
	inject_without_gate(IRQ, 0, IRQ);
	expect_exception(GP, GUEST, first(NOP));
	inject_without_gate(GP, 0, GP);
	expect_exception(DF, GUEST, PLACE_ANYWHERE);
}

EXPERIMENT(214, double_and_triple_faults_report_no_event,
	   .claim = "A #GP that exits in an event's delivery reports the event; a #DF that the "
		    "event turned into, and a triple fault, report none.",
	   .sdm = SDM_VECTORING, .needs = HAS_VMX, .rules = {R35})
{
	inject_without_gate(IRQ, INTERCEPT_GP, IRQ);
	expect_delivery_fault(GP, first(NOP), IRQ_EVENT);
	expect_escalation();
	inject_without_gate(GP, INTERCEPT_DF, GP);
	expect_delivery_fault(DF, PLACE_ANYWHERE, 0);
	inject_without_gate(DF, 0, GP);
	expect_exit(EXIT_SHUTDOWN, PLACE_ANYWHERE);
	expect_no_event();
}

EXPERIMENT(219, fault_in_the_delivery_reports_the_event,
	   .claim = "A #GP that exits in an event's delivery reports the event, before it becomes "
		    "a #DF.",
	   .apm = APM_VECTORING, .needs = HAS_SVM, .rules = {S11, S6})
{
	inject_without_gate(IRQ, INTERCEPT_GP, IRQ);
	expect_delivery_fault(GP, first(NOP), IRQ_EVENT);
	inject_without_gate(GP, INTERCEPT_GP | INTERCEPT_DF, GP);
	expect_delivery_fault(GP, first(NOP), exception_event(GP));
	expect_escalation();
}

EXPERIMENT(229, double_fault_reports_what_led_to_it,
	   .claim = "An intercepted #DF that an event turned into exits and reports the event.",
	   .apm = APM_VECTORING, .needs = HAS_SVM, .rules = {S11})
{
	inject_without_gate(GP, INTERCEPT_DF, GP);
	expect_delivery_fault(DF, PLACE_ANYWHERE, exception_event(GP));
}

EXPERIMENT(228, handlers_own_fault_reports_no_event,
	   .claim = "When the first instruction of the injected event's handler cannot be fetched, "
		    "the event has been delivered: the exit reports none, and it comes once.",
	   .sdm = SDM_VECTORING, .apm = APM_VECTORING, .needs = HAS_GUEST | HAS_NESTED_PAGING,
	   .rules = {R35, S11})
{
	unmap(GUEST_HANDLERS);
	set_guest(NESTED_PAGING);
	inject(IRQ);
	enter(NOP);
	expect_nested_fault(GUEST_HANDLERS, handler(IRQ), 0);
	map(GUEST_HANDLERS);
	resume();
	expect(IRQ, GUEST, first(NOP));
}

/* --- vector 2 --- */

EXPERIMENT(215, vector_2_is_not_an_nmi_in_the_guest,
	   .claim = "INT 2 in the guest, and an injected external interrupt with vector 2, block "
		    "nothing: a live NMI nests.",
	   .sdm = SDM_NMI, .apm = APM_INJECT, .needs = HAS_GUEST | HAS_HELPER, .rules = {R5})
{
	set_guest(0);
	enter(INT2, halt(NMI), IRET);
	expect(NMI, GUEST, after(INT2));
	expect(NMI, GUEST, after(HLT));
	expect(FENCE, GUEST, after(HLT));
	set_guest(0);
	inject_event(TYPE_EXTERNAL_INTERRUPT, NMI);
	enter(halt(NMI), IRET);
	expect(NMI, GUEST, first(HLT));
	expect(NMI, GUEST, after(HLT));
	expect(FENCE, GUEST, after(HLT));
}

/* An event with vector 2 was delivered here: it has set no bit 3 and blocks nothing. */
static void expect_no_nmi(unsigned place, uint64_t flags)
{
	expect(NMI, GUEST, place);
	expect_guest(flags);
	expect_host_open();
}

EXPERIMENT(220, vector_2_is_not_an_nmi_to_vm_entry,
	   .claim = "Types 0, 3 and 4 with vector 2, and INT 2, set no bit 3, neither with virtual "
		    "NMIs nor without, and leave the host open.",
	   .sdm = SDM_EVENTS, .needs = HAS_VMX | HAS_VIRTUAL_NMIS, .rules = {R5, R30})
{
	static const uint64_t settings[] = {0, NMI_EXITING, EV};

	for (unsigned i = 0; i < 3; i++) {
		set_guest(settings[i]);
		inject_event(TYPE_EXTERNAL_INTERRUPT, NMI);
		enter(NOP);
		expect_no_nmi(first(NOP), settings[i]);
		set_guest(settings[i]);
		inject_event(TYPE_EXCEPTION, NMI);
		enter(NOP);
		expect_no_nmi(first(NOP), settings[i]);
		set_guest(settings[i]);
		inject_software(TYPE_SOFTWARE_INTERRUPT, NMI, 1);
		enter(NOP);
		expect_no_nmi(after(NOP), settings[i]);
		set_guest(settings[i]);
		enter(INT2);
		expect_no_nmi(after(INT2), settings[i]);
	}
}

EXPERIMENT(221, injected_int_2_is_not_an_nmi,
	   .claim = "Type 4 with vector 2 is INT 2: it blocks nothing, a live NMI nests.",
	   .apm = APM_INJECT, .needs = HAS_SVM | HAS_NRIPS | HAS_HELPER, .rules = {R5, S10})
{
	set_guest(0);
	inject_software(TYPE_SOFTWARE_INTERRUPT, NMI, 0); /* nRIP is RIP: see 203 */
	enter(NOP, halt(NMI), IRET);
	expect(NMI, GUEST, first(NOP));
	expect(NMI, GUEST, after(HLT));
	expect(FENCE, GUEST, after(HLT));
}

EXPERIMENT(231, injected_nmi_does_not_wait_for_unblocking,
	   .claim = "An injected NMI is delivered although the host, or the guest, is blocked.",
	   .sdm = SDM_EVENTS, .apm = APM_INJECT, .needs = HAS_GUEST | HAS_HELPER,
	   .rules = {R30, S6})
{
	host_takes_nmi();
	set_guest(0);
	inject(NMI);
	enter(NOP);
	expect(NMI, GUEST, first(NOP));
	set_guest(0);
	enter(IRET, halt(NMI));
	expect(NMI, GUEST, after(HLT));
	expect(FENCE, GUEST, after(HLT));
	inject(NMI); /* into the same guest, with the settings that the exit saved */
	enter(NOP);
	expect(NMI, GUEST, first(NOP));
}

/* --- the valid bit --- */

/* expect_exit() and its like have looked at the valid bit; here nothing comes again. */
static void nothing_is_injected_again(uint64_t flags)
{
	set_guest(flags);
	inject_left_over();
	enter(NOP);
}

EXPERIMENT(216, every_exit_ends_the_injection,
	   .claim = "After a hypercall, a fault's exit and a nested page fault in the event's own "
		    "delivery, the injection is not valid: entered again, the guest gets nothing.",
	   .sdm = SDM_INJECT, .apm = "VMRUN", .needs = HAS_GUEST | HAS_NESTED_PAGING,
	   .rules = {R33})
{
	set_guest(0);
	inject(IRQ);
	enter(NOP);
	expect(IRQ, GUEST, first(NOP));
	nothing_is_injected_again(0);

	set_guest(INTERCEPT_GP);
	inject(IRQ);
	enter(NOP, BAD_SELECTOR);
	expect(IRQ, GUEST, first(NOP));
	expect_fault_exit(GP, at(BAD_SELECTOR), false);
	nothing_is_injected_again(0);

	unmap(GUEST_IDT);
	set_guest(NESTED_PAGING);
	inject(IRQ);
	enter(NOP);
	expect_nested_fault(GUEST_IDT, first(NOP), EVENT_INFO(TYPE_EXTERNAL_INTERRUPT, IRQ));
	map(GUEST_IDT);
	nothing_is_injected_again(NESTED_PAGING);
}

EXPERIMENT(222, exits_of_events_end_the_injection,
	   .claim = "After an exit for an NMI, the NMI window or the preemption timer the "
		    "injection is not valid.",
	   .sdm = SDM_INJECT, .needs = HAS_VMX | HAS_HELPER | HAS_NMI_WINDOW | HAS_TIMER,
	   .rules = {R33})
{
	static const struct {
		uint64_t flags;
		enum exit_reason reason;
	} exits[] = {
		{EVW, EXIT_NMI_WINDOW},
		{EV | PREEMPTION_TIMER_0, EXIT_TIMER},
	};

	for (unsigned i = 0; i < sizeof(exits) / sizeof(exits[0]); i++) {
		set_guest(exits[i].flags);
		inject(IRQ);
		enter(NOP);
		expect_exit(exits[i].reason, handler(IRQ));
		nothing_is_injected_again(EV);
	}
	set_guest(EV);
	inject(IRQ);
	enter(halt(NMI));
	expect(IRQ, GUEST, first(HLT));
	expect_exit(EXIT_NMI, after(HLT));
	host(IRET);
	nothing_is_injected_again(EV);
}

EXPERIMENT(223, exits_of_intercepts_end_the_injection,
	   .claim = "After an NMI intercept's exit, in the injected event's handler, and an IRET "
		    "intercept's, EVENTINJ is not valid.",
	   .apm = "VMRUN", .needs = HAS_SVM, .rules = {R33, S6})
{
	host(CLGI);
	nmis_arrive(1);
	set_guest(INTERCEPT_NMI);
	inject(IRQ);
	enter(NOP);
	expect_exit(EXIT_NMI, handler(IRQ));
	host(STGI);
	expect(NMI, HOST, after(STGI));
	host(IRET);
	nothing_is_injected_again(0);

	set_guest(INTERCEPT_IRET);
	inject(IRQ);
	enter(IRET);
	expect(IRQ, GUEST, first(IRET));
	expect_exit(EXIT_IRET, at(IRET));
	nothing_is_injected_again(0);
}

/* --- the event decides, not the instruction --- */

EXPERIMENT(217, reinjected_int3_needs_no_int3,
	   .claim = "INT3, cut off by a nested page fault, is delivered when it is injected again, "
		    "although a NOP is where it was. Its return address is recorded.",
	   .apm = APM_INJECT, .needs = HAS_SVM | HAS_NRIPS | HAS_NESTED_PAGING, .rules = {S10, S11})
{
	unmap(GUEST_IDT);
	set_guest(NESTED_PAGING);
	enter(INT3);
	expect_nested_fault(GUEST_IDT, at(INT3), software_event(TYPE_SOFTWARE_EXCEPTION, BP));
	map(GUEST_IDT);
	replace(INT3, NOP);
	reinject_instruction(1);
	resume();
	record_exception(BP);
}

EXPERIMENT(224, reinjected_int_n_needs_no_int_n,
	   .claim = "INT3 and INT n, cut off by an EPT violation, are delivered and return after "
		    "the instruction when they are injected again, although another one is there.",
	   .sdm = SDM_EVENTS, .needs = HAS_VMX | HAS_NESTED_PAGING, .rules = {R31, R36})
{
	unmap(GUEST_IDT);
	set_guest(NESTED_PAGING);
	enter(INT3);
	expect_nested_fault(GUEST_IDT, at(INT3), software_event(TYPE_SOFTWARE_EXCEPTION, BP));
	map(GUEST_IDT);
	replace(INT3, NOP);
	reinject();
	resume();
	expect_exception(BP, GUEST, after(INT3));

	unmap(GUEST_IDT);
	set_guest(NESTED_PAGING);
	enter(INTN);
	expect_nested_fault(GUEST_IDT, at(INTN), software_event(TYPE_SOFTWARE_INTERRUPT, SOFT));
	map(GUEST_IDT);
	replace(INTN, INT2);
	reinject();
	resume();
	expect(SOFT, GUEST, after(INTN));
}
