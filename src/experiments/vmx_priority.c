/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMX, what comes first after a VM entry: an injected event, the NMI-window exit, a pending
 * NMI. (E,V,B,W) as in vmx_blocking.c, W is NMI-window exiting.
 */
#include "experiments/settings.h"
#include "nmi/experiment.h"

EXPERIMENT(15, pending_nmi_hits_the_injected_handler,
	   .claim = "(0,0,0,0): the injected interrupt is delivered first, the NMI that the host "
		    "held then hits its handler's first instruction.",
	   .sdm = "Vectored-Event Injection", .needs = HAS_VMX, .rules = {R38, R15})
{
	host_takes_nmi();
	nmis_arrive(1);
	set_guest(0);
	inject(IRQ);
	enter(NOP);
	expect(NMI, GUEST, handler(IRQ));
	expect(IRQ, GUEST, first(NOP));
	expect_guest(BLOCKED_BY_NMI);
	expect_host_blocked();
	host(IRET);
	expect_host_open();
}

EXPERIMENT(16, pending_nmi_exits_at_the_injected_handler_without_virtual_nmis,
	   .claim = "(1,0,0,0): the NMI exits at the first instruction of the injected handler.",
	   .sdm = "Vectored-Event Injection", .needs = HAS_VMX, .rules = {R38, R18})
{
	host_takes_nmi();
	nmis_arrive(1);
	set_guest(NMI_EXITING);
	inject(IRQ);
	enter(NOP);
	expect_exit(EXIT_NMI, handler(IRQ));
	expect_guest(NMI_EXITING);
	expect_host_blocked();
	host(IRET);
	resume();
	expect(IRQ, GUEST, first(NOP));
	expect_guest(NMI_EXITING);
	expect_host_open();
}

EXPERIMENT(
	17, pending_nmi_exits_at_the_injected_handler,
	.claim =
		"(1,1,1,0), virtual-NMI blocking: the injected interrupt is delivered first, the NMI "
		"that the host held then exits at its handler's first instruction.",
	.sdm = "Interruptibility State", .needs = HAS_VMX | HAS_VIRTUAL_NMIS, .rules = {R38, R16})
{
	host_takes_nmi();
	nmis_arrive(1);
	set_guest(EVB);
	inject(IRQ);
	enter(NOP);
	expect_exit(EXIT_NMI, handler(IRQ));
	expect_guest(EVB);
	expect_host_blocked();
	host(IRET);
	resume();
	expect(IRQ, GUEST, first(NOP));
	expect_guest(EVB);
	expect_host_open();
}

EXPERIMENT(18, injected_nmi_blocks_nothing,
	   .claim = "(0,0,0,0): an injected NMI goes through the guest's IDT without blocking: a "
		    "live one nests.",
	   .sdm = "Vectored-Event Injection", .needs = HAS_VMX | HAS_HELPER, .rules = {R30})
{
	set_guest(0);
	inject(NMI);
	enter();
	expect(NMI, GUEST, at(HYPERCALL));
	expect_guest(0);
	inject(NMI);
	enter(halt(NMI));
	expect(NMI, GUEST, first(HLT));
	expect(NMI, GUEST, after(HLT));
	expect(FENCE, GUEST, after(HLT));
	expect_guest(BLOCKED_BY_NMI);
	host(IRET);
	expect_host_open();
}

EXPERIMENT(19, injected_nmi_neither_exits_nor_blocks,
	   .claim = "(1,0,0,0): an injected NMI does not exit, bit 3 stays clear, the host open.",
	   .sdm = "Details of Vectored-Event Injection", .needs = HAS_VMX, .rules = {R30, R29})
{
	set_guest(NMI_EXITING);
	inject(NMI);
	enter();
	expect(NMI, GUEST, at(HYPERCALL));
	expect_guest(NMI_EXITING);
	expect_host_open();
}

EXPERIMENT(20, injected_nmi_starts_virtual_nmi_blocking,
	   .claim = "(1,1,0,0): an injected NMI sets bit 3 and leaves the host open.",
	   .sdm = "Details of Vectored-Event Injection", .needs = HAS_VMX | HAS_VIRTUAL_NMIS,
	   .rules = {R30, R29})
{
	set_guest(EV);
	inject(NMI);
	enter();
	expect(NMI, GUEST, at(HYPERCALL));
	expect_guest(EVB);
	expect_host_open();
}

EXPERIMENT(21, open_nmi_window_exits_at_the_entry,
	   .claim = "(1,1,0,1): the NMI-window exit comes before the first instruction.",
	   .sdm = "NMI-Window Exiting", .needs = HAS_VMX | HAS_NMI_WINDOW, .rules = {R39})
{
	set_guest(EVW);
	enter(NOP);
	expect_exit(EXIT_NMI_WINDOW, first(NOP));
	expect_guest(EVW);
	expect_host_open();
}

EXPERIMENT(22, closed_nmi_window_does_not_exit,
	   .claim = "(1,1,1,1): virtual-NMI blocking closes the NMI window.",
	   .sdm = "NMI-Window Exiting", .needs = HAS_VMX | HAS_NMI_WINDOW, .rules = {R39})
{
	set_guest(EVBW);
	enter(NOP);
	expect_guest(EVBW);
	expect_host_open();
}

EXPERIMENT(23, iret_opens_the_nmi_window,
	   .claim = "(1,1,1,1): the NMI-window exit comes right after the IRET.",
	   .sdm = "NMI-Window Exiting", .needs = HAS_VMX | HAS_NMI_WINDOW, .rules = {R39, R14})
{
	set_guest(EVBW);
	enter(NOP, IRET, NOP);
	expect_exit(EXIT_NMI_WINDOW, after(IRET));
	expect_guest(EVW);
	expect_host_open();
}

EXPERIMENT(24, nmi_window_comes_before_a_pending_nmi,
	   .claim = "(1,1,0,1): the NMI-window exit wins; the NMI that VM entry unblocked then "
		    "hits the host at its exit handler's first instruction.",
	   .sdm = "NMI-Window Exiting", .needs = HAS_VMX | HAS_NMI_WINDOW, .rules = {R38, R16})
{
	host_takes_nmi();
	nmis_arrive(1);
	set_guest(EVW);
	enter(NOP);
	expect_exit(EXIT_NMI_WINDOW, first(NOP));
	expect(NMI, HOST, VMEXIT);
	expect_guest(EVW);
	expect_host_blocked();
	host(IRET);
	expect_host_open();
}

EXPERIMENT(25, injected_nmi_closes_the_nmi_window_until_iret,
	   .claim = "(1,1,0,1): the injected NMI is delivered first; the window exit comes only "
		    "after its handler's IRET.",
	   .sdm = "NMI-Window Exiting", .needs = HAS_VMX | HAS_NMI_WINDOW, .rules = {R38, R30})
{
	set_guest(EVW);
	inject(NMI);
	enter(NOP, IRET, NOP);
	expect(NMI, GUEST, first(NOP));
	expect_exit(EXIT_NMI_WINDOW, after(IRET));
	expect_guest(EVW);
	expect_host_open();
}

EXPERIMENT(26, pending_nmi_exits_at_the_injected_nmis_handler,
	   .claim = "(1,1,0,0): the injected NMI is delivered, the pending one exits at its "
		    "handler's first instruction, with bit 3 set.",
	   .sdm = "Vectored-Event Injection", .needs = HAS_VMX | HAS_VIRTUAL_NMIS,
	   .rules = {R38, R30})
{
	host_takes_nmi();
	nmis_arrive(1);
	set_guest(EV);
	inject(NMI);
	enter(NOP);
	expect_exit(EXIT_NMI, handler(NMI));
	expect_guest(EVB);
	expect_host_blocked();
	host(IRET);
	resume();
	expect(NMI, GUEST, first(NOP));
	expect_guest(EVB);
	expect_host_open();
}
