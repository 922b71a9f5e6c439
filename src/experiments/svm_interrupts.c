/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SVM, maskable interrupts: virtual ones against IF, V_TPR and HLT; physical ones
 * against V_INTR_MASKING and their intercept. What GIF does to them is in svm_guest_gif.c.
 *
 * Where IF=1 at VMRUN is not what an experiment is about, the guest sets it (STI): 136 and 137 are
 * about that. After an exit GIF is 0, and with it a physical interrupt, the fence, waits where it
 * is: the next entry, or STGI and STI in the host, meet it.
 */
#include "experiments/svm_fences.h"

#define APM_VIRTUAL "Injecting Virtual (INTR) Interrupts"
#define APM_MASKING "Physical (INTR) Interrupt Masking in EFLAGS"
#define APM_TPR     "Virtualizing APIC.TPR"

/* --- virtual interrupts --- */

enum { LEVELS = 5 }; /* of patience */

/* If the fence is there before the CPU halts, it comes before the virtual interrupt, as all
 * physical ones do: try again and give the CPU more time. */
static void enter_halt(unsigned level, uint64_t flags)
{
	forget();
	be_patient(level);
	set_guest(flags);
	enter(halt());
}

EXPERIMENT(148, virtual_interrupt_ends_hlt,
	   .claim = "A virtual interrupt that IF=0 held ends the HLT after the guest's own STI, "
		    "and V_IRQ clears.",
	   .apm = APM_VIRTUAL, .needs = HAS_SVM | HAS_HELPER, .rules = {S14})
{
	bool first = false;

	for (unsigned level = 0; !first && level < LEVELS; level++) {
		enter_halt(level, V_IRQ);
		first = allow(IRQ, GUEST, after(HLT));
	}
	if (!first)
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

EXPERIMENT(177, virtual_interrupt_waits_for_the_injected_handler,
	   .claim = "With a virtual interrupt pending and IF=1 an injected one is delivered first; "
		    "its handler's IF=0 holds the virtual one, and its intercept's exit.",
	   .apm = "Event Injection", .needs = HAS_SVM, .rules = {S6, S14})
{
	static const uint64_t settings[] = {V_IRQ, V_IRQ | INTERCEPT_VINTR};

	for (unsigned i = 0; i < 2; i++) {
		set_guest(settings[i]);
		inject_event(TYPE_EXTERNAL_INTERRUPT, SOFT); /* another vector; IF=1 */
		enter(NOP);
		expect(SOFT, GUEST, first(NOP));
		expect_guest(settings[i]);
	}
}

EXPERIMENT(
	178, physical_interrupt_exits_at_the_injected_handler,
	.claim =
		"With a physical interrupt pending the injected event is delivered first; then, "
		"if the host's IF lets it, the interrupt exits at the handler's first instruction.",
	.apm = "Event Injection", .needs = HAS_SVM, .rules = {S6, S25})
{
	host(CLGI);
	nmis_arrive(0);
	set_guest(INTERCEPT_INTR | V_INTR_MASKING | HOST_INTERRUPTS_ON);
	inject(NMI);
	enter(NOP);
	expect_exit(EXIT_INTERRUPT, handler(NMI));
	expect_fence_in_host();
	resume();
	expect(NMI, GUEST, first(NOP));
	host(CLGI);
	nmis_arrive(0);
	set_guest(INTERCEPT_INTR);
	inject_event(TYPE_EXTERNAL_INTERRUPT, SOFT); /* IF=1, and 0 in the handler */
	enter(NOP);
	expect(SOFT, GUEST, first(NOP));
	expect_fence_in_host();
}

EXPERIMENT(179, intercepted_interrupt_ends_hlt,
	   .claim =
		   "A physical interrupt that is intercepted exits out of HLT, with the RIP behind "
		   "it, and stays pending.",
	   .apm = "INTR Intercept", .needs = HAS_SVM | HAS_HELPER, .rules = {S29})
{
	set_guest(INTERCEPT_INTR);
	enter(halt());
	expect_exit(EXIT_INTERRUPT, after(HLT));
	expect_fence_in_host();
}

EXPERIMENT(180, intercepted_virtual_interrupt_ends_hlt,
	   .claim = "A virtual interrupt that is intercepted exits out of HLT, with the RIP behind "
		    "it; V_IRQ stays.",
	   .apm = "Virtual Interrupt Intercept", .needs = HAS_SVM | HAS_HELPER, .rules = {S14})
{
	unsigned level = 0;

	do
		enter_halt(level, V_IRQ | INTERCEPT_VINTR);
	while (!left_for(EXIT_VINTR) && ++level < LEVELS);
	expect_exit(EXIT_VINTR, after(HLT));
	expect_guest(V_IRQ | INTERCEPT_VINTR);
}

EXPERIMENT(181, virtual_interrupt_is_the_guests_own,
	   .claim = "V_IRQ that one guest left pending does not come in another.",
	   .apm = APM_VIRTUAL, .needs = HAS_SVM, .rules = {S14})
{
	set_guest(V_IRQ);
	enter(NOP);
	expect_guest(V_IRQ);
	use_guest(1);
	set_guest(0);
	enter(STI, NOP, NOP);
	expect_guest(0);
}
