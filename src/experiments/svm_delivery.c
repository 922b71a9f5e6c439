/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SVM, exits in the midst of an event's delivery, whosever the event is: what
 * EXITINTINFO and nRIP say of it. Others are in delivery.c and injection.c.
 */
#include "nmi/experiment.h"

EXPERIMENT(143, iret_intercept_saves_nrip,
	   .claim = "The IRET intercept is an instruction's: its exit saves nRIP.",
	   .apm = "State Saved on Exit", .needs = HAS_SVM | HAS_NRIPS, .rules = {S12, S5})
{
	set_guest(INTERCEPT_IRET);
	enter(IRET);
	expect_exit(EXIT_IRET, at(IRET));
	expect_length(sizeof(long) / 4); /* IRETQ has a prefix */
}

/* Of the guest's IDT only what comes before this vector is left; it gets this event. */
static void inject_without_gate(unsigned end, uint64_t flags, unsigned vector)
{
	set_guest(flags);
	end_idt_before(end);
	inject(vector);
	enter(NOP);
}

EXPERIMENT(144, fault_in_a_double_faults_delivery_exits,
	   .claim = "An intercepted #GP in a #DF's delivery exits, and EXITINTINFO has the #DF: it "
		    "is no shutdown.",
	   .apm = "EXITINTINFO Pseudo-Code", .needs = HAS_SVM, .rules = {S11, S6})
{
	inject_without_gate(DF, INTERCEPT_GP, DF);
	expect_delivery_fault(GP, first(NOP), exception_event(DF));
}

EXPERIMENT(145, shutdown_exits_and_clears_gif,
	   .claim = "A triple fault in the guest exits with 7Fh; GIF is 0 after it as after any "
		    "exit. EXITINTINFO is recorded: the VMCB's state is undefined.",
	   .apm = "Shutdown Intercept", .needs = HAS_SVM, .rules = {S2, S11})
{
	inject_without_gate(DF, 0, GP);
	expect_exit(EXIT_SHUTDOWN, PLACE_ANYWHERE);
	record_cut_off();
	nmis_arrive(1);
	host(NOP);
	host(STGI);
	expect(NMI, HOST, after(STGI));
	host(IRET, NOP);
	expect_host_open();
}

EXPERIMENT(146, guests_own_nmi_cut_off_is_reported,
	   .claim = "When the delivery of an NMI that nobody injected exits, EXITINTINFO is "
		    "80000202h; injected it is delivered, once.",
	   .apm = "Intercepts During IDT Interrupt Delivery", .needs = HAS_SVM | HAS_NESTED_PAGING,
	   .rules = {S11, S3})
{
	for (enum guest_page page = GUEST_IDT; page <= GUEST_STACK; page++) {
		set_guest(0);
		inject(UD); /* not this one */
		enter(NOP);
		expect_exception(UD, GUEST, first(NOP));
		host(CLGI);
		nmis_arrive(1);
		unmap(page);
		set_guest(NESTED_PAGING);
		enter(NOP);
		expect_nested_fault(page, first(NOP), EVENT_INFO(TYPE_NMI, NMI));
		map(page);
		reinject();
		resume();
		expect(NMI, GUEST, first(NOP));
		host(IRET);
		host(STGI);
		expect_host_open();
	}
}

/* The guest's own event, through an IDT that is missing, which is put back. */
static void cut_off_at(enum step step, uint64_t flags, uint32_t event)
{
	set_guest(0);
	inject(UD); /* not this one */
	enter(NOP);
	expect_exception(UD, GUEST, first(NOP));
	unmap(GUEST_IDT);
	set_guest(NESTED_PAGING | flags);
	enter(step);
	expect_nested_fault(GUEST_IDT, at(step), event);
	map(GUEST_IDT);
}

EXPERIMENT(168, guests_own_fault_cut_off_is_reported,
	   .claim = "When a nested page fault cuts off the delivery of the guest's own #GP, "
		    "EXITINTINFO has it; injected it comes once, at the instruction.",
	   .apm = "Intercepts During IDT Interrupt Delivery", .needs = HAS_SVM | HAS_NESTED_PAGING,
	   .rules = {S11})
{
	cut_off_at(BAD_SELECTOR, 0, exception_event(GP));
	reinject();
	resume();
	expect_exception(GP, GUEST, at(BAD_SELECTOR));
}

EXPERIMENT(169, guests_own_int_n_cut_off_is_reported,
	   .claim = "When a nested page fault cuts off the guest's own INT n, EXITINTINFO has it, "
		    "nRIP is 0; injected with nRIP behind the instruction it comes once.",
	   .apm = "Intercepts During IDT Interrupt Delivery",
	   .needs = HAS_SVM | HAS_NESTED_PAGING | HAS_NRIPS, .rules = {S11, S12, S10})
{
	cut_off_at(INTN, 0, EVENT_INFO(TYPE_SOFTWARE_INTERRUPT, SOFT));
	expect_no_length();
	reinject_instruction(2);
	resume();
	expect(SOFT, GUEST, after(INTN));
}

EXPERIMENT(170, fault_in_int_ns_delivery_saves_no_nrip,
	   .claim = "A #GP that exits in the delivery of the guest's own INT n is no instruction's "
		    "exit: nRIP is 0. EXITINTINFO has the INT n.",
	   .apm = "State Saved on Exit", .needs = HAS_SVM | HAS_NRIPS, .rules = {S12, S11})
{
	set_guest(0);
	inject(UD); /* not this one */
	enter(NOP);
	expect_exception(UD, GUEST, first(NOP));
	set_guest(INTERCEPT_GP);
	end_idt_before(SOFT);
	enter(INTN);
	expect_delivery_fault(GP, at(INTN), EVENT_INFO(TYPE_SOFTWARE_INTERRUPT, SOFT));
	expect_no_length();
}

EXPERIMENT(171, cut_off_interrupt_is_reported,
	   .claim = "When a nested page fault cuts off the delivery of a physical interrupt, "
		    "EXITINTINFO has it, and injected it comes once.",
	   .apm = "Intercepts During IDT Interrupt Delivery", .needs = HAS_SVM | HAS_NESTED_PAGING,
	   .rules = {S11})
{
	for (enum guest_page page = GUEST_IDT; page <= GUEST_STACK; page++) {
		set_guest(0);
		inject(UD); /* not this one */
		enter(NOP);
		expect_exception(UD, GUEST, first(NOP));
		nmis_arrive(0); /* GIF is 0 since the exit */
		unmap(page);
		set_guest(NESTED_PAGING | INTERRUPTS_ON);
		enter(NOP);
		expect_nested_fault(page, first(NOP), EVENT_INFO(TYPE_EXTERNAL_INTERRUPT, FENCE));
		map(page);
		reinject();
		resume();
		expect(FENCE, GUEST, first(NOP));
	}
}

EXPERIMENT(183, fault_at_an_nmi_handlers_first_instruction_is_its_own,
	   .claim = "When the page of an NMI's handler is missing the exit saves the handler's RIP "
		    "and no event; entered again the handler runs, once.",
	   .apm = "Intercepts During IDT Interrupt Delivery", .needs = HAS_SVM | HAS_NESTED_PAGING,
	   .rules = {S11})
{
	host(CLGI);
	nmis_arrive(1);
	unmap(GUEST_HANDLERS);
	set_guest(NESTED_PAGING);
	enter(NOP);
	expect_nested_fault(GUEST_HANDLERS, handler(NMI), 0);
	map(GUEST_HANDLERS);
	resume();
	expect(NMI, GUEST, first(NOP));
	host(IRET, STGI);
	expect_host_open();
}
