/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SVM, GIF against interrupts, VMRUN with GIF=1, STGI and CLGI in the guest,
 * without VGIF and with it.
 */
#include "experiments/svm_fences.h"

#define APM_GIF  "Global Interrupt Flag, STGI and CLGI Instructions"
#define APM_VGIF "VGIF"

EXPERIMENT(159, vmrun_with_gif_1_leaves_gif_0,
	   .claim = "GIF may be 1 at VMRUN. After the exit it is 0: an NMI waits for STGI, and so "
		    "does an interrupt.",
	   .apm = APM_GIF, .needs = HAS_SVM, .rules = {S2, S1})
{
	set_guest(HOST_GIF);
	enter(NOP);
	nmis_arrive(1);
	host(STI, NOP);
	host(STGI);
	expect(NMI, HOST, after(STGI));
	host(IRET);
	expect_host_open();
}

EXPERIMENT(160, gif_0_holds_interrupts,
	   .claim = "While GIF is 0 an interrupt waits although IF is 1, in the host and in the "
		    "guest, and comes right after STGI.",
	   .apm = APM_GIF, .needs = HAS_SVM, .rules = {S1})
{
	host(CLGI);
	nmis_arrive(0);
	host(STI, NOP, STGI, NOP);
	expect(FENCE, HOST, after(STGI));
	host(CLGI);
	nmis_arrive(0);
	set_guest(0);
	enter(CLGI, STI, NOP, STGI, NOP);
	expect(FENCE, GUEST, after(STGI));
}

EXPERIMENT(161, guests_clgi_holds_nmis,
	   .claim = "An NMI that arrives while the guest has cleared GIF comes right after its "
		    "STGI: an exit with the intercept, else through the guest's IDT.",
	   .apm = APM_GIF, .needs = HAS_SVM | HAS_HELPER, .rules = {S1, S3})
{
	set_guest(INTERCEPT_NMI);
	enter(CLGI, wait(NMI), STGI, NOP);
	expect_exit(EXIT_NMI, after(STGI));
	host(STGI);
	expect(NMI, HOST, after(STGI));
	host(IRET);
	set_guest(0);
	enter(CLGI, wait(NMI), STGI, NOP, IRET);
	expect(NMI, GUEST, after(STGI));
	host(STGI);
	expect_host_open();
}

EXPERIMENT(162, guests_stgi_and_clgi_change_v_gif,
	   .claim = "With VGIF the guest's STGI and CLGI change V_GIF, which is saved; a virtual "
		    "interrupt that it holds comes right after STGI.",
	   .apm = APM_VGIF, .needs = HAS_SVM | HAS_VGIF, .rules = {S28, S19})
{
	set_guest(V_GIF_ENABLE | V_GIF);
	enter(CLGI);
	expect_guest(V_GIF_ENABLE);
	enter(STGI);
	expect_guest(V_GIF_ENABLE | V_GIF);
	set_guest(V_GIF_ENABLE | V_IRQ | INTERRUPTS_ON);
	enter(NOP, STGI, NOP);
	expect(IRQ, GUEST, after(STGI));
	expect_guest(V_GIF_ENABLE | V_GIF);
	set_guest(V_GIF_ENABLE | V_IRQ | INTERCEPT_VINTR | INTERRUPTS_ON);
	enter(NOP, STGI, NOP);
	expect_exit(EXIT_VINTR, after(STGI));
	expect_guest(V_GIF_ENABLE | V_GIF | V_IRQ | INTERCEPT_VINTR);
}

EXPERIMENT(163, v_gif_holds_no_physical_event,
	   .claim = "V_GIF=0 holds neither a physical interrupt nor an NMI, with their intercepts "
		    "or without.",
	   .apm = APM_VGIF, .needs = HAS_SVM | HAS_VGIF, .rules = {S28})
{
	enter_with_fence(V_GIF_ENABLE | INTERRUPTS_ON);
	expect(FENCE, GUEST, first(NOP));
	enter_with_fence(V_GIF_ENABLE | INTERRUPTS_ON | INTERCEPT_INTR);
	expect_exit(EXIT_INTERRUPT, first(NOP));
	expect_fence_in_host();
	host(CLGI);
	nmis_arrive(1);
	set_guest(V_GIF_ENABLE | INTERCEPT_NMI);
	enter(NOP);
	expect_exit(EXIT_NMI, first(NOP));
	set_guest(V_GIF_ENABLE);
	enter(NOP, IRET);
	expect(NMI, GUEST, first(NOP));
	host(STGI);
	expect_host_open();
}

EXPERIMENT(164, guests_clgi_with_vgif_is_not_physical,
	   .claim = "With VGIF an NMI that arrives after the guest's CLGI is not held until its "
		    "STGI.",
	   .apm = APM_VGIF, .needs = HAS_SVM | HAS_VGIF | HAS_HELPER, .rules = {S28})
{
	set_guest(V_GIF_ENABLE | V_GIF);
	enter(CLGI, wait(NMI), NOP, STGI, IRET);
	expect_elsewhere(NMI, GUEST, after(STGI));
	expect_guest(V_GIF_ENABLE | V_GIF);
	host(STGI);
	expect_host_open();
}

EXPERIMENT(173, guests_clgi_holds_virtual_interrupts,
	   .claim = "While the guest has cleared GIF a virtual interrupt waits although IF is 1, "
		    "and so does its intercept's exit; right after STGI it comes.",
	   .apm = APM_GIF, .needs = HAS_SVM, .rules = {S1, S14})
{
	set_guest(V_IRQ);
	enter(CLGI, STI, NOP, STGI, NOP);
	expect(IRQ, GUEST, after(STGI));
	expect_guest(0);
	set_guest(V_IRQ | INTERCEPT_VINTR);
	enter(CLGI, STI, NOP, STGI, NOP);
	expect_exit(EXIT_VINTR, after(STGI));
	expect_guest(V_IRQ | INTERCEPT_VINTR);
}
