/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events injected through pages of the guest that nobody has
 * used. On a bare machine nothing happens on the way. A hypervisor below us takes a fault in the
 * midst of the delivery, makes the page present, and has to inject again what we injected: to us
 * the whole of it is VM entry, and only the count and the return address can tell that something
 * went wrong.
 */
#include "experiments/settings.h"
#include "nmi/experiment.h"

#define SDM_INJECT    "Details of Vectored-Event Injection"
#define APM_INJECT    "Event Injection"

#define HAS_SVM_PAGES (HAS_SVM | HAS_NESTED_PAGING | HAS_NEW_PAGES)
#define HAS_VMX_PAGES (HAS_VMX | HAS_NESTED_PAGING | HAS_NEW_PAGES)

/* At an instruction of one byte, a NOP; nRIP, or the instruction length, is as far from RIP. */
static void inject_at_nop(enum event_type type, unsigned vector, unsigned length)
{
	set_guest(NESTED_PAGING);
	inject_software(type, vector, length);
	enter(NOP, NOP);
}

/* Every page that a delivery needs has been used. */
static void use_the_pages(void)
{
	set_guest(NESTED_PAGING);
	enter(NOP, INT2);
	expect(NMI, GUEST, after(INT2));
}

/* The manual may leave open where it returns to: it is the same place with a fault below. */
static void returns_to_the_same_place(unsigned vector)
{
	for (enum guest_page page = GUEST_IDT; page <= GUEST_STACK; page++) {
		use_the_pages();
		inject_at_nop(TYPE_SOFTWARE_EXCEPTION, vector, 1);
		unsigned place = expect_exception_somewhere(vector);
		renew(page);
		inject_at_nop(TYPE_SOFTWARE_EXCEPTION, vector, 1);
		expect_exception(vector, GUEST, place);
	}
}

EXPERIMENT(207, injected_int3_survives_a_fault_below,
	   .claim = "INT3, injected through a page that nobody has used, is delivered once, and "
		    "returns to where it does through one that was used.",
	   .apm = APM_INJECT, .needs = HAS_SVM_PAGES | HAS_NRIPS, .rules = {S10, S6})
{
	returns_to_the_same_place(BP);
}

EXPERIMENT(208, injected_into_survives_a_fault_below,
	   .claim = "INTO, injected through a page that nobody has used, is delivered once, and "
		    "returns to where it does through one that was used.",
	   .apm = APM_INJECT, .needs = HAS_SVM_PAGES | HAS_NRIPS | HAS_32_BIT, .rules = {S10, S6})
{
	returns_to_the_same_place(OF);
}

EXPERIMENT(209, injected_int_n_survives_a_fault_below,
	   .claim = "INT n, injected through a page that nobody has used, is delivered once, and "
		    "returns to where it does through one that was used.",
	   .apm = APM_INJECT, .needs = HAS_SVM_PAGES | HAS_NRIPS, .rules = {S10, S6})
{
	for (enum guest_page page = GUEST_IDT; page <= GUEST_STACK; page++) {
		renew(page);
		inject_at_nop(TYPE_SOFTWARE_INTERRUPT, SOFT, 1);
		expect(SOFT, GUEST, after(NOP));
	}
}

EXPERIMENT(227, injected_int3_with_nrip_at_rip_survives_a_fault_below,
	   .claim = "INT3 with nRIP = RIP, or without nRIP, injected through a page that nobody "
		    "has used, is delivered once and returns to RIP.",
	   .apm = APM_INJECT, .needs = HAS_SVM_PAGES, .rules = {S10, S6})
{
	for (enum guest_page page = GUEST_IDT; page <= GUEST_STACK; page++) {
		renew(page);
		inject_at_nop(TYPE_SOFTWARE_EXCEPTION, BP, 0);
		expect_exception(BP, GUEST, first(NOP));
	}
}

EXPERIMENT(218, injected_events_survive_a_fault_below,
	   .claim = "Types 0, 3, 4 and 6, injected through a page that nobody has used, are "
		    "delivered once and return to RIP, or after the instruction.",
	   .sdm = SDM_INJECT, .needs = HAS_VMX_PAGES, .rules = {R31})
{
	for (enum guest_page page = GUEST_IDT; page <= GUEST_STACK; page++) {
		renew(page);
		set_guest(NESTED_PAGING);
		inject(IRQ);
		enter(NOP);
		expect(IRQ, GUEST, first(NOP));
		renew(page);
		set_guest(NESTED_PAGING);
		inject(UD);
		enter(NOP);
		expect_exception(UD, GUEST, first(NOP));
		renew(page);
		inject_at_nop(TYPE_SOFTWARE_INTERRUPT, SOFT, 1);
		expect(SOFT, GUEST, after(NOP));
		renew(page);
		inject_at_nop(TYPE_SOFTWARE_EXCEPTION, BP, 1);
		expect_exception(BP, GUEST, after(NOP));
	}
}

EXPERIMENT(230, injected_int1_survives_a_fault_below,
	   .claim = "INT1 (type 5), injected through a page that nobody has used, is delivered "
		    "once and returns after the instruction.",
	   .sdm = SDM_INJECT, .needs = HAS_VMX_PAGES, .rules = {R31})
{
	for (enum guest_page page = GUEST_IDT; page <= GUEST_STACK; page++) {
		renew(page);
		inject_at_nop(TYPE_PRIVILEGED_EXCEPTION, DB, 1);
		expect_exception(DB, GUEST, after(NOP));
	}
}

EXPERIMENT(225, injected_nmi_survives_a_fault_below_svm,
	   .claim = "An NMI, injected through a page that nobody has used, is delivered once and "
		    "blocks nothing: one that is pending for the host exits at its handler.",
	   .apm = APM_INJECT, .needs = HAS_SVM_PAGES, .rules = {S7, S6})
{
	for (enum guest_page page = GUEST_IDT; page <= GUEST_STACK; page++) {
		renew(page);
		host(CLGI);
		nmis_arrive(1);
		set_guest(INTERCEPT_NMI | NESTED_PAGING);
		inject(NMI);
		enter(NOP);
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

EXPERIMENT(226, injected_nmi_survives_a_fault_below,
	   .claim = "(1,0,0) and (1,1,0): an NMI, injected through a page that nobody has used, is "
		    "delivered once and leaves the host open; with virtual NMIs bit 3 is set.",
	   .sdm = SDM_INJECT, .needs = HAS_VMX_PAGES | HAS_VIRTUAL_NMIS, .rules = {R30})
{
	for (enum guest_page page = GUEST_IDT; page <= GUEST_STACK; page++) {
		renew(page);
		set_guest(NMI_EXITING | NESTED_PAGING);
		inject(NMI);
		enter(NOP);
		expect(NMI, GUEST, first(NOP));
		expect_host_open();
		renew(page);
		set_guest(EV | NESTED_PAGING);
		inject(NMI);
		enter(NOP);
		expect(NMI, GUEST, first(NOP));
		expect_guest(EVB | NESTED_PAGING);
		expect_host_open();
	}
}

EXPERIMENT(232, injected_interrupt_survives_a_fault_below_while_gif_is_0,
	   .claim = "With VGIF and the guest's GIF 0, an interrupt is injected all the same, also "
		    "through a page that nobody has used.",
	   .apm = APM_INJECT, .needs = HAS_SVM_PAGES | HAS_VGIF, .rules = {S6, S19})
{
	for (enum guest_page page = GUEST_IDT; page <= GUEST_STACK; page++) {
		set_guest(V_GIF_ENABLE | NESTED_PAGING);
		inject(IRQ);
		enter(NOP);
		expect(IRQ, GUEST, first(NOP));
		renew(page);
		set_guest(V_GIF_ENABLE | NESTED_PAGING);
		inject(IRQ);
		enter(NOP);
		expect(IRQ, GUEST, first(NOP));
	}
}
