/* SPDX-License-Identifier: BSD-2-Clause */
/* One NMI shows whether the host is open to NMIs, or takes it: made of other verbs. */
#include "nmi/verbs.h"

#include "nmi/story.h"
#include "nmi/trace.h"
#include "nmi/verbs_state.h"
#include "nmi/verdict.h"

/* What ends blocking: IRET may not, with FRED. */
static enum step opening(void)
{
	return verbs.fred.parties & FRED_HOST ? ERETS_NMI : IRET;
}

/* One NMI that nothing holds. With a helper it ends a HLT; alone we cannot say where it hits. */
static unsigned send_one(void)
{
	if (verbs_has_helper()) {
		host(halt(NMI));
		return after(HLT);
	}
	nmis_arrive(1);
	return PLACE_ANYWHERE;
}

void host_takes_nmi(void)
{
	if (verdict.over)
		return;
	expect(NMI, HOST, send_one());
	if (verdict.over)
		story_add("(setting up: the host takes an NMI)");
}

static void open_host(void)
{
	const enum step fred[] = {ERETS_NMI, STEPS_END};
	const enum step *open = opening() == IRET ? virt->open_host : fred;
	unsigned steps = 0;

	while (open[steps] != STEPS_END)
		steps++;
	/* Opening lets in a latched NMI, whose handler blocks again. */
	for (unsigned i = 0; i < 2; i++) {
		virt->run_host(open, steps);
		virt->drain();
	}
	trace_reset();
}

/* The probe showed something else: after this the host is what it should have been, and what
 * follows means something again. */
static void note_and_mend(unsigned place, const char *why)
{
	const struct event wanted = {EVENT_INTERRUPT, HOST, NMI, place, 0};
	char text[96];

	verbs_note_front(event_text(text, sizeof(text), &wanted));
	story_add("(%s)", why);
	if (!verdict.over)
		open_host();
}

void expect_host_open(void)
{
	if (verdict.over)
		return;
	unsigned place = send_one();
	if (allow(NMI, HOST, place))
		host(opening());
	else if (!verdict.over)
		note_and_mend(place, "probing that the host is open");
}

void expect_host_blocked(void)
{
	if (verdict.over)
		return;
	nmis_arrive(1);
	host(NOP);
	host(opening());
	if (allow(NMI, HOST, after(opening())))
		return;
	if (!verdict.over)
		note_and_mend(after(opening()), "probing that the host is blocked");
	if (!verdict.over) {
		send_one();
		trace_reset();
	}
}
