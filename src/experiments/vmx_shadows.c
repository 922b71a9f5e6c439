/* SPDX-License-Identifier: BSD-2-Clause */
/* 69-76: VMX, what an exit saves of shadows, and events whose delivery is cut off. */
#include "experiments/settings.h"
#include "nmi/experiment.h"

#define SDM_SAVING   "Saving Non-Register State"
#define SDM_DELIVERY "Information for VM Exits That Occur During Event Delivery"

EXPERIMENT(
	69, the_first_instructions_exit_saves_its_shadow,
	.claim = "A VMCALL under the MOV SS bit or the STI bit exits with that bit saved, and the "
		 "host has no shadow: an NMI that MOV SS held hits its first instruction.",
	.sdm = SDM_SAVING, .needs = HAS_VMX, .rules = {R23, R21})
{
	host_takes_nmi();
	nmis_arrive(1);
	set_guest(BLOCKED_BY_MOV_SS);
	enter();
	expect_exit(EXIT_HYPERCALL, at(HYPERCALL));
	expect(NMI, HOST, VMEXIT);
	expect_guest(BLOCKED_BY_MOV_SS);
	host(IRET);
	set_guest(BLOCKED_BY_STI | INTERRUPTS_ON);
	enter();
	expect_guest(BLOCKED_BY_STI);
	expect_host_open();
}

EXPERIMENT(70, injection_leaves_no_shadow,
	   .claim = "Of the bits that an injecting entry has none is saved: not when the delivery "
		    "is cut off, nor by an MTF exit at the handler.",
	   .sdm = "Interruptibility State", .needs = HAS_VMX | HAS_NESTED_PAGING | HAS_MTF,
	   .rules = {R22, R20, R48})
{
	unmap(GUEST_IDT);
	set_guest(NESTED_PAGING | BLOCKED_BY_MOV_SS);
	inject_with_error(GP, 0x1234);
	enter(NOP);
	expect_nested_fault(GUEST_IDT, first(NOP), exception_event(GP));
	expect_cut_off_error(0x1234);
	expect_guest(NESTED_PAGING);
	map(GUEST_IDT);
	set_guest(MONITOR_TRAP_FLAG | BLOCKED_BY_STI | INTERRUPTS_ON);
	inject(UD);
	enter(NOP);
	expect_exit(EXIT_MTF, handler(UD));
	expect_guest(MONITOR_TRAP_FLAG);
}

EXPERIMENT(71, the_guests_own_fault_is_reported_when_cut_off,
	   .claim =
		   "The guest's own #GP whose delivery needs a missing IDT page: IDT-vectoring has "
		   "it with its error code, saved RF is what it would have pushed; injected "
		   "again it is delivered.",
	   .sdm = SDM_DELIVERY, .needs = HAS_VMX | HAS_NESTED_PAGING, .rules = {R20, R48, R47})
{
	unmap(GUEST_IDT);
	set_guest(NESTED_PAGING);
	enter(BAD_SELECTOR);
	expect_nested_fault(GUEST_IDT, at(BAD_SELECTOR), exception_event(GP));
	expect_cut_off_error(0xfffc);
	expect_resume_flag(true);
	map(GUEST_IDT);
	reinject();
	resume();
	expect_exception(GP, GUEST, at(BAD_SELECTOR));
}

EXPERIMENT(72, own_nmi_survives_a_fault_below,
	   .claim =
		   "An NMI through a page of the guest that nobody has used is delivered once, and "
		   "blocks.",
	   .sdm = SDM_DELIVERY, .needs = HAS_VMX | HAS_NESTED_PAGING | HAS_NEW_PAGES,
	   .rules = {R20, R1})
{
	for (enum guest_page page = GUEST_IDT; page <= GUEST_STACK; page++) {
		host_takes_nmi();
		nmis_arrive(1);
		renew(page);
		set_guest(NESTED_PAGING);
		enter(NOP);
		expect(NMI, GUEST, first(NOP));
		expect_guest(NESTED_PAGING | BLOCKED_BY_NMI);
		expect_host_blocked();
		host(IRET);
	}
	expect_host_open();
}

EXPERIMENT(73, a_page_faults_missing_gate_makes_a_double_fault,
	   .claim =
		   "An injected #PF with the IDT ending before 14 and #DF intercepted: a #DF exit, "
		   "error code 0, that tells of no event.",
	   .sdm = SDM_DELIVERY, .needs = HAS_VMX, .rules = {R35, R48})
{
	set_guest(INTERCEPT_DF);
	end_idt_before(PF);
	inject(PF);
	enter(NOP);
	expect_delivery_fault(DF, first(NOP), 0);
	expect_error(0);
}

EXPERIMENT(74, an_intercepted_fault_in_a_double_faults_delivery_exits,
	   .claim = "An injected #DF with the IDT ending before 8 and #GP intercepted: a #GP exit "
		    "that reports the #DF, and no triple fault.",
	   .sdm = SDM_DELIVERY, .needs = HAS_VMX, .rules = {R35, R48})
{
	set_guest(INTERCEPT_GP);
	end_idt_before(DF);
	inject(DF);
	enter(NOP);
	expect_delivery_fault(GP, first(NOP), exception_event(DF));
	expect_error(DF * 8 + 3);
}

/* The gate is missing: the #GP exits. */
static void expect_refusal(enum step step, enum event_type type, unsigned vector, unsigned length)
{
	set_guest(INTERCEPT_GP);
	end_idt_before(vector);
	enter(step);
	expect_delivery_fault(GP, at(step), software_event(type, vector));
	expect_length(length);
	expect_error(vector * 8 + 2);
	expect_resume_flag(true);
}

EXPERIMENT(75, a_fault_in_a_software_events_delivery_has_its_length,
	   .claim = "INT n whose gate is missing: the intercepted #GP's exit has the instruction's "
		    "length, the event, an error code without bit 0, and RF set.",
	   .sdm = "Information for VM Exits Due to Instruction Execution", .needs = HAS_VMX,
	   .rules = {R36, R9, R47})
{
	expect_refusal(INTN, TYPE_SOFTWARE_INTERRUPT, SOFT, 2);
}

EXPERIMENT(76, injected_exceptions_and_interrupts_do_not_exit,
	   .claim = "An injected #GP is delivered with its error code in spite of the exception "
		    "bitmap, an injected interrupt in spite of external-interrupt exiting.",
	   .sdm = "VM Exits During Event Injection", .needs = HAS_VMX, .rules = {R29, R48})
{
	set_guest(INTERCEPT_GP);
	inject_with_error(GP, 0x1234);
	enter(NOP);
	expect_exception(GP, GUEST, first(NOP));
	expect_pushed_error(0x1234);
	set_guest(EXTERNAL_INTERRUPT_EXITING);
	inject(IRQ);
	enter(NOP);
	expect(IRQ, GUEST, first(NOP));
	expect_guest(EXTERNAL_INTERRUPT_EXITING);
}
