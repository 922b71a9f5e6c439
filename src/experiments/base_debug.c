/* SPDX-License-Identifier: BSD-2-Clause */
/* 418-423: the base architecture: debug traps, what exceptions push, interrupts behind STI and
 * IRET. */
#include "nmi/experiment.h"

#define SDM_MOV_SS   "Masking Exceptions and Interrupts When Switching Stacks"
#define APM_MOV_SS   "MOV" /* Vol. 3 */
#define SDM_PRIORITY "Prioritization of Concurrent Events"
#define SDM_STEP     "Single-Step Exception Condition"
#define APM_STEP     "Single Stepping"

EXPERIMENT(418, nmi_comes_before_an_interrupt,
	   .claim = "Behind an IRET that unblocks NMIs and sets IF a latched NMI comes before a "
		    "waiting interrupt.",
	   .sdm = SDM_PRIORITY, .apm = "Priorities", .rules = {R7})
{
	host_takes_nmi();
	nmis_arrive(1);
	fence_waits();
	host(IRET_ON, NOP);
	expect(NMI, HOST, after(IRET_ON));
	expect_host_blocked();
	host(IRET);
	expect_host_open();
}

EXPERIMENT(419, sti_holds_an_interrupt_for_one_instruction,
	   .claim = "A waiting interrupt comes one instruction after STI.",
	   .sdm = "STI—Set Interrupt Flag (Vol. 2)", .apm = "Interrupt Shadows", .rules = {R6})
{
	fence_waits();
	host(STI, NOP);
	expect(FENCE, HOST, first(NOP));
	expect_host_open();
}

EXPERIMENT(420, single_stepped_instructions_trap,
	   .claim =
		   "NOP and CPUID with TF set trap after the instruction, with BS alone in DR6 and "
		   "RF clear.",
	   .sdm = SDM_STEP, .apm = APM_STEP, .rules = {R7, R10})
{
	static const enum step steps[] = {TRAPPED_NOP, TRAPPED_CPUID};

	for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		host(steps[i]);
		expect_exception(DB, HOST, after(steps[i]));
		expect_pushed_error(DR6_BS);
		expect_pushed_resume_flag(false);
	}
	expect_host_open();
}

EXPERIMENT(423, single_stepped_hlt_traps,
	   .claim = "HLT with TF set traps, with the return address after it, and before the "
		    "interrupt that would end it.",
	   .sdm = "HLT—Halt (Vol. 2)", .apm = APM_STEP, .needs = HAS_HELPER, .rules = {R7})
{
	be_patient(3); /* the interrupt must not come before the HLT */
	host(TRAPPED_HLT);
	expect_exception(DB, HOST, after(TRAPPED_HLT));
	expect_pushed_error(DR6_BS);
	expect_host_open();
}

EXPERIMENT(
	421, mov_ss_holds_a_data_breakpoint,
	.claim = "MOV SS from a watched word traps after the next instruction, once, and not with "
		 "that one's single-step trap apart.",
	.sdm = SDM_MOV_SS, .apm = APM_MOV_SS, .rules = {R6})
{
	host(WATCHED_MOV_SS);
	expect_exception(DB, HOST, after(WATCHED_MOV_SS));
	expect_pushed_error(DR6_B0);
	host(TRAPPED_WATCHED_MOV_SS);
	expect_exception(DB, HOST, after(TRAPPED_WATCHED_MOV_SS));
	expect_pushed_error(DR6_B0 | DR6_BS);
	expect_host_open();
}

EXPERIMENT(
	422, faults_push_rf_and_their_error_code,
	.claim = "A #GP for a selector pushes that as its error code; it and a #UD push RF set, a "
		 "fence and INT n push it clear.",
	.sdm = "Instruction-Breakpoint Exception Condition", .apm = "RFLAGS Register",
	.rules = {R10})
{
	host(BAD_SELECTOR);
	expect_exception(GP, HOST, at(BAD_SELECTOR));
	expect_pushed_error(0xfffc);
	expect_pushed_resume_flag(true);
	host(INTN);
	expect(SOFT, HOST, after(INTN));
	expect_pushed_resume_flag(false);
	fence_waits();
	host(STI, NOP);
	expect(FENCE, HOST, first(NOP));
	expect_pushed_resume_flag(false);
	expect_host_open();
}
