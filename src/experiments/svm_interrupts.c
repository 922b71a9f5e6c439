/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SVM, maskable interrupts: virtual ones against IF, V_TPR, HLT and GIF; physical ones
 * against V_INTR_MASKING, their intercept and GIF; STGI, CLGI and VGIF in the guest.
 *
 * Where IF=1 at VMRUN is not what an experiment is about, the guest sets it (STI): 136 and 137 are
 * about that. After an exit GIF is 0, and with it a physical interrupt, the fence, waits where it
 * is: the next entry, or STGI and STI in the host, meet it.
 */
#include "nmi/experiment.h"

#define APM_GIF     "Global Interrupt Flag, STGI and CLGI Instructions"
#define APM_VIRTUAL "Injecting Virtual (INTR) Interrupts"
#define APM_MASKING "Physical (INTR) Interrupt Masking in EFLAGS"
#define APM_TPR     "Virtualizing APIC.TPR"
#define APM_VGIF    "VGIF"

/* --- virtual interrupts --- */

EXPERIMENT(148, virtual_interrupt_ends_hlt,
	   .claim = "A virtual interrupt that IF=0 held ends the HLT after the guest's own STI, "
		    "and V_IRQ clears.",
	   .apm = APM_VIRTUAL, .needs = HAS_SVM | HAS_HELPER, .rules = {S14})
{
	set_guest(V_IRQ);
	enter(halt());
	expect(IRQ, GUEST, after(HLT));
	expect(FENCE, GUEST, after(HLT));
	expect_guest(0);
}

/* V_IRQ with this priority and V_TPR. */
static void enter_with_priority(uint64_t flags, unsigned priority, unsigned tpr)
{
	set_guest(V_IRQ | flags);
	set_priority(priority, tpr);
	enter(STI, NOP);
}

EXPERIMENT(149, virtual_interrupt_needs_priority_over_v_tpr,
	   .claim = "V_TPR holds a virtual interrupt of its own priority or a lower one, and its "
		    "intercept's exit too; with V_IGN_TPR it holds none.",
	   .apm = APM_VIRTUAL, .needs = HAS_SVM, .rules = {S14, S26})
{
	enter_with_priority(0, 8, 8);
	expect_guest(V_IRQ);
	expect_tpr(8);
	enter_with_priority(INTERCEPT_VINTR, 8, 9);
	expect_guest(V_IRQ | INTERCEPT_VINTR);
	enter_with_priority(0, 8, 7);
	expect(IRQ, GUEST, first(NOP));
	expect_guest(0);
	expect_tpr(7);
	enter_with_priority(V_IGN_TPR, 8, 15);
	expect(IRQ, GUEST, first(NOP));
	expect_guest(V_IGN_TPR);
}

EXPERIMENT(150, virtual_interrupt_needs_the_guests_if,
	   .claim = "IF=0 in the guest holds a virtual interrupt, with V_INTR_MASKING and without, "
		    "whatever the host's IF; after the guest's own STI and its shadow it comes, "
		    "once.",
	   .apm = APM_MASKING, .needs = HAS_SVM, .rules = {S14, S25})
{
	static const uint64_t settings[] = {0, V_INTR_MASKING, V_INTR_MASKING | HOST_INTERRUPTS_ON};

	for (unsigned i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		uint64_t saved = settings[i] & ~(uint64_t)ENTRY_FLAGS;
		set_guest(V_IRQ | settings[i]);
		enter(NOP);
		expect_guest(V_IRQ | saved);
		set_guest(V_IRQ | settings[i]);
		enter(STI, NOP, STI, NOP);
		expect(IRQ, GUEST, first(NOP));
		expect_guest(saved);
	}
}

EXPERIMENT(151, vintr_exit_saves_no_nrip,
	   .claim = "The exit for a virtual interrupt comes when the interrupt could be taken: not "
		    "with IF=0, nor in the guest's own STI's shadow; nRIP is 0, V_IRQ stays.",
	   .apm = "Virtual Interrupt Intercept", .needs = HAS_SVM | HAS_NRIPS, .rules = {S12, S14})
{
	set_guest(V_IRQ | INTERCEPT_VINTR);
	enter(NOP);
	expect_guest(V_IRQ | INTERCEPT_VINTR);
	enter(STI, NOP);
	expect_exit(EXIT_VINTR, first(NOP));
	expect_no_length();
	expect_guest(V_IRQ | INTERCEPT_VINTR);
}

EXPERIMENT(152, cut_off_virtual_interrupt_comes_once,
	   .claim = "V_IRQ clears before the IDT is read: when a nested page fault cuts off the "
		    "delivery, EXITINTINFO has the interrupt, and injected it comes once.",
	   .apm = APM_VIRTUAL, .needs = HAS_SVM | HAS_NESTED_PAGING, .rules = {S14, S11})
{
	for (enum guest_page page = GUEST_IDT; page <= GUEST_STACK; page++) {
		set_guest(0);
		inject(UD); /* not this one */
		enter(NOP);
		expect_exception(UD, GUEST, first(NOP));
		unmap(page);
		set_guest(V_IRQ | NESTED_PAGING);
		enter(STI, NOP);
		expect_nested_fault(page, first(NOP), EVENT_INFO(TYPE_EXTERNAL_INTERRUPT, IRQ));
		expect_guest(NESTED_PAGING);
		map(page);
		reinject();
		resume();
		expect(IRQ, GUEST, first(NOP));
	}
}

EXPERIMENT(153, virtual_interrupt_does_not_reach_the_host,
	   .claim = "V_IRQ that is pending at an exit is saved, and the host with GIF=1 and IF=1 "
		    "does not get it.",
	   .apm = APM_VIRTUAL, .needs = HAS_SVM, .rules = {S14})
{
	set_guest(V_IRQ);
	enter(NOP);
	expect_guest(V_IRQ);
	host(STGI, STI, NOP, NOP);
}

/* --- physical interrupts --- */

/* The guest is entered with a fence waiting. */
static void enter_with_fence(uint64_t flags)
{
	host(CLGI);
	nmis_arrive(0);
	set_guest(flags);
	enter(NOP);
}

/* It waits still, for a host that takes interrupts. */
static void expect_fence_in_host(void)
{
	host(STGI, STI, NOP);
	expect(FENCE, HOST, first(NOP));
}

EXPERIMENT(154, hosts_if_holds_physical_interrupts,
	   .claim = "V_INTR_MASKING, IF=0 in the host and 1 in the guest: a physical interrupt is "
		    "neither taken nor does it exit; the host gets it.",
	   .apm = APM_MASKING, .needs = HAS_SVM, .rules = {S25})
{
	enter_with_fence(V_INTR_MASKING | INTERRUPTS_ON);
	expect_fence_in_host();
	enter_with_fence(V_INTR_MASKING | INTERRUPTS_ON | INTERCEPT_INTR);
	expect_fence_in_host();
}

EXPERIMENT(155, hosts_if_lets_physical_interrupts_in,
	   .claim = "V_INTR_MASKING, IF=1 in the host and 0 in the guest: a physical interrupt "
		    "exits before the first instruction and stays pending; without the intercept "
		    "the guest takes it.",
	   .apm = APM_MASKING, .needs = HAS_SVM, .rules = {S25, S29})
{
	enter_with_fence(V_INTR_MASKING | HOST_INTERRUPTS_ON | INTERCEPT_INTR);
	expect_exit(EXIT_INTERRUPT, first(NOP));
	expect_fence_in_host();
	enter_with_fence(V_INTR_MASKING | HOST_INTERRUPTS_ON);
	expect(FENCE, GUEST, first(NOP));
}

EXPERIMENT(156, guests_if_decides_without_v_intr_masking,
	   .claim = "Without V_INTR_MASKING the guest's IF decides, whatever the host's: 0 holds a "
		    "physical interrupt, with 1 it is taken, or exits and stays pending.",
	   .apm = APM_MASKING, .needs = HAS_SVM, .rules = {S25, S29})
{
	enter_with_fence(HOST_INTERRUPTS_ON);
	expect_fence_in_host();
	enter_with_fence(HOST_INTERRUPTS_ON | INTERCEPT_INTR);
	expect_fence_in_host();
	enter_with_fence(INTERRUPTS_ON);
	expect(FENCE, GUEST, first(NOP));
	enter_with_fence(INTERRUPTS_ON | INTERCEPT_INTR);
	expect_exit(EXIT_INTERRUPT, first(NOP));
	expect_fence_in_host();
}

EXPERIMENT(157, interrupt_exit_saves_no_nrip,
	   .claim = "The exit for a physical interrupt is no instruction's: nRIP is 0.",
	   .apm = "State Saved on Exit", .needs = HAS_SVM | HAS_NRIPS, .rules = {S12, S29})
{
	enter_with_fence(INTERRUPTS_ON | INTERCEPT_INTR);
	expect_exit(EXIT_INTERRUPT, first(NOP));
	expect_no_length();
	expect_fence_in_host();
}

EXPERIMENT(158, guests_cr8_is_v_tpr,
	   .claim = "With V_INTR_MASKING the guest's CR8 is V_TPR: it holds a virtual interrupt, "
		    "and is saved.",
	   .apm = APM_TPR, .needs = HAS_SVM | HAS_64_BIT, .rules = {S26, S14})
{
	set_guest(V_IRQ | V_INTR_MASKING);
	set_priority(8, 0);
	enter(CR8_15, STI, NOP);
	expect_guest(V_IRQ | V_INTR_MASKING);
	expect_tpr(15);
	set_guest(V_IRQ | V_INTR_MASKING);
	set_priority(8, 0);
	enter(STI, NOP);
	expect(IRQ, GUEST, first(NOP));
	expect_tpr(0);
}

/* --- GIF --- */

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

EXPERIMENT(165, bit_1_of_the_shadow_is_no_shadow,
	   .claim = "GUEST_INTERRUPT_MASK, next to INTERRUPT_SHADOW in the VMCB, is saved as no "
		    "shadow and holds no virtual interrupt.",
	   .apm = "Interrupt Shadows", .needs = HAS_SVM, .rules = {S13})
{
	set_guest(GUEST_INTERRUPT_MASK);
	enter();
	expect_guest(0);
	set_guest(V_IRQ | GUEST_INTERRUPT_MASK | INTERRUPTS_ON);
	enter(NOP);
	expect(IRQ, GUEST, first(NOP));
	expect_guest(0);
}

EXPERIMENT(166, v_tpr_holds_no_physical_interrupt,
	   .claim = "V_TPR is for virtual interrupts: at 15 it holds no physical one, whether that "
		    "exits or not.",
	   .apm = APM_TPR, .needs = HAS_SVM, .rules = {S26, S29})
{
	static const uint64_t settings[] = {0, INTERCEPT_INTR};

	for (unsigned i = 0; i < 2; i++) {
		host(CLGI);
		nmis_arrive(0);
		set_guest(settings[i] | INTERRUPTS_ON);
		set_priority(0, 15);
		enter(NOP);
		if (settings[i])
			expect_exit(EXIT_INTERRUPT, first(NOP));
		else
			expect(FENCE, GUEST, first(NOP));
		expect_tpr(15);
	}
	expect_fence_in_host();
}

EXPERIMENT(172, exception_that_the_mode_does_not_have_is_refused,
	   .claim = "#BR cannot be injected in 64-bit mode, which has no BOUND: VMEXIT_INVALID. In "
		    "32-bit mode the guest gets it.",
	   .apm = "Event Injection", .needs = HAS_SVM, .rules = {S9})
{
	set_guest(0);
	inject(BR);
	enter(NOP);
	if (virt_features & HAS_64_BIT)
		expect_exit(EXIT_INVALID, PLACE_ANYWHERE);
	else
		expect_exception(BR, GUEST, first(NOP));
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
