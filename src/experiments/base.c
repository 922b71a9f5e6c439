/* SPDX-License-Identifier: BSD-2-Clause */
/* 401-449: the base architecture. Neither VMX nor SVM is needed. */
#include "nmi/experiment.h"

EXPERIMENT(
	401, nmi_blocks_until_iret,
	.claim = "An NMI blocks further NMIs until the next IRET, which lets the latched one in.",
	.sdm = "Handling Multiple NMIs", .apm = "NMI (Vector 2)", .rules = {R1, R8})
{
	host_takes_nmi();
	nmis_arrive(1);
	host(NOP, IRET);
	expect(NMI, HOST, after(IRET));
	expect_host_blocked();
	host(IRET);
	expect_host_open();
}

EXPERIMENT(403, iret_outside_a_handler_unblocks,
	   .claim = "Any IRET unblocks: this one returns to its next instruction.",
	   .sdm = "Handling Multiple NMIs", .apm = "NMI (Vector 2)", .rules = {R2})
{
	host_takes_nmi();
	host(IRET);
	expect_host_open();
}

EXPERIMENT(405, one_nmi_is_latched_while_blocked,
	   .claim = "Of the NMIs that arrive while NMIs are blocked, exactly one "
		    "is delivered.",
	   .sdm = "NMI Handling While in SMM", .apm = "NMI (Vector 2)", .rules = {R4, R1})
{
	host_takes_nmi();
	nmis_arrive(4);
	host(IRET);
	expect(NMI, HOST, after(IRET));
	host(IRET, NOP);
	expect_host_open();
}
