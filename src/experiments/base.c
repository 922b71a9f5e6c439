/* SPDX-License-Identifier: BSD-2-Clause */
/* The base architecture. Neither VMX nor SVM is needed. */
#include "nmi/experiment.h"

#define SDM_NMI      "Handling Multiple NMIs"
#define APM_NMI      "Non-Maskable Interrupt Exception (Vector 2)"

#define APM_MOV_SS   "MOV" /* Vol. 3 */
#define SDM_PRIORITY "Prioritization of Concurrent Events"
#define SDM_MOV_SS   "Masking Exceptions and Interrupts When Switching Stacks"

EXPERIMENT(
	401, nmi_blocks_until_iret,
	.claim = "An NMI blocks further ones until the next IRET, which lets the latched one in.",
	.sdm = SDM_NMI, .apm = APM_NMI, .rules = {R1, R8})
{
	host_takes_nmi();
	nmis_arrive(1);
	host(NOP, IRET);
	expect(NMI, HOST, after(IRET));
	expect_host_blocked();
	host(IRET);
	expect_host_open();
}

EXPERIMENT(402, other_returns_do_not_unblock,
	   .claim = "POPF, RET, RETF and SYSRET leave NMIs blocked; in 32 bit SYSEXIT does.",
	   .sdm = SDM_NMI, .apm = APM_NMI, .needs = HAS_SYSENTER, .rules = {R3})
{
	host_takes_nmi();
	nmis_arrive(1);
	host(POPF, NOP);
	host(RETF, NOP);
	host(SYSRET, NOP);
	host(IRET);
	expect(NMI, HOST, after(IRET));
	host(IRET);
	expect_host_open();
}

EXPERIMENT(403, iret_outside_a_handler_unblocks,
	   .claim = "Any IRET unblocks: this one returns to its next instruction.", .sdm = SDM_NMI,
	   .apm = APM_NMI, .rules = {R2})
{
	host_takes_nmi();
	host(IRET);
	expect_host_open();
}

EXPERIMENT(405, one_nmi_is_latched_while_blocked,
	   .claim = "Of the NMIs that arrive while NMIs are blocked, exactly one is delivered.",
	   .sdm = SDM_NMI, .apm = APM_NMI, .rules = {R4, R1})
{
	host_takes_nmi();
	nmis_arrive(4);
	host(IRET);
	expect(NMI, HOST, after(IRET));
	host(IRET, NOP);
	expect_host_open();
}

/* SDM "Error Handling": no local APIC shall deliver vectors below 16. Some do, and the 8259A may.
 */
EXPERIMENT(406, vector_2_is_not_an_nmi,
	   .claim = "INT 2 goes through the NMI's gate, blocks nothing, and unblocks nothing; a "
		    "fixed IPI with vector 2, should it be delivered, blocks nothing.",
	   .sdm = "Nonmaskable Interrupt (NMI)", .apm = APM_NMI, .rules = {R5, R3})
{
	host(INT2);
	expect(NMI, HOST, after(INT2));
	nmi_to_self(BY_VECTOR_2);
	allow(NMI, HOST, PLACE_ANYWHERE);
	host_takes_nmi();
	nmis_arrive(1);
	host(INT2, NOP);
	expect(NMI, HOST, after(INT2));
	host(IRET);
	expect(NMI, HOST, after(IRET));
	host(IRET);
	expect_host_open();
}

EXPERIMENT(409, only_an_open_nmi_ends_hlt,
	   .claim = "An NMI ends HLT, with the return address after it; a blocked one does not.",
	   .sdm = SDM_NMI, .apm = APM_NMI, .needs = HAS_HELPER, .rules = {R8})
{
	host(halt(NMI));
	expect(NMI, HOST, after(HLT));
	expect(FENCE, HOST, after(HLT));
	host(halt(NMI));
	expect(FENCE, HOST, after(HLT));
	host(IRET);
	expect(NMI, HOST, after(IRET));
	host(IRET);
	expect_host_open();
}

EXPERIMENT(404, faulting_iret_unblocks_on_intel,
	   .claim = "An IRET that faults has unblocked: the latched NMI hits the first instruction "
		    "of the fault's handler.",
	   .sdm = SDM_NMI, .needs = HAS_INTEL, .rules = {R2})
{
	host_takes_nmi();
	nmis_arrive(1);
	host(BAD_IRET);
	expect(NMI, HOST, handler(GP));
	expect_exception(GP, HOST, at(BAD_IRET));
	expect_host_blocked();
	host(IRET);
	expect_host_open();
}

EXPERIMENT(410, latched_nmi_comes_after_the_first_iret,
	   .claim = "An IRET that returns to itself: the latched NMI comes after the first one.",
	   .sdm = SDM_NMI, .apm = APM_NMI, .rules = {R2})
{
	host_takes_nmi();
	nmis_arrive(1);
	host(SELF_IRET);
	expect(NMI, HOST, at(SELF_IRET));
	expect_host_open();
}

/* Nothing makes an NMI come right then: that it never does is shown by many. */
EXPERIMENT(407, mov_ss_holds_an_nmi,
	   .claim = "While a CPU does MOV SS and NOP by turns, no NMI and no interrupt comes "
		    "between a MOV SS and the next instruction.",
	   .sdm = SDM_MOV_SS, .apm = APM_MOV_SS, .needs = HAS_HELPER, .rules = {R6})
{
	for (unsigned i = 0; i < 32; i++) {
		host(mov_ss_loop(NMI));
		expect_elsewhere(NMI, HOST, after(MOV_SS_LOOP));
		expect_elsewhere(FENCE, HOST, after(MOV_SS_LOOP));
		host(IRET);
	}
	expect_host_open();
}

EXPERIMENT(408, debug_trap_comes_before_the_nmi,
	   .claim = "After an IRET that is single-stepped and lets a latched NMI in, the trap is "
		    "taken first: the NMI hits the first instruction of its handler.",
	   .sdm = SDM_PRIORITY, .apm = "Priorities", .rules = {R7})
{
	host_takes_nmi();
	nmis_arrive(1);
	host(TRAPPED_IRET);
	expect(NMI, HOST, handler(DB));
	expect_exception(DB, HOST, after(TRAPPED_IRET));
	expect_host_blocked();
	host(IRET);
	expect_host_open();
}

EXPERIMENT(411, nmi_through_a_task_gate_blocks_until_iret,
	   .claim = "An NMI through a task gate blocks as any other, also after a JMP out of its "
		    "task; an IRET that returns from a task (NT=1) unblocks.",
	   .sdm = SDM_NMI, .apm = APM_NMI, .needs = HAS_32_BIT, .rules = {R1, R2})
{
	use_tasks(NMI_TASK);
	host_takes_nmi();
	nmis_arrive(1);
	host(NOP, TASK_IRET);
	expect(NMI, HOST, after(TASK_IRET));
	nmis_arrive(1);
	host(NOP, IRET);
	expect(NMI, HOST, after(IRET));
	host(TASK_IRET);
	expect_host_open();
}

EXPERIMENT(412, v86_iret_unblocks_and_faults,
	   .claim = "An IRET in virtual-8086 mode with IOPL 0 faults with #GP, NMIs are unblocked "
		    "before: the latched one hits the first instruction of the fault's handler.",
	   .sdm = SDM_NMI, .needs = HAS_32_BIT | HAS_INTEL, .rules = {R2})
{
	host_takes_nmi();
	nmis_arrive(1);
	use_tasks(V86_TASK);
	host(V86_IRET);
	expect(NMI, HOST, handler(GP));
	expect_exception(GP, HOST, at(V86_IRET));
	use_tasks(NO_TASKS);
	expect_host_blocked();
	host(IRET);
	expect_host_open();
}

static void expect_one_nmi_to_self(enum nmi_to_self how)
{
	host_takes_nmi();
	nmi_to_self(how);
	host(NOP, IRET);
	expect(NMI, HOST, after(IRET));
	host(IRET);
}

EXPERIMENT(413, a_cpu_sends_nmis_to_itself,
	   .claim = "An NMI IPI to the CPU's own APIC ID and one to all come to it; what the self "
		    "shorthand does with NMI, which it is not meant for, is recorded.",
	   .sdm = "Interrupt Command Register (ICR)", .apm = "Interprocessor Interrupts",
	   .rules = {R1})
{
	expect_one_nmi_to_self(BY_PHYSICAL_ID);
	expect_one_nmi_to_self(BY_BROADCAST);
	host_takes_nmi();
	nmi_to_self(BY_SHORTHAND);
	host(NOP, IRET);
	bool came = allow(NMI, HOST, after(IRET));
	record("an NMI by the self shorthand %s", came ? "comes" : "does not come");
	host(IRET);
	expect_host_open();
}

EXPERIMENT(414, two_nmis_at_once_are_one_or_two,
	   .claim = "Of two NMIs that two CPUs send to one at once, it takes one or both, never "
		    "none and never more.",
	   .sdm = SDM_NMI, .apm = APM_NMI, .needs = HAS_HELPER, .rules = {R4})
{
	for (unsigned delay = 0; delay < 16; delay++) {
		nmis_collide(delay);
		expect(NMI, HOST, PLACE_ANYWHERE);
		host(IRET);
		if (allow(NMI, HOST, after(IRET)))
			host(IRET);
	}
	expect_host_open();
}

EXPERIMENT(416, mov_ss_holds_a_debug_trap,
	   .claim = "A single-stepped MOV SS does not trap; the instruction after it does.",
	   .sdm = SDM_MOV_SS, .apm = APM_MOV_SS, .rules = {R6})
{
	host(TRAPPED_MOV_SS);
	expect_exception(DB, HOST, after(TRAPPED_MOV_SS));
	expect_host_open();
}

EXPERIMENT(417, v86_iret_on_amd,
	   .claim = "Open: does an IRET that virtual-8086 mode does not allow unmask NMIs?",
	   .apm = APM_NMI, .needs = HAS_32_BIT | HAS_AMD, .rules = {S23})
{
	host_takes_nmi();
	nmis_arrive(1);
	use_tasks(V86_TASK);
	host(V86_IRET);
	record_next();
	forget();
	use_tasks(NO_TASKS);
	host(IRET, IRET);
	forget();
	expect_host_open();
}

EXPERIMENT(415, faulting_iret_on_amd, .claim = "Open: does an IRET that faults unmask NMIs?",
	   .apm = APM_NMI, .needs = HAS_AMD, .rules = {S23})
{
	host_takes_nmi();
	nmis_arrive(1);
	host(BAD_IRET);
	record_next();
	forget();
	host(IRET, IRET);
	forget();
	expect_host_open();
}
