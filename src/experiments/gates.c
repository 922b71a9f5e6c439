/* SPDX-License-Identifier: BSD-2-Clause */
/* 236-238: events that find no gate, or none that they may use: the #GP and its error code. */
#include "nmi/experiment.h"

#define SDM_GATES "Protection of Exception- and Interrupt-Handler Procedures"
#define APM_GATES "Privilege Checks When Transferring Control Through Gates"
#define SDM_ERROR "Error Code"
#define APM_ERROR "Error Codes"

/* SDM "Error Code": in the IDT; from outside the program. */
#define IDT 2
#define EXT 1

static void expect_gp(enum step step, unsigned place, unsigned long error)
{
	enter(step);
	expect_exception(GP, GUEST, place);
	expect_pushed_error(error);
	expect_pushed_resume_flag(true);
}

EXPERIMENT(236, int_n_in_ring_3_needs_its_gates_privilege,
	   .claim = "INT n and INT3 of a guest in ring 3, whose gates have DPL 0, are a #GP at the "
		    "instruction, with the gate in its error code and bit 0 clear.",
	   .sdm = SDM_GATES, .apm = APM_GATES, .needs = HAS_GUEST, .rules = {R9, R10})
{
	set_guest(RING_3);
	expect_gp(INTN, at(INTN), SOFT * 8 + IDT);
	set_guest(RING_3);
	expect_gp(INT3, at(INT3), BP * 8 + IDT);
}

EXPERIMENT(
	237, a_missing_gate_is_in_the_error_code,
	.claim = "INT n without a gate is a #GP at the instruction whose error code has the "
		 "vector, bit 1, and bit 0 clear; an injected interrupt without a gate is one with "
		 "bit 0 set.",
	.sdm = SDM_ERROR, .apm = APM_ERROR, .needs = HAS_GUEST, .rules = {R9})
{
	set_guest(0);
	end_idt_before(SOFT);
	expect_gp(INTN, at(INTN), SOFT * 8 + IDT);
	set_guest(0);
	end_idt_before(IRQ);
	inject(IRQ);
	expect_gp(NOP, first(NOP), IRQ * 8 + IDT + EXT);
}
