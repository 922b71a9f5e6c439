/* SPDX-License-Identifier: BSD-2-Clause */
/* The verbs' state, and what holds between any two of them. */
#include "nmi/verbs_state.h"

#include "nmi/trace.h"
#include "nmi/verbs.h"
#include "nmi/verbs_run.h"
#include "nmi/verdict.h"

struct verbs_state verbs = {.replaced = STEPS_END};

bool verbs_has_helper(void)
{
	return virt_features & HAS_HELPER;
}

const char *verbs_front_text(void)
{
	static char text[96];
	return event_text(text, sizeof(text), trace_front());
}

static bool is_halting_place(unsigned place)
{
	return place == at(HLT) || place == first(HLT) || place == (PLACE_BEFORE | HLT);
}

void verbs_note_front(const char *expected)
{
	const struct event *event = trace_front();

	if (verbs_has_helper() && is_halting_place(event->place) && event->vector != FENCE)
		verdict.raced = true;
	verdict_note(verbs_front_text(), "%s", expected);
	verdict.over |= verdict.raced;
}

void verbs_fail_front(const char *expected)
{
	verbs_note_front(expected);
	verdict.over = true;
}

void verbs_check_exit(void)
{
	virt->check_exit(&verbs.last, verdict_note);
}

/* --- what goes without saying --- */

static bool is_end_of_halt(const struct event *event)
{
	return event->kind == EVENT_INTERRUPT && event->vector == FENCE &&
	       event->who == verbs.halted && event->place == after(HLT);
}

static bool is_hypercall(const struct event *event)
{
	return event->kind == EVENT_EXIT && event->vector == EXIT_HYPERCALL &&
	       event->place == at(virt->hypercall);
}

void verbs_finish(void)
{
	while (!verdict.over) {
		const struct event *event = trace_front();
		if (event->kind == EVENT_NONE)
			return;
		if (is_hypercall(event))
			verbs_check_exit();
		else if (!is_end_of_halt(event))
			verbs_fail_front("nothing");
		trace_pop();
	}
}

bool verbs_begin_verb(void)
{
	verbs_finish();
	return !verdict.over;
}
