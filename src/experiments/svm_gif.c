/* SPDX-License-Identifier: BSD-2-Clause */
/* 101-159: SVM. What bit 3 is to VMX, the global interrupt flag is here. */
#include "nmi/experiment.h"

EXPERIMENT(
	101, guest_takes_an_nmi_through_its_own_idt_svm,
	.claim = "Without the NMI intercept an NMI goes through the guest's IDT and ends its HLT.",
	.apm = "NMI Intercept", .needs = NEEDS_SVM | NEEDS_HELPER, .rules = {S3, R1})
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
	   .claim = "VMRUN sets GIF: the NMI that GIF=0 held hits the guest's first "
		    "instruction.",
	   .apm = "Global Interrupt Flag, STGI and CLGI Instructions", .needs = NEEDS_SVM,
	   .rules = {S1, S2})
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
	   .claim = "An intercepted NMI exits with 61h and stays pending; STGI "
		    "delivers it.",
	   .apm = "NMI Intercept", .needs = NEEDS_SVM | NEEDS_HELPER, .rules = {S3, S2})
{
	set_guest(INTERCEPT_NMI);
	enter(halt(NMI));
	expect_exit(EXIT_NMI, after(HLT));
	host(NOP);
	host(STGI);
	expect(NMI, HOST, after(STGI));
	host(IRET);
	expect_host_open();
}

EXPERIMENT(107, held_nmi_exits_at_the_entry,
	   .claim = "VMRUN with a held NMI and its intercept exits before "
		    "the first instruction.",
	   .apm = "Global Interrupt Flag, STGI and CLGI Instructions", .needs = NEEDS_SVM,
	   .rules = {S1, S3})
{
	host(CLGI);
	nmis_arrive(1);
	set_guest(INTERCEPT_NMI);
	enter(NOP);
	expect_exit(EXIT_NMI, first(NOP));
	host(STGI);
	expect(NMI, HOST, after(STGI));
	host(IRET);
	expect_host_open();
}
