/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * any CPU, many NMIs, and IRETs to another privilege level. What comes of two NMIs at once
 * and of one NMI at an IRET depends on the moment: many are tried.
 */
#include "nmi/experiment.h"

#define SDM_NMI "Handling Multiple NMIs"
#define APM_NMI "Non-Maskable Interrupt Exception (Vector 2)"

enum { PAIRS = 8, MORE_PATIENCE = 7 };

/* How many NMIs came of a pair: one or two. */
static unsigned take_pair(enum step halt_with_two)
{
	host(halt_with_two);
	expect(NMI, HOST, after(HLT));
	expect(FENCE, HOST, after(HLT));
	host(IRET);
	if (!allow(NMI, HOST, after(IRET)))
		return 1;
	host(IRET);
	return 2;
}

EXPERIMENT(434, two_nmis_are_not_always_one,
	   .claim =
		   "Of two NMIs that are sent one after the other both come, at least once in many "
		   "pairs; how many come when they are sent at once is recorded.",
	   .sdm = SDM_NMI, .apm = APM_NMI, .needs = HAS_HELPER, .rules = {R4})
{
	unsigned patient = 0, at_once = 0, pairs = 0;

	for (unsigned i = 0; i < PAIRS; i++)
		at_once += take_pair(halt_at_once(NMI, NMI));
	for (unsigned i = 0; patient == pairs && i < MORE_PATIENCE * PAIRS; i++, pairs++) {
		be_patient(i / PAIRS);
		patient += take_pair(halt(NMI, NMI));
	}
	expect_host_open();
	expect_case(patient > pairs, "of %u pairs none was two", pairs);
	record("at once: %s", at_once == PAIRS       ? "always one"
			      : at_once == 2 * PAIRS ? "always two"
						     : "one or two");
}

EXPERIMENT(435, no_nmi_comes_before_the_iret_that_unblocks,
	   .claim =
		   "Under a storm of NMIs, while they are blocked, none comes at an IRET or before "
		   "it, only after it has been executed.",
	   .sdm = SDM_NMI, .apm = APM_NMI, .needs = HAS_HELPER, .rules = {R2, R1, R4})
{
	storm_of_irets(30);
	expect_host_open();
}

EXPERIMENT(436, iret_to_ring_3_unblocks,
	   .claim = "An IRET to ring 3 unblocks NMIs: a latched one comes there, before the first "
		    "instruction; without one, that instruction, a privileged one, faults.",
	   .sdm = SDM_NMI, .apm = APM_NMI, .rules = {R2, R1})
{
	host(RING_3_IRET);
	expect_exception(GP, HOST, after(RING_3_IRET));
	host_takes_nmi();
	nmis_arrive(1);
	host(RING_3_IRET);
	expect(NMI, HOST, after(RING_3_IRET));
	host(RING_3_IRET);
	expect_exception(GP, HOST, after(RING_3_IRET));
	expect_host_open();
}
