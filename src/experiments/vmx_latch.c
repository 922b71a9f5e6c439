/* SPDX-License-Identifier: BSD-2-Clause */
/* VMX, how many NMIs are kept while they are blocked: one. */
#include "nmi/experiment.h"

EXPERIMENT(27, one_of_two_held_nmis_reaches_the_guest,
	   .claim = "(0,0,0): of two NMIs that the host held, the guest gets one.",
	   .sdm = "Interruptibility State", .needs = HAS_VMX, .rules = {R4, R15})
{
	host_takes_nmi();
	nmis_arrive(2);
	set_guest(0);
	enter(NOP);
	expect(NMI, GUEST, first(NOP));
	expect_guest(BLOCKED_BY_NMI);
	enter(IRET, NOP);
	expect_guest(0);
	expect_host_open();
}

EXPERIMENT(28, one_of_two_held_nmis_exits,
	   .claim = "(1,0,0): of two NMIs that the host held, one exits.",
	   .sdm = "Interruptibility State", .needs = HAS_VMX, .rules = {R4, R15, R12})
{
	host_takes_nmi();
	nmis_arrive(2);
	set_guest(NMI_EXITING);
	enter(NOP);
	expect_exit(EXIT_NMI, first(NOP));
	expect_guest(NMI_EXITING);
	host(IRET, NOP);
	enter(NOP);
	expect_guest(NMI_EXITING);
	expect_host_open();
}

EXPERIMENT(29, one_nmi_is_latched_in_root_operation,
	   .claim = "Of three NMIs that come while the host is blocked, it gets one.",
	   .sdm = "Handling Multiple NMIs", .needs = HAS_VMX, .rules = {R4})
{
	host_takes_nmi();
	nmis_arrive(3);
	host(IRET);
	expect(NMI, HOST, after(IRET));
	host(IRET, NOP);
	expect_host_open();
}

EXPERIMENT(30, one_of_two_held_nmis_exits_with_virtual_nmis,
	   .claim = "(1,1,0): of two NMIs that the host held, one exits.",
	   .sdm = "Interruptibility State", .needs = HAS_VMX | HAS_VIRTUAL_NMIS, .rules = {R4, R16})
{
	host_takes_nmi();
	nmis_arrive(2);
	set_guest(NMI_EXITING | VIRTUAL_NMIS);
	enter(NOP);
	expect_exit(EXIT_NMI, first(NOP));
	expect_guest(NMI_EXITING | VIRTUAL_NMIS);
	host(IRET, NOP);
	enter(NOP);
	expect_guest(NMI_EXITING | VIRTUAL_NMIS);
	expect_host_open();
}
