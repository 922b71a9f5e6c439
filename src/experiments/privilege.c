/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Injecting events into a guest in ring 3. Its gates all have DPL 0, which keeps INT n
 * and INT3 out: SDM Vol. 2 "INT n/INTO/INT3/INT1", APM Vol. 3 "INT", "INT 3".
 * Handlers run in ring 0, on the TSS's stack, and go back in ring 0.
 */
#include "nmi/experiment.h"

/* The gate refuses it: #GP at the instruction. When that exits, it reports the event. */
static void expect_refusal(enum event_type type, unsigned vector)
{
	set_guest(RING_3);
	inject_software(type, vector, 1);
	enter(NOP);
	expect_exception(GP, GUEST, first(NOP));
	set_guest(RING_3 | INTERCEPT_GP);
	inject_software(type, vector, 1);
	enter(NOP);
	expect_delivery_fault(GP, first(NOP), software_event(type, vector));
}

/* No instruction's event: the gate takes it, as it does in ring 0. */
static void expect_delivery(unsigned vector)
{
	set_guest(RING_3);
	inject(vector);
	enter(NOP);
	if (vector < 32 && vector != NMI)
		expect_exception(vector, GUEST, first(NOP));
	else
		expect(vector, GUEST, first(NOP));
}

static void expect_deliveries(void)
{
	expect_delivery(IRQ);
	expect_delivery(NMI);
	expect_delivery(UD);
}

EXPERIMENT(233, injected_software_events_check_the_gates_privilege,
	   .claim = "In ring 3, types 4 and 6 through a gate of DPL 0 are a #GP at RIP, which can "
		    "exit and then reports the event; types 0, 2, 3 and 5 are delivered.",
	   .sdm = "Details of Vectored-Event Injection", .needs = HAS_VMX, .rules = {R32})
{
	expect_refusal(TYPE_SOFTWARE_INTERRUPT, SOFT);
	expect_refusal(TYPE_SOFTWARE_EXCEPTION, BP);
	expect_deliveries();
	set_guest(RING_3);
	inject_software(TYPE_PRIVILEGED_EXCEPTION, DB, 1);
	enter(NOP);
	expect_exception(DB, GUEST, after(NOP));
	set_guest(RING_3);
	inject_event(TYPE_EXCEPTION, BP); /* of hardware, if its type says so */
	enter(NOP);
	expect_exception(BP, GUEST, first(NOP));
}

EXPERIMENT(234, injected_int3_checks_the_gates_privilege,
	   .claim = "In ring 3, INT3 (type 3, vector 3) through a gate of DPL 0 is a #GP at RIP, "
		    "which can exit and then reports the event; types 0 and 2 and other exceptions "
		    "are delivered.",
	   .apm = "Event Injection", .needs = HAS_SVM, .rules = {S10, S11})
{
	expect_refusal(TYPE_SOFTWARE_EXCEPTION, BP);
	expect_deliveries();
}

EXPERIMENT(235, injected_int_n_checks_the_gates_privilege,
	   .claim = "In ring 3, INT n (type 4) through a gate of DPL 0 is a #GP at RIP, which can "
		    "exit and then reports the event.",
	   .apm = "Event Injection", .needs = HAS_SVM | HAS_NRIPS, .rules = {S10, S11})
{
	expect_refusal(TYPE_SOFTWARE_INTERRUPT, SOFT);
}
