/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AMD's virtual NMI against what else happens: exits in the midst of its delivery,
 * injections, STGI, the IRET intercept, other guests.
 */
#include "experiments/settings.h"
#include "nmi/experiment.h"

#define APM_VNMI "NMI Virtualization"

EXPERIMENT(311, fault_in_a_virtual_nmis_delivery_leaves_the_mask_clear,
	   .claim = "When an intercepted #GP ends a virtual NMI's delivery, V_NMI_MASK is saved "
		    "clear, and V_NMI is; what a shutdown saves is recorded.",
	   .apm = APM_VNMI, .needs = HAS_SVM | HAS_VNMI, .rules = {S17, S11})
{
	set_guest(VNMI | V_NMI | INTERCEPT_GP);
	end_idt_before(1);
	enter(NOP);
	expect_delivery_fault(GP, first(NOP), EVENT_INFO(TYPE_NMI, NMI));
	expect_guest(VNMI | INTERCEPT_GP);
	set_guest(VNMI | V_NMI);
	end_idt_before(1);
	enter(NOP);
	expect_exit(EXIT_SHUTDOWN, PLACE_ANYWHERE);
	record_guest(V_NMI | V_NMI_MASK);
}

EXPERIMENT(312, cut_off_injected_nmi_leaves_the_mask_clear,
	   .claim = "When a nested page fault or an intercepted #GP cuts off an NMI that VMRUN "
		    "injects with vNMI, V_NMI_MASK is saved clear.",
	   .apm = APM_VNMI, .needs = HAS_SVM | HAS_VNMI | HAS_NESTED_PAGING,
	   .rules = {S17, S8, S11})
{
	unmap(GUEST_STACK);
	set_guest(VNMI | NESTED_PAGING);
	inject(NMI);
	enter(NOP);
	expect_nested_fault(GUEST_STACK, first(NOP), EVENT_INFO(TYPE_NMI, NMI));
	expect_guest(VNMI | NESTED_PAGING);
	map(GUEST_STACK);
	set_guest(VNMI | INTERCEPT_GP);
	end_idt_before(1);
	inject(NMI);
	enter(NOP);
	expect_delivery_fault(GP, first(NOP), EVENT_INFO(TYPE_NMI, NMI));
	expect_guest(VNMI | INTERCEPT_GP);
}

EXPERIMENT(313, only_an_nmi_sets_the_virtual_mask,
	   .claim = "An interrupt, an exception and an interrupt with vector 2, injected with "
		    "vNMI, set no V_NMI_MASK.",
	   .apm = APM_VNMI, .needs = HAS_SVM | HAS_VNMI, .rules = {S8, R5})
{
	set_guest(VNMI);
	inject(IRQ);
	enter(NOP);
	expect(IRQ, GUEST, first(NOP));
	expect_guest(VNMI);
	set_guest(VNMI);
	inject(UD);
	enter(NOP);
	expect_exception(UD, GUEST, first(NOP));
	expect_guest(VNMI);
	set_guest(VNMI);
	inject_event(TYPE_EXTERNAL_INTERRUPT, NMI);
	enter(NOP);
	expect(NMI, GUEST, first(NOP));
	expect_guest(VNMI);
}

EXPERIMENT(314, without_enable_the_bits_do_nothing,
	   .claim = "Without V_NMI_ENABLE a V_NMI is not delivered, an injected NMI sets no "
		    "V_NMI_MASK, and that holds no NMI, with the intercept or without.",
	   .apm = APM_VNMI, .needs = HAS_SVM | HAS_VNMI, .rules = {S15})
{
	set_guest(V_NMI);
	enter(NOP);
	set_guest(INTERCEPT_NMI | V_NMI);
	enter(NOP);
	set_guest(0);
	inject(NMI);
	enter(NOP);
	expect(NMI, GUEST, first(NOP));
	expect_guest(0);
	host(CLGI);
	nmis_arrive(1);
	set_guest(INTERCEPT_NMI | V_NMI_MASK);
	enter(NOP);
	expect_exit(EXIT_NMI, first(NOP));
	set_guest(V_NMI_MASK);
	enter(NOP, IRET);
	expect(NMI, GUEST, first(NOP));
	host(STGI);
	expect_host_open();
}

EXPERIMENT(315, virtual_nmi_comes_at_the_guests_stgi,
	   .claim = "A virtual NMI that V_GIF=0 holds comes right after the guest's own STGI, "
		    "once.",
	   .apm = APM_VNMI, .needs = HAS_SVM | HAS_VNMI | HAS_VGIF, .rules = {S19, S28, S16})
{
	set_guest(VNMI | V_NMI | V_GIF_ENABLE);
	enter(NOP, STGI, NOP);
	expect(NMI, GUEST, after(STGI));
	expect_guest(VNMI | V_NMI_MASK | V_GIF_ENABLE | V_GIF);
	enter(IRET, CLGI, STGI, NOP);
	expect_guest(VNMI | V_GIF_ENABLE | V_GIF);
}

EXPERIMENT(316, iret_intercept_keeps_the_virtual_mask,
	   .claim = "An intercepted IRET has not been executed: V_NMI_MASK is still set at its "
		    "exit, and a pending virtual NMI comes after the IRET that is executed.",
	   .apm = APM_VNMI, .needs = HAS_SVM | HAS_VNMI, .rules = {S5, S17})
{
	set_guest(VNMI | V_NMI | V_NMI_MASK | INTERCEPT_IRET);
	enter(IRET, NOP);
	expect_exit(EXIT_IRET, at(IRET));
	expect_guest(VNMI | V_NMI | V_NMI_MASK | INTERCEPT_IRET);
	set_guest(VNMI | V_NMI | V_NMI_MASK);
	resume();
	expect(NMI, GUEST, after(IRET));
	expect_guest(VNMI | V_NMI_MASK);
}

EXPERIMENT(317, injected_nmi_does_not_wait_for_the_virtual_mask,
	   .claim = "An NMI is injected although V_NMI_MASK is set, which it stays.",
	   .apm = APM_VNMI, .needs = HAS_SVM | HAS_VNMI, .rules = {S6, S8})
{
	set_guest(VNMI | V_NMI_MASK);
	inject(NMI);
	enter(NOP);
	expect(NMI, GUEST, first(NOP));
	expect_guest(VNMI | V_NMI_MASK);
	enter(IRET, NOP);
	expect_guest(VNMI);
}

EXPERIMENT(318, virtual_nmi_comes_at_the_injected_handler,
	   .claim = "With a virtual NMI pending an injected interrupt is delivered first; the NMI "
		    "hits its handler's first instruction.",
	   .apm = APM_VNMI, .needs = HAS_SVM | HAS_VNMI, .rules = {S6, S16})
{
	set_guest(VNMI | V_NMI);
	inject(IRQ);
	enter(NOP);
	expect(NMI, GUEST, handler(IRQ));
	expect(IRQ, GUEST, first(NOP));
	expect_guest(VNMI | V_NMI_MASK);
}

EXPERIMENT(319, virtual_mask_is_the_guests_own,
	   .claim = "V_NMI_MASK of one guest masks nothing in another: neither its virtual NMIs "
		    "nor, without vNMI, its NMIs.",
	   .apm = APM_VNMI, .needs = HAS_SVM | HAS_VNMI, .rules = {S18})
{
	set_guest(VNMI | V_NMI_MASK);
	enter(NOP);
	expect_guest(VNMI | V_NMI_MASK);
	use_guest(1);
	set_guest(VNMI | V_NMI);
	enter(NOP);
	expect(NMI, GUEST, first(NOP));
	expect_guest(VNMI | V_NMI_MASK);
	nmis_arrive(1);
	use_guest(0);
	set_guest(0);
	enter(NOP, IRET);
	expect(NMI, GUEST, first(NOP));
	host(STGI);
	expect_host_open();
}

EXPERIMENT(320, iret_on_a_missing_page_keeps_the_virtual_mask,
	   .claim = "V_NMI_MASK is still set when an IRET ends in a nested page fault; executed "
		    "again, and faulting, the IRET leaves it set too.",
	   .apm = APM_VNMI, .needs = HAS_SVM | HAS_VNMI | HAS_NESTED_PAGING, .rules = {S17})
{
	unmap(GUEST_LDT);
	set_guest(VNMI | V_NMI_MASK | NESTED_PAGING);
	enter(LDT_IRET);
	expect_nested_fault(GUEST_LDT, at(LDT_IRET), 0);
	expect_guest(VNMI | V_NMI_MASK | NESTED_PAGING);
	map(GUEST_LDT);
	resume();
	expect_exception(GP, GUEST, at(LDT_IRET));
	expect_guest(VNMI | V_NMI_MASK | NESTED_PAGING);
}

EXPERIMENT(321, virtual_nmi_and_virtual_interrupt,
	   .claim = "With a virtual NMI and a virtual interrupt pending both come, once each, and "
		    "both bits clear; which one is first is recorded.",
	   .apm = APM_VNMI, .needs = HAS_SVM | HAS_VNMI, .rules = {S16, S14})
{
	set_guest(VNMI | V_NMI | V_IRQ);
	enter(NOP, STI, NOP);
	expect(NMI, GUEST, first(NOP));
	expect(IRQ, GUEST, first(NOP));
	expect_guest(VNMI | V_NMI_MASK);
	set_guest(VNMI | V_NMI | V_IRQ | INTERRUPTS_ON);
	enter(NOP, STI, NOP);
	record_next();
	forget();
	expect_guest(VNMI | V_NMI_MASK);
}

EXPERIMENT(322, clean_bits_do_not_hide_a_virtual_nmi,
	   .claim = "V_NMI is read when the clean bit of the virtual interrupt's fields is clear, "
		    "whatever the others.",
	   .apm = "VMCB Clean Field", .needs = HAS_SVM | HAS_VNMI | HAS_CLEAN_BITS, .rules = {S21})
{
	set_guest(VNMI);
	enter(NOP);
	set_guest(VNMI | V_NMI);
	set_clean(CLEAN_ALL & ~CLEAN_TPR);
	enter(NOP);
	expect(NMI, GUEST, first(NOP));
	expect_guest(VNMI | V_NMI_MASK);
}

EXPERIMENT(323, guests_clgi_holds_a_virtual_nmi,
	   .claim = "While the guest has cleared GIF an unmasked virtual NMI waits; right after "
		    "STGI it comes.",
	   .apm = APM_VNMI, .needs = HAS_SVM | HAS_VNMI, .rules = {S16, S1})
{
	set_guest(VNMI | V_NMI | V_NMI_MASK);
	enter(CLGI, IRET, NOP, STGI, NOP);
	expect(NMI, GUEST, after(STGI));
	expect_guest(VNMI | V_NMI_MASK);
}
