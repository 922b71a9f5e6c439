/* SPDX-License-Identifier: BSD-2-Clause */
/* 1-30: VMX, NMI blocking across VM entries and exits. */
#include "nmi/experiment.h"

#define SDM_ENTRY "Interruptibility State"

EXPERIMENT(1, guest_takes_an_nmi_through_its_own_idt,
	   .claim = "Without NMI exiting an NMI goes through the guest's IDT and ends its HLT.",
	   .sdm = "Other Causes of VM Exits", .needs = NEEDS_VMX | NEEDS_HELPER, .rules = {R12, R1})
{
	set_guest(0);
	enter(halt(NMI), IRET, halt());
	expect(NMI, GUEST, after(HLT));
	expect(FENCE, GUEST, after(HLT));
	expect(FENCE, GUEST, after(HLT));
	expect_guest(0);
	expect_host_open();
}

EXPERIMENT(3, vm_entry_lets_the_hosts_latched_nmi_into_the_guest,
	   .claim = "VM entry without virtual NMIs unblocks when bit 3 is clear: the NMI that the "
		    "host held hits the guest's first instruction.",
	   .sdm = SDM_ENTRY, .needs = NEEDS_VMX, .rules = {R15})
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

EXPERIMENT(13, vm_entry_with_virtual_nmis_unblocks_the_host,
	   .claim = "VM entry with virtual NMIs unblocks NMIs, and a non-NMI exit leaves them so.",
	   .sdm = SDM_ENTRY, .needs = NEEDS_VMX | NEEDS_VIRTUAL_NMIS, .rules = {R16})
{
	host_takes_nmi();
	set_guest(NMI_EXITING | VIRTUAL_NMIS);
	enter();
	expect_guest(NMI_EXITING | VIRTUAL_NMIS);
	expect_host_open();
}

EXPERIMENT(17, pending_nmi_exits_at_the_injected_handler,
	   .claim = "A pending NMI exits right after an injected interrupt, even with bit 3 set.",
	   .sdm = SDM_ENTRY, .needs = NEEDS_VMX | NEEDS_VIRTUAL_NMIS, .rules = {R38, R16})
{
	host_takes_nmi();
	nmis_arrive(1);
	set_guest(NMI_EXITING | VIRTUAL_NMIS | BLOCKED_BY_NMI);
	inject(IRQ);
	enter(NOP);
	expect_exit(EXIT_NMI, handler(IRQ));
	expect_guest(NMI_EXITING | VIRTUAL_NMIS | BLOCKED_BY_NMI);
	expect_host_blocked();
	host(IRET);
	resume();
	expect(IRQ, GUEST, first(NOP));
	expect_guest(NMI_EXITING | VIRTUAL_NMIS | BLOCKED_BY_NMI);
	expect_host_open();
}
