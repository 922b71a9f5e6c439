/* SPDX-License-Identifier: BSD-2-Clause */
/* Expectations, records and probes. */
#include "nmi/verbs.h"

#include <stdarg.h>

#include "nmi/story.h"
#include "nmi/trace.h"
#include "nmi/verbs_state.h"
#include "nmi/verdict.h"
#include "serial/print.h"
#include "string.h"

/* --- expecting --- */

static bool place_fits(unsigned got, unsigned expected)
{
	return expected == PLACE_ANYWHERE || got == expected;
}

/* A step that is one instruction begins with it. */
static unsigned same_place(unsigned place)
{
	if ((place & PLACE_KIND) == PLACE_FIRST && step_is_plain(place & PLACE_DETAIL))
		return at(place & PLACE_DETAIL);
	return place;
}

static bool take_front(const struct event *wanted)
{
	const struct event *event = trace_front();
	bool fits = event->kind == wanted->kind && event->who == wanted->who &&
		    event->vector == wanted->vector && place_fits(event->place, wanted->place);

	if (fits)
		trace_pop();
	return fits;
}

static void expect_front(const struct event *wanted)
{
	char text[96];

	if (!take_front(wanted))
		verbs_fail_front(event_text(text, sizeof(text), wanted));
}

void expect_event(enum event_kind kind, unsigned vector, enum party who, unsigned place)
{
	struct event wanted = {kind, who, vector, same_place(place), 0};

	if (!verdict.over)
		expect_front(&wanted);
}

void expect(unsigned vector, enum party who, unsigned place)
{
	expect_event(EVENT_INTERRUPT, vector, who, place);
}

bool allow(unsigned vector, enum party who, unsigned place)
{
	struct event wanted = {EVENT_INTERRUPT, who, vector, same_place(place), 0};

	return !verdict.over && take_front(&wanted);
}

uint64_t event_ticks(void)
{
	return trace_ticks();
}

void expect_elsewhere(unsigned vector, enum party who, unsigned place)
{
	char text[32], expected[64];

	if (verdict.over || trace_front()->place != same_place(place)) {
		expect(vector, who, PLACE_ANYWHERE);
		return;
	}
	print_to(expected, sizeof(expected), "nothing %s",
		 place_text(text, sizeof(text), same_place(place)));
	verbs_fail_front(expected);
}

void expect_exception(unsigned vector, enum party who, unsigned place)
{
	expect_event(EVENT_EXCEPTION, vector, who, place);
}

bool left_for(enum exit_reason reason)
{
	return !verdict.failed && verbs.last.reason == reason;
}

void expect_exit(enum exit_reason reason, unsigned place)
{
	struct event wanted = {EVENT_EXIT, GUEST, reason, same_place(place), 0};

	if (verdict.over)
		return;
	expect_front(&wanted);
	if (!verdict.over)
		verbs_check_exit();
}

void expect_fault_exit(unsigned vector, unsigned place, bool unblocked_by_iret)
{
	uint32_t info = EVENT_INFO(TYPE_EXCEPTION, vector) | INFO_ERROR_CODE |
			(unblocked_by_iret ? INFO_UNBLOCKED : 0);
	char got[32];

	expect_delivery_fault(vector, place, 0);
	if (verdict.over || virt_features & HAS_SVM || verbs.last.info == info)
		return;
	print_to(got, sizeof(got), "%08x", verbs.last.info);
	verdict_note(got, "interruption information %08x", info);
}

void expect_unblocked(bool unblocked_by_iret)
{
	if (!verdict.over && verbs.last.unblocked != unblocked_by_iret)
		verdict_note(verbs.last.unblocked ? "1" : "0", "unblocking due to IRET: %d",
			     unblocked_by_iret);
}

void expect_delivery_fault(unsigned vector, unsigned place, uint32_t event)
{
	char got[48];

	expect_exit(EXIT_EXCEPTION, place);
	if (verdict.over)
		return;
	print_to(got, sizeof(got), "exception %u, event %08x", verbs.last.vector,
		 verbs.last.vectoring);
	if (verbs.last.vector != vector || verbs.last.vectoring != event)
		verdict_note(got, "exception %u, event %08x", vector, event);
	verbs.last.vectoring = event;
}

void expect_no_event(void)
{
	char got[16];

	if (verdict.over || !verbs.last.vectoring)
		return;
	print_to(got, sizeof(got), "%08x", verbs.last.vectoring);
	verdict_note(got, "no event cut off");
}

void expect_length(unsigned length)
{
	char got[16];

	if (verdict.over || verbs.last.length == length)
		return;
	print_to(got, sizeof(got), "%u", verbs.last.length);
	verdict_note(got, "instruction length %u", length);
}

void expect_no_length(void)
{
	if (!verdict.over && !verbs.last.no_length)
		verdict_note("it is not", "nRIP 0");
}

/* A fence has one vector of several: see nmi/sender.h. */
static uint32_t any_fence(uint32_t event)
{
	bool fence = event & EVENT_VALID && event_type(event) == TYPE_EXTERNAL_INTERRUPT &&
		     event_vector(event) - FENCE < FENCES;

	return fence ? EVENT_INFO(TYPE_EXTERNAL_INTERRUPT, FENCE) : event;
}

void expect_nested_fault(enum guest_page missing, unsigned place, uint32_t event)
{
	char got[64];

	expect_exit(EXIT_NESTED_FAULT, place);
	if (verdict.over)
		return;
	print_to(got, sizeof(got), "page %u, event %08x", verbs.last.page, verbs.last.vectoring);
	if (verbs.last.page != missing || any_fence(verbs.last.vectoring) != event) {
		verdict_note(got, "page %u, event %08x", missing, event);
		verbs.last.vectoring = event; /* reinject() goes on with what is right */
	}
}

/* SDM "VM-Entry Failures During or After Loading Guest State": the injection stays valid (R27). */
void expect_entry_failure(uint32_t code)
{
	char got[64];

	if (verdict.over)
		return;
	if (trace_front()->kind != EVENT_EXIT || verbs.last.reason != EXIT_ENTRY_FAILED) {
		verbs_fail_front("a failed entry");
		return;
	}
	trace_pop();
	print_to(got, sizeof(got), "code %x, injection %08x", verbs.last.code,
		 verbs.last.injection);
	if (verbs.last.code != code || verbs.last.injection != verbs.loaded)
		verdict_note(got, "code %x, injection %08x", code, verbs.loaded);
}

void expect_guest(uint64_t flags)
{
	char got[96], expected[96];

	if (!verbs_begin_verb() || verbs.last.flags == flags)
		return;
	guest_flags_text(got, sizeof(got), verbs.last.flags);
	guest_flags_text(expected, sizeof(expected), flags);
	verdict_note(got, "guest state %s", expected);
	if (verbs.next.flags == verbs.last.flags) /* go on with what is right */
		verbs.next.flags = flags;
	verbs.last.flags = flags;
}

void expect_tpr(unsigned tpr)
{
	char got[16];

	if (!verbs_begin_verb() || verbs.last.tpr == tpr)
		return;
	print_to(got, sizeof(got), "%u", verbs.last.tpr);
	verdict_note(got, "V_TPR %u", tpr);
}

void expect_activity(enum activity activity)
{
	char got[32];

	if (!verbs_begin_verb() || verbs.last.activity == activity)
		return;
	print_to(got, sizeof(got), "%u", verbs.last.activity);
	verdict_note(got, "saved activity state %u", activity);
}

void record(const char *format, ...)
{
	size_t length = strlen(verdict.record);
	va_list arguments;

	if (verdict.over || length + 2 >= sizeof(verdict.record))
		return;
	if (length)
		length += print_to(verdict.record + length, sizeof(verdict.record) - length, ", ");
	va_start(arguments, format);
	vprint_to(verdict.record + length, sizeof(verdict.record) - length, format, arguments);
	va_end(arguments);
}

void record_next(void)
{
	if (verdict.over)
		return;
	record("%s", verbs_front_text());
	trace_pop();
}

void record_guest(uint64_t flags)
{
	char text[96];

	if (verbs_begin_verb())
		record("saved %s", guest_flags_text(text, sizeof(text), verbs.last.flags & flags));
}

void record_cut_off(void)
{
	if (!verdict.over)
		record("event %08x cut off", verbs.last.vectoring);
}

void record_place(const char *setting, unsigned one, unsigned other)
{
	unsigned place = trace_front()->place;
	char text[32], expected[64];

	if (verdict.over)
		return;
	print_to(expected, sizeof(expected), "%s or ", place_text(text, sizeof(text), one));
	print_to(expected + strlen(expected), sizeof(expected) - strlen(expected), "%s",
		 place_text(text, sizeof(text), other));
	if (place != same_place(one) && place != same_place(other))
		verbs_fail_front(expected);
	record("%s %s", setting, place_text(text, sizeof(text), place));
}

void forget(void)
{
	trace_reset();
}

unsigned expect_exception_somewhere(unsigned vector)
{
	unsigned place = trace_front()->place;

	expect_exception(vector, GUEST, PLACE_ANYWHERE);
	return place;
}

void record_exception(unsigned vector)
{
	unsigned place = expect_exception_somewhere(vector);
	char text[32];

	record("exception %u %s", vector, place_text(text, sizeof(text), place));
}
