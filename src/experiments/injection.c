/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Injecting events, and injecting again what a nested page fault cut off. The page is put back
 * between the two; the event must then be delivered once, with the right RIP.
 */
#include "experiments/settings.h"
#include "nmi/experiment.h"

#define NMI_EVENT  EVENT_INFO(TYPE_NMI, NMI)

#define SDM_BEFORE "Architectural State Before a VM Exit"
#define SDM_INJECT "Details of Vectored-Event Injection"
#define APM_INJECT "Event Injection"

EXPERIMENT(34, reinjected_nmi_is_delivered_once,
	   .claim = "(1,1,0): when the delivery of an injected NMI exits, bit 3 is saved as 1; "
		    "cleared and injected again it is delivered once, and bit 3 is set.",
	   .sdm = SDM_BEFORE, .needs = HAS_VMX | HAS_VIRTUAL_NMIS | HAS_NESTED_PAGING,
	   .rules = {R34, R30})
{
	for (enum guest_page page = GUEST_IDT; page <= GUEST_STACK; page++) {
		unmap(page);
		set_guest(EV | NESTED_PAGING);
		inject(NMI);
		enter(NOP);
		expect_nested_fault(page, first(NOP), NMI_EVENT);
		expect_guest(EVB | NESTED_PAGING);
		expect_host_open();
		map(page);
		set_guest(EV | NESTED_PAGING);
		reinject();
		resume();
		expect(NMI, GUEST, first(NOP));
		expect_guest(EVB | NESTED_PAGING);
		expect_host_open();
	}
}

EXPERIMENT(35, nmi_blocks_before_its_delivery_exits,
	   .claim = "(0,0,0): when the delivery of the guest's own NMI exits, NMIs are blocked: "
		    "bit 3 is saved as 1, and the host is blocked.",
	   .sdm = SDM_BEFORE, .needs = HAS_VMX | HAS_NESTED_PAGING, .rules = {R20, R17})
{
	host_takes_nmi();
	nmis_arrive(1);
	unmap(GUEST_STACK);
	set_guest(NESTED_PAGING);
	enter(NOP);
	expect_nested_fault(GUEST_STACK, first(NOP), NMI_EVENT);
	expect_guest(BLOCKED_BY_NMI | NESTED_PAGING);
	expect_host_blocked();
	map(GUEST_STACK);
	reinject();
	resume();
	expect(NMI, GUEST, first(NOP));
	expect_guest(BLOCKED_BY_NMI | NESTED_PAGING);
	host(IRET);
	expect_host_open();
}

/* At an instruction of one byte, a NOP: the return address tells RIP from the next one. */
static void inject_at_nop(enum event_type type, unsigned vector)
{
	set_guest(0);
	inject_software(type, vector, 1);
	enter(NOP, NOP);
}

/* The event's handler is entered once, its return address after the instruction. */
static void expect_software(enum event_type type, unsigned vector)
{
	if (type == TYPE_SOFTWARE_INTERRUPT)
		expect(vector, GUEST, after(NOP));
	else
		expect_exception(vector, GUEST, after(NOP));
}

EXPERIMENT(201, injected_int3_return_address,
	   .claim = "Open, as far as the APM goes: an injected INT3 pushes nRIP or RIP.",
	   .apm = APM_INJECT, .needs = HAS_SVM | HAS_NRIPS, .rules = {S10})
{
	inject_at_nop(TYPE_SOFTWARE_EXCEPTION, BP);
	record_exception(BP);
}

EXPERIMENT(202, injected_into_return_address,
	   .claim = "Open, as far as the APM goes: an injected INTO pushes nRIP or RIP.",
	   .apm = APM_INJECT, .needs = HAS_SVM | HAS_NRIPS | HAS_32_BIT, .rules = {S10})
{
	inject_at_nop(TYPE_SOFTWARE_EXCEPTION, OF);
	record_exception(OF);
}

EXPERIMENT(203, injected_int_n_returns_to_next_rip,
	   .claim = "An injected INT n pushes nRIP, not RIP.", .apm = APM_INJECT,
	   .needs = HAS_SVM | HAS_NRIPS, .rules = {S10})
{
	inject_at_nop(TYPE_SOFTWARE_INTERRUPT, SOFT);
	expect_software(TYPE_SOFTWARE_INTERRUPT, SOFT);
}

/* The same through a fault on this page of the guest, which is put back. */
static void reinject_at_nop(enum event_type type, unsigned vector, enum guest_page page)
{
	unmap(page);
	set_guest(NESTED_PAGING);
	inject_software(type, vector, 1);
	enter(NOP, NOP);
	expect_nested_fault(page, first(NOP), software_event(type, vector));
	map(page);
	reinject();
	resume();
}

EXPERIMENT(204, reinjected_int3_is_delivered_once,
	   .claim = "INT3 injected, cut off by a nested page fault and injected again: one "
		    "delivery. Its return address is recorded.",
	   .apm = "EXITINTINFO", .needs = HAS_SVM | HAS_NRIPS | HAS_NESTED_PAGING,
	   .rules = {S10, S11, S6})
{
	for (enum guest_page page = GUEST_IDT; page <= GUEST_STACK; page++) {
		reinject_at_nop(TYPE_SOFTWARE_EXCEPTION, BP, page);
		record_exception(BP);
	}
}

EXPERIMENT(205, reinjected_into_is_delivered_once,
	   .claim = "INTO injected, cut off by a nested page fault and injected again: one "
		    "delivery. Its return address is recorded.",
	   .apm = "EXITINTINFO", .needs = HAS_SVM | HAS_NRIPS | HAS_NESTED_PAGING | HAS_32_BIT,
	   .rules = {S10, S11, S6})
{
	for (enum guest_page page = GUEST_IDT; page <= GUEST_STACK; page++) {
		reinject_at_nop(TYPE_SOFTWARE_EXCEPTION, OF, page);
		record_exception(OF);
	}
}

EXPERIMENT(206, reinjected_int_n_is_delivered_once,
	   .claim = "INT n injected, cut off by a nested page fault and injected again: one "
		    "delivery, with the return address of the first try.",
	   .apm = "EXITINTINFO", .needs = HAS_SVM | HAS_NRIPS | HAS_NESTED_PAGING,
	   .rules = {S10, S11, S6})
{
	for (enum guest_page page = GUEST_IDT; page <= GUEST_STACK; page++) {
		reinject_at_nop(TYPE_SOFTWARE_INTERRUPT, SOFT, page);
		expect_software(TYPE_SOFTWARE_INTERRUPT, SOFT);
	}
}

EXPERIMENT(210, reinjected_nmi_leaves_the_hosts_blocking_alone,
	   .claim =
		   "An NMI injected, cut off by a nested page fault and injected again is "
		   "delivered once, while another one is pending for the host, which then gets it.",
	   .apm = APM_INJECT, .needs = HAS_SVM | HAS_NESTED_PAGING, .rules = {S6, S7, S11})
{
	for (enum guest_page page = GUEST_IDT; page <= GUEST_STACK; page++) {
		host(CLGI);
		nmis_arrive(1);
		unmap(page);
		set_guest(INTERCEPT_NMI | NESTED_PAGING);
		inject(NMI);
		enter(NOP);
		expect_nested_fault(page, first(NOP), NMI_EVENT);
		map(page);
		reinject();
		resume();
		expect_exit(EXIT_NMI, handler(NMI));
		host(STGI);
		expect(NMI, HOST, after(STGI));
		host(IRET);
		resume();
		expect(NMI, GUEST, first(NOP));
		host(STGI);
		expect_host_open();
	}
}

/* VMX has a type for each kind of instruction that makes an event. */
static const struct {
	enum event_type type;
	unsigned vector;
} software_events[] = {
	{TYPE_SOFTWARE_INTERRUPT, SOFT},
	{TYPE_PRIVILEGED_EXCEPTION, DB},
	{TYPE_SOFTWARE_EXCEPTION, BP},
};
#define SOFTWARE_EVENTS (sizeof(software_events) / sizeof(software_events[0]))

EXPERIMENT(211, injected_software_events_return_after_the_instruction,
	   .claim = "Types 4, 5 and 6 push RIP plus the instruction length.", .sdm = SDM_INJECT,
	   .needs = HAS_VMX, .rules = {R31})
{
	for (unsigned i = 0; i < SOFTWARE_EVENTS; i++) {
		inject_at_nop(software_events[i].type, software_events[i].vector);
		expect_software(software_events[i].type, software_events[i].vector);
	}
}

EXPERIMENT(212, injected_hardware_events_return_to_rip, .claim = "Types 0, 2 and 3 push RIP.",
	   .sdm = SDM_INJECT, .apm = APM_INJECT, .needs = HAS_GUEST, .rules = {R31, R33, S6})
{
	set_guest(0);
	inject(IRQ);
	enter(NOP);
	expect(IRQ, GUEST, first(NOP));
	set_guest(0);
	inject(NMI);
	enter(NOP);
	expect(NMI, GUEST, first(NOP));
	set_guest(0);
	inject(UD);
	enter(NOP);
	expect_exception(UD, GUEST, first(NOP));
}

EXPERIMENT(
	213, reinjected_software_events_are_delivered_once,
	.claim = "Types 4, 5 and 6, cut off by an EPT violation and injected again with the exit's "
		 "instruction length: one delivery, with the return address of the first try.",
	.sdm = "Information for VM Exits That Occur During Event Delivery",
	.needs = HAS_VMX | HAS_NESTED_PAGING, .rules = {R31, R36})
{
	for (unsigned i = 0; i < SOFTWARE_EVENTS; i++)
		for (enum guest_page page = GUEST_IDT; page <= GUEST_STACK; page++) {
			reinject_at_nop(software_events[i].type, software_events[i].vector, page);
			expect_software(software_events[i].type, software_events[i].vector);
		}
}
