/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SVM. Each mirrors the VMX experiment of its number less 100; what bit 3 is to VMX, the
 * global interrupt flag (GIF) is here.
 */
#include "nmi/experiment.h"

#define APM_GIF "Global Interrupt Flag, STGI and CLGI Instructions"

/* The NMI that stayed pending comes at STGI, once; then the host is as it was before. */
static void stgi_delivers_one_nmi(void)
{
	host(STGI);
	expect(NMI, HOST, after(STGI));
	host(IRET, NOP);
	expect_host_open();
}

EXPERIMENT(101, guest_takes_an_nmi_through_its_own_idt_svm,
	   .claim = "Without the NMI intercept an NMI goes through the guest's IDT and ends HLT.",
	   .apm = "NMI Intercept", .needs = HAS_SVM | HAS_HELPER, .rules = {S3, R1})
{
	set_guest(0);
	enter(halt(NMI), IRET, halt());
	expect(NMI, GUEST, after(HLT));
	expect(FENCE, GUEST, after(HLT));
	expect(FENCE, GUEST, after(HLT));
	host(STGI);
	expect_host_open();
}

EXPERIMENT(103, vmrun_sets_gif_and_lets_a_held_nmi_into_the_guest,
	   .claim = "VMRUN sets GIF: the NMI that GIF=0 held hits the guest's first instruction.",
	   .apm = APM_GIF, .needs = HAS_SVM, .rules = {S1, S2})
{
	host(CLGI);
	nmis_arrive(1);
	set_guest(0);
	enter(NOP, IRET);
	expect(NMI, GUEST, first(NOP));
	host(STGI);
	expect_host_open();
}

EXPERIMENT(105, intercepted_nmi_stays_pending_until_stgi,
	   .claim = "An intercepted NMI exits with 61h and stays pending; STGI delivers it.",
	   .apm = "NMI Intercept", .needs = HAS_SVM | HAS_HELPER, .rules = {S3, S2})
{
	set_guest(INTERCEPT_NMI);
	enter(halt(NMI));
	expect_exit(EXIT_NMI, after(HLT));
	host(NOP);
	stgi_delivers_one_nmi();
}

EXPERIMENT(106, intercepted_nmi_exits_again_without_stgi,
	   .claim = "VMRUN without STGI exits again, each time, at once; STGI delivers one NMI.",
	   .apm = "NMI Intercept", .needs = HAS_SVM | HAS_HELPER, .rules = {S3, S2})
{
	set_guest(INTERCEPT_NMI);
	enter(halt(NMI));
	expect_exit(EXIT_NMI, after(HLT));
	for (unsigned i = 0; i < 3; i++) {
		enter(NOP);
		expect_exit(EXIT_NMI, first(NOP));
	}
	stgi_delivers_one_nmi();
}

EXPERIMENT(107, held_nmi_exits_at_the_entry,
	   .claim = "VMRUN with a held NMI and its intercept exits before the first instruction.",
	   .apm = APM_GIF, .needs = HAS_SVM, .rules = {S1, S3})
{
	host(CLGI);
	nmis_arrive(1);
	set_guest(INTERCEPT_NMI);
	enter(NOP);
	expect_exit(EXIT_NMI, first(NOP));
	stgi_delivers_one_nmi();
}

EXPERIMENT(115, held_nmi_hits_the_injected_handler,
	   .claim = "The injected interrupt is delivered first; the NMI that GIF=0 held then hits "
		    "its handler's first instruction.",
	   .apm = "Event Injection", .needs = HAS_SVM, .rules = {S6})
{
	host(CLGI);
	nmis_arrive(1);
	set_guest(0);
	inject(IRQ);
	enter(NOP, IRET);
	expect(NMI, GUEST, handler(IRQ));
	expect(IRQ, GUEST, first(NOP));
	host(STGI);
	expect_host_open();
}

EXPERIMENT(116, held_nmi_exits_at_the_injected_handler,
	   .claim = "The injected interrupt is delivered first; the held NMI then exits at its "
		    "handler's first instruction, and EXITINTINFO is not valid.",
	   .apm = "Event Injection", .needs = HAS_SVM, .rules = {S6, S3})
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
	resume();
	expect(IRQ, GUEST, first(NOP));
	host(STGI);
	expect_host_open();
}

EXPERIMENT(118, injected_nmi_blocks_nothing_svm,
	   .claim = "Without vNMI an injected NMI does not block: a live one nests.",
	   .apm = "Event Injection", .needs = HAS_SVM | HAS_HELPER, .rules = {S7})
{
	set_guest(0);
	inject(NMI);
	enter(halt(NMI), IRET);
	expect(NMI, GUEST, first(HLT));
	expect(NMI, GUEST, after(HLT));
	expect(FENCE, GUEST, after(HLT));
	host(STGI);
	expect_host_open();
}

EXPERIMENT(123, iret_intercept_comes_before_the_unblocking,
	   .claim =
		   "The IRET intercept exits with the RIP at the IRET, NMIs still masked: the next "
		   "one comes only after the IRET has been executed.",
	   .apm = "Instruction Intercepts", .needs = HAS_SVM | HAS_HELPER, .rules = {S5})
{
	set_guest(INTERCEPT_IRET);
	enter(halt(NMI), IRET);
	expect(NMI, GUEST, after(HLT));
	expect(FENCE, GUEST, after(HLT));
	expect_exit(EXIT_IRET, at(IRET));
	nmis_arrive(1);
	set_guest(0);
	resume();
	expect(NMI, GUEST, after(IRET));
	host(STGI, IRET);
	expect_host_open();
}

EXPERIMENT(126, held_nmi_exits_at_the_injected_nmis_handler,
	   .claim = "The injected NMI is delivered, the held one exits at its handler's first "
		    "instruction.",
	   .apm = "Event Injection", .needs = HAS_SVM, .rules = {S6, S7})
{
	host(CLGI);
	nmis_arrive(1);
	set_guest(INTERCEPT_NMI);
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

EXPERIMENT(127, one_of_two_held_nmis_reaches_the_guest_svm,
	   .claim = "Of two NMIs that GIF=0 held, the guest gets one.", .apm = APM_GIF,
	   .needs = HAS_SVM, .rules = {R4, S1})
{
	host(CLGI);
	nmis_arrive(2);
	set_guest(0);
	enter(NOP, IRET, NOP);
	expect(NMI, GUEST, first(NOP));
	host(STGI);
	expect_host_open();
}

EXPERIMENT(128, one_of_two_held_nmis_exits_svm,
	   .claim = "Of two NMIs that GIF=0 held, one exits and is delivered at STGI.",
	   .apm = APM_GIF, .needs = HAS_SVM, .rules = {R4, S1, S3})
{
	host(CLGI);
	nmis_arrive(2);
	set_guest(INTERCEPT_NMI);
	enter(NOP);
	expect_exit(EXIT_NMI, first(NOP));
	stgi_delivers_one_nmi();
}

EXPERIMENT(129, one_of_three_held_nmis_reaches_the_host,
	   .claim = "Of three NMIs that GIF=0 held, the host gets one at STGI.", .apm = APM_GIF,
	   .needs = HAS_SVM, .rules = {R4, S1})
{
	host(CLGI);
	nmis_arrive(3);
	host(NOP);
	stgi_delivers_one_nmi();
}

EXPERIMENT(130, an_exit_and_more_nmis_leave_one_pending,
	   .claim = "An NMI that has exited is pending still: more that come before STGI are lost.",
	   .apm = "NMI Intercept", .needs = HAS_SVM, .rules = {R4, S3})
{
	host(CLGI);
	nmis_arrive(1);
	set_guest(INTERCEPT_NMI);
	enter(NOP);
	expect_exit(EXIT_NMI, first(NOP));
	nmis_arrive(2);
	stgi_delivers_one_nmi();
}
