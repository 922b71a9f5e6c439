/* SPDX-License-Identifier: BSD-2-Clause */
/* One NMI shows whether the host is open to NMIs, or takes it: made of other verbs. */
#include "nmi/verbs.h"

#include "nmi/story.h"
#include "nmi/verbs_state.h"
#include "nmi/verdict.h"

/* What ends blocking: IRET may not, with FRED. */
static enum step opening(void)
{
	return verbs.fred.parties & FRED_HOST ? ERETS_NMI : IRET;
}

/* One NMI that nothing holds. With a helper it ends a HLT; alone we cannot say where it hits. */
static void one_open_nmi(const char *why)
{
	if (verdict.failed)
		return;
	if (verbs_has_helper()) {
		host(halt(NMI));
		expect(NMI, HOST, after(HLT));
	} else {
		nmis_arrive(1);
		expect(NMI, HOST, PLACE_ANYWHERE);
	}
	if (verdict.failed)
		story_add("(%s)", why);
}

void host_takes_nmi(void)
{
	one_open_nmi("setting up: the host takes an NMI");
}

void expect_host_open(void)
{
	one_open_nmi("probing that the host is open");
	host(opening());
}

void expect_host_blocked(void)
{
	if (verdict.failed)
		return;
	nmis_arrive(1);
	host(NOP);
	host(opening());
	expect(NMI, HOST, after(opening()));
	if (verdict.failed)
		story_add("(probing that the host is blocked)");
}
