/* SPDX-License-Identifier: BSD-2-Clause */
/* A storm of NMIs: what can be said of it at any speed of sender and receiver. */
#include "nmi/verbs.h"

#include "death.h"
#include "nmi/story.h"
#include "nmi/trace.h"
#include "nmi/verbs_run.h"
#include "nmi/verbs_state.h"
#include "nmi/verdict.h"
#include "serial/print.h"

static void expect_that(bool good, unsigned got, const char *expected)
{
	char text[32];

	print_to(text, sizeof(text), "%u", got);
	if (!good)
		verdict_note(text, "%s", expected);
}

static void enter_nop(uint64_t flags)
{
	static const enum step nop[] = {NOP};

	verbs.next = (struct entry){.flags = flags, .steps = nop, .count = 1};
	verbs_run_guest();
	if (verbs.last.reason != EXIT_HYPERCALL &&
	    !(verbs.last.reason == EXIT_NMI && flags & NMI_EXITING))
		verdict_fail(exit_reason_text(verbs.last.reason), "a hypercall or an NMI exit");
	verbs_check_exit();
}

/* From here to the next entry with NMI exiting or bit 3 clear nothing unblocks NMIs: no handler
 * executes IRET. */
static unsigned block(void)
{
	enter_nop(BLOCKED_BY_NMI);
	trace_reset();
	return trace_nmis;
}

/* It may last as long as the helper needs, which the host may let wait. */
static bool goes_on(void)
{
	unsigned seen;

	story_alive();
	if (virt->answered(&seen) || verdict.failed)
		return false;
	if (virt->is_late())
		verdict_fail("it goes on", "the storm to end");
	return true;
}

static void rage(uint64_t flags)
{
	unsigned before = block();

	while (goes_on()) {
		enter_nop(flags);
		unsigned now = block();
		expect_that(now - before <= 1, now - before, "one NMI at most while none unblocks");
		before = now;
	}
}

/* The last one may be latched. Another fence gives it time: whether it comes right after the IRET,
 * other experiments judge. */
static void take_what_is_left(void)
{
	static const enum step irets[] = {IRET, NOP, IRET, NOP};

	for (unsigned i = 0; i < 2; i++) {
		virt->drain();
		virt->run_host(irets, sizeof(irets) / sizeof(irets[0]));
		virt->deliver(0);
	}
	virt->drain();
	trace_reset();
}

void storm(unsigned nmis)
{
	uint64_t flags = verbs.next.flags;
	unsigned before = trace_nmis, seen = 0;

	if (!verbs_begin_verb())
		return;
	story_add("storm(%u),", nmis);
	death_at(BEFORE_STORM);
	virt->ask(nmis, ASK_NOW);
	rage(flags);
	take_what_is_left();
	virt->answered(&seen);
	expect_that(trace_nmis - before <= nmis, trace_nmis - before,
		    "no more NMIs than were sent");
	expect_that(trace_nmis != seen, trace_nmis - before, "an NMI after the last was sent");
}

static bool is_before_iret(unsigned place)
{
	return place == first(IRET) || place == (PLACE_BEFORE | IRET) || place == at(IRET);
}

/*
 * Of the round that ended: are NMIs blocked after it, for certain? An NMI outside the steps may
 * have come before the IRET, which then unblocked, or after it. It came after if NMIs were blocked
 * before it came: at the round's start, or by an earlier one of the round.
 */
static bool look_at_round(bool blocked)
{
	bool blocked_after = false;

	for (; trace_front()->kind != EVENT_NONE && !verdict.failed; trace_pop()) {
		const struct event *event = trace_front();
		if (event->vector != NMI || event->kind != EVENT_INTERRUPT)
			continue;
		if (!is_before_iret(event->place))
			blocked_after = blocked || event->place == after(IRET);
		else if (blocked)
			verbs_fail_front("no NMI before the IRET, while they are blocked");
		blocked = true;
	}
	trace_reset();
	return blocked_after;
}

void storm_of_irets(unsigned nmis)
{
	static const enum step iret[] = {IRET};
	unsigned before;
	bool blocked = true;

	host_takes_nmi();
	if (!verbs_begin_verb())
		return;
	before = trace_nmis;
	story_add("storm(%u) of IRETs,", nmis);
	death_at(BEFORE_STORM);
	virt->ask(nmis, ASK_NOW);
	while (goes_on()) {
		virt->run_host(iret, 1);
		blocked = look_at_round(blocked);
	}
	take_what_is_left();
	expect_that(trace_nmis - before <= nmis, trace_nmis - before,
		    "no more NMIs than were sent");
	expect_that(trace_nmis != before, 0, "an NMI");
}
