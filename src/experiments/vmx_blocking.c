/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMX, NMI blocking across VM entries and exits. (E,V,B) are NMI exiting, virtual NMIs and
 * blocking by NMI, bit 3 of the guest's interruptibility state.
 */
#include "experiments/settings.h"
#include "nmi/experiment.h"

EXPERIMENT(1, guest_takes_an_nmi_through_its_own_idt,
	   .claim = "(0,0,0): an NMI goes through the guest's IDT and ends its HLT.",
	   .sdm = "Other Causes of VM Exits", .needs = HAS_VMX | HAS_HELPER, .rules = {R12, R1})
{
	set_guest(0);
	enter(halt(NMI), IRET, halt());
	expect(NMI, GUEST, after(HLT));
	expect(FENCE, GUEST, after(HLT));
	expect(FENCE, GUEST, after(HLT));
	expect_guest(0);
	expect_host_open();
}

EXPERIMENT(2, blocking_follows_the_cpu_from_guest_to_host_and_back,
	   .claim = "(0,0,1): NMIs are blocked in the guest, then in the host, until an IRET in "
		    "the guest lets in one of the two that came.",
	   .sdm = "Interruptibility State", .needs = HAS_VMX | HAS_HELPER,
	   .rules = {R15, R17, R4, R8})
{
	set_guest(BLOCKED_BY_NMI);
	enter(halt(NMI));
	expect(FENCE, GUEST, after(HLT));
	expect_guest(BLOCKED_BY_NMI);
	host(halt(NMI));
	expect(FENCE, HOST, after(HLT));
	enter(IRET);
	expect(NMI, GUEST, after(IRET));
	expect_guest(BLOCKED_BY_NMI);
	enter(IRET, NOP);
	expect_guest(0);
	expect_host_open();
}

EXPERIMENT(3, vm_entry_lets_the_hosts_latched_nmi_into_the_guest,
	   .claim = "(0,0,0): VM entry unblocks, because bit 3 is clear: the NMI that the host "
		    "held hits the guest's first instruction.",
	   .sdm = "Interruptibility State", .needs = HAS_VMX, .rules = {R15, R19})
{
	host_takes_nmi();
	nmis_arrive(1);
	set_guest(0);
	enter(NOP);
	expect(NMI, GUEST, first(NOP));
	expect_guest(BLOCKED_BY_NMI);
	expect_host_blocked();
	host(IRET);
	expect_host_open();
}

EXPERIMENT(4, vm_entry_blocks_an_open_host,
	   .claim = "(0,0,1): VM entry blocks, because bit 3 is set, and the exit leaves it so.",
	   .sdm = "Interruptibility State", .needs = HAS_VMX | HAS_HELPER, .rules = {R15, R17, R8})
{
	set_guest(BLOCKED_BY_NMI);
	enter();
	expect_guest(BLOCKED_BY_NMI);
	host(halt(NMI));
	expect(FENCE, HOST, after(HLT));
	host(IRET);
	expect(NMI, HOST, after(IRET));
	host(IRET, NOP);
	expect_host_open();
}

EXPERIMENT(
	5, nmi_exit_blocks_the_host,
	.claim = "(1,0,0): an NMI exits; the host is blocked after it, the saved bit 3 is clear.",
	.sdm = "Updating Non-Register State", .needs = HAS_VMX | HAS_HELPER,
	.rules = {R12, R17, R18, R35})
{
	set_guest(NMI_EXITING);
	enter(halt(NMI));
	expect_exit(EXIT_NMI, after(HLT));
	expect_guest(NMI_EXITING);
	expect_host_blocked();
	host(IRET);
	enter(halt());
	expect(FENCE, GUEST, after(HLT));
	expect_guest(NMI_EXITING);
	expect_host_open();
}

EXPERIMENT(6, guest_iret_unblocks_nothing_with_nmi_exiting,
	   .claim = "(1,0,1): NMIs are blocked, and an IRET in the guest does not change that.",
	   .sdm = "Changes to Instruction Behavior in VMX Non-Root Operation",
	   .needs = HAS_VMX | HAS_HELPER, .rules = {R14, R17, R8})
{
	set_guest(EB);
	enter(halt(NMI), IRET, NOP);
	expect(FENCE, GUEST, after(HLT));
	expect_guest(EB);
	host(IRET);
	expect(NMI, HOST, after(IRET));
	host(IRET, NOP);
	expect_host_open();
}

EXPERIMENT(7, latched_nmi_exits_at_the_entry,
	   .claim = "(1,0,0): VM entry unblocks: the NMI that the host held exits before the "
		    "guest's first instruction.",
	   .sdm = "Interruptibility State", .needs = HAS_VMX, .rules = {R15, R18})
{
	host_takes_nmi();
	nmis_arrive(1);
	set_guest(NMI_EXITING);
	enter(NOP);
	expect_exit(EXIT_NMI, first(NOP));
	expect_guest(NMI_EXITING);
	expect_host_blocked();
	host(IRET);
	expect_host_open();
}

EXPERIMENT(8, nmi_exit_out_of_hlt_saves_the_activity_hlt,
	   .claim = "(1,1,0): an NMI that ends HLT exits with the RIP after the HLT, and the saved "
		    "activity state is HLT.",
	   .sdm = "Architectural State Before a VM Exit",
	   .needs = HAS_VMX | HAS_VIRTUAL_NMIS | HAS_HELPER, .rules = {R12, R17, R43})
{
	set_guest(EV);
	enter(halt(NMI));
	expect_exit(EXIT_NMI, after(HLT));
	expect_guest(EV);
	expect_host_blocked();
	host(IRET);
	expect_host_open();
	expect_activity(ACTIVITY_HLT);
	enter(halt());
	expect(FENCE, GUEST, after(HLT));
	expect_guest(EV);
	expect_host_open();
}

EXPERIMENT(9, virtual_nmi_blocking_holds_no_physical_nmi,
	   .claim = "(1,1,1): an NMI exits in spite of bit 3, which stays set.",
	   .sdm = "Interruptibility State", .needs = HAS_VMX | HAS_VIRTUAL_NMIS | HAS_HELPER,
	   .rules = {R13, R19, R21})
{
	set_guest(EVB);
	enter(halt(NMI));
	expect_exit(EXIT_NMI, after(HLT));
	expect_guest(EVB);
	expect_host_blocked();
	host(IRET);
	enter(halt());
	expect(FENCE, GUEST, after(HLT));
	expect_guest(EVB);
	expect_host_open();
}

EXPERIMENT(10, latched_nmi_exits_at_the_entry_with_virtual_nmis,
	   .claim = "(1,1,0): VM entry unblocks: the NMI that the host held exits at once.",
	   .sdm = "Interruptibility State", .needs = HAS_VMX | HAS_VIRTUAL_NMIS,
	   .rules = {R16, R19, R18})
{
	host_takes_nmi();
	nmis_arrive(1);
	set_guest(EV);
	enter(NOP);
	expect_exit(EXIT_NMI, first(NOP));
	expect_guest(EV);
	expect_host_blocked();
	host(IRET);
	expect_host_open();
}

EXPERIMENT(11, latched_nmi_exits_at_the_entry_with_bit_3_set,
	   .claim = "(1,1,1): as with bit 3 clear, and it is saved as it was.",
	   .sdm = "Interruptibility State", .needs = HAS_VMX | HAS_VIRTUAL_NMIS,
	   .rules = {R16, R19})
{
	host_takes_nmi();
	nmis_arrive(1);
	set_guest(EVB);
	enter(NOP);
	expect_exit(EXIT_NMI, first(NOP));
	expect_guest(EVB);
	expect_host_blocked();
	host(IRET);
	expect_host_open();
}

EXPERIMENT(12, guest_iret_ends_virtual_nmi_blocking,
	   .claim = "(1,1,1): an IRET in the guest clears bit 3, and the host is open.",
	   .sdm = "Changes to Instruction Behavior in VMX Non-Root Operation",
	   .needs = HAS_VMX | HAS_VIRTUAL_NMIS, .rules = {R14, R16})
{
	set_guest(EVB);
	enter(IRET);
	expect_guest(EV);
	expect_host_open();
}

EXPERIMENT(13, vm_entry_with_virtual_nmis_unblocks_the_host,
	   .claim = "(1,1,0): VM entry unblocks NMIs, and a non-NMI exit leaves them so.",
	   .sdm = "Interruptibility State", .needs = HAS_VMX | HAS_VIRTUAL_NMIS, .rules = {R16})
{
	host_takes_nmi();
	set_guest(EV);
	enter();
	expect_guest(EV);
	expect_host_open();
}

EXPERIMENT(14, vm_entry_with_bit_3_set_unblocks_the_host,
	   .claim = "(1,1,1): as with bit 3 clear: it does not stand for the blocking of NMIs.",
	   .sdm = "Interruptibility State", .needs = HAS_VMX | HAS_VIRTUAL_NMIS, .rules = {R16})
{
	host_takes_nmi();
	set_guest(EVB);
	enter();
	expect_guest(EVB);
	expect_host_open();
}
