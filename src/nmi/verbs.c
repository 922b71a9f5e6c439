/* SPDX-License-Identifier: BSD-2-Clause */
#include "nmi/verbs.h"

#include <stdarg.h>

#include "nmi/story.h"
#include "nmi/trace.h"
#include "nmi/verbs_run.h"
#include "nmi/verdict.h"
#include "serial/print.h"
#include "string.h"

/* What the next entry will load, and what the last exit reported. */
static struct entry next;
static struct exit last;
static uint32_t next_loaded; /* the injection that the last entry was given */

/* Pages that an experiment took away and has not put back. */
static bool is_missing[OTHER_PAGE];

/* Who runs the steps, for the fence that ends a HLT. */
static enum party halted;

/* The text of the event at the front, in a buffer of our own. */
static const char *front_text(void)
{
	static char text[96];
	return event_text(text, sizeof(text), trace_front());
}

static bool has_helper(void)
{
	return virt_features & NEEDS_HELPER;
}

static bool is_halting_place(unsigned place)
{
	return place == at(HLT) || place == first(HLT) || place == (PLACE_BEFORE | HLT);
}

/* The front event is wrong. If an NMI came before the HLT that it was to end, the set-up is. */
static void fail_front(const char *expected)
{
	const struct event *event = trace_front();

	if (has_helper() && is_halting_place(event->place) && event->vector != FENCE)
		verdict.raced = true;
	verdict_fail(front_text(), "%s", expected);
}

/* --- what goes without saying --- */

static bool is_end_of_halt(const struct event *event)
{
	return event->kind == EVENT_INTERRUPT && event->vector == FENCE && event->who == halted &&
	       event->place == after(HLT);
}

static bool is_hypercall(const struct event *event)
{
	return event->kind == EVENT_EXIT && event->vector == EXIT_HYPERCALL &&
	       event->place == at(virt->hypercall);
}

static void check_exit(unsigned place)
{
	char got[96];
	const char *expected = virt->check_exit(&last, place, got, sizeof(got));
	if (expected)
		verdict_fail(got, "%s", expected);
}

void verbs_finish(void)
{
	while (!verdict.failed) {
		const struct event *event = trace_front();
		if (event->kind == EVENT_NONE)
			return;
		if (is_hypercall(event))
			check_exit(event->place);
		else if (!is_end_of_halt(event))
			fail_front("nothing");
		trace_pop();
	}
}

static void put_pages_back(void)
{
	for (enum guest_page page = 0; page < OTHER_PAGE; page++)
		if (is_missing[page])
			virt->set_page(page, true);
	memset(is_missing, 0, sizeof(is_missing));
}

void verbs_begin(void)
{
	memset(&verdict, 0, sizeof(verdict));
	memset(&next, 0, sizeof(next));
	memset(&last, 0, sizeof(last));
	trace_reset();
	virt->reset();
	put_pages_back();
}

/* Every acting verb opens with this: false when there is nothing left to do. */
static bool begin_verb(void)
{
	verbs_finish();
	return !verdict.failed;
}

/* --- acting --- */

void set_guest(unsigned long flags)
{
	char text[128];

	if (!begin_verb())
		return;
	story_add("guest %s,", guest_flags_text(text, sizeof(text), flags));
	next.flags = flags;
	next.injection = 0;
	next.length = 0;
	next.interrupts_on = flags & INTERRUPTS_ON;
}

void inject(unsigned vector)
{
	enum event_type type = vector == NMI ? TYPE_NMI
			       : vector < 32 ? TYPE_EXCEPTION
					     : TYPE_EXTERNAL_INTERRUPT;

	next.injection = EVENT_INFO(type, vector);
	next.interrupts_on = type == TYPE_EXTERNAL_INTERRUPT;
}

uint32_t software_event(enum event_type type, unsigned vector)
{
	if (type == TYPE_SOFTWARE_EXCEPTION && virt_features & NEEDS_SVM)
		type = TYPE_EXCEPTION;
	return EVENT_INFO(type, vector);
}

void inject_software(enum event_type type, unsigned vector, unsigned length)
{
	next.injection = software_event(type, vector);
	next.length = length;
}

static bool is_software(uint32_t event)
{
	unsigned type = event >> 8 & 7;
	return (type >= TYPE_SOFTWARE_INTERRUPT && type <= TYPE_SOFTWARE_EXCEPTION) ||
	       (type == TYPE_EXCEPTION && ((event & 0xff) == BP || (event & 0xff) == OF));
}

void reinject(void)
{
	if (!begin_verb())
		return;
	next.injection = last.vectoring;
	next.length = is_software(last.vectoring) ? last.length : 0;
	story_add("reinject %08x,", next.injection);
}

static void set_page(enum guest_page page, bool present)
{
	if (!begin_verb())
		return;
	story_add("%s %s,", present ? "map" : "unmap", page == GUEST_IDT ? "IDT" : "stack");
	virt->set_page(page, present);
	is_missing[page] = !present;
}

void unmap(enum guest_page page)
{
	set_page(page, false);
}

void map(enum guest_page page)
{
	set_page(page, true);
}

/* Tell the sender what the HLTs among the steps want; strip that from the steps. */
static unsigned plan_steps(const enum step *steps, enum step *plain)
{
	unsigned count, halts = 0, nmis[STEPS_MAX];

	for (count = 0; steps[count] != STEPS_END && count < STEPS_MAX; count++) {
		plain[count] = steps[count] & 0xff;
		if (plain[count] == HLT)
			nmis[halts++] = steps[count] >> 8;
	}
	/* Fences that wait would end the HLT before its time. */
	if (!virt->drain() && halts)
		verdict_fail("it waits still (GIF=0?)", "the last fence taken before the next HLT");
	virt->plan(nmis, halts);
	return count;
}

static void story_exit(void)
{
	char text[64];
	struct event exit = {EVENT_EXIT, GUEST, last.reason, last.place, last.ip};

	if (exit.place == PLACE_UNKNOWN)
		exit.place = virt->place(last.ip);

	story_add("-> %s,", event_text(text, sizeof(text), &exit));
}

static void run_guest(void)
{
	next_loaded = next.injection;
	virt->run_guest(&next, &last);
	trace_exit((struct event){EVENT_EXIT, GUEST, last.reason, last.place, last.ip});
	last.flags &= ~(unsigned long)INTERRUPTS_ON;
	next.flags = last.flags;
	next.injection = 0;
	next.length = 0;
}

void enter_steps(const enum step *steps)
{
	enum step plain[STEPS_MAX];

	if (!begin_verb())
		return;
	halted = GUEST;
	story_add_steps("enter", steps);
	unsigned count = plan_steps(steps, plain);
	if (verdict.failed)
		return;
	next.resume = false;
	next.steps = plain;
	next.count = count;
	run_guest();
	story_exit();
}

uint32_t try_entry(unsigned long flags, unsigned vector)
{
	static const enum step nop[] = {NOP};

	verbs_finish();
	memset(&next, 0, sizeof(next));
	next.flags = flags;
	if (vector)
		inject(vector);
	next.interrupts_on = flags & INTERRUPTS_ON;
	next.steps = nop;
	next.count = 1;
	run_guest();
	trace_reset();
	return last.reason == EXIT_ENTRY_FAILED ? last.code : 0;
}

void expect_case(bool good, const char *format, ...)
{
	char text[96];
	va_list arguments;

	verdict.cases++;
	if (good)
		return;
	va_start(arguments, format);
	vprint_to(text, sizeof(text), format, arguments);
	va_end(arguments);
	story_add("[%s]", text);
	verdict.surprises++;
}

void resume(void)
{
	if (!begin_verb())
		return;
	story_add("resume()");
	next.resume = true;
	run_guest();
	story_exit();
}

void host_steps(const enum step *steps)
{
	enum step plain[STEPS_MAX];

	if (!begin_verb())
		return;
	halted = HOST;
	story_add_steps("host", steps);
	unsigned count = plan_steps(steps, plain);
	if (!verdict.failed)
		virt->run_host(plain, count);
}

void nmis_arrive(unsigned n)
{
	if (!begin_verb())
		return;
	story_add("%u NMI%s", n, n == 1 ? "" : "s");
	virt->drain();
	if (!virt->deliver(n))
		verdict_fail("it did not", "the fence to arrive");
}

/* One NMI that nothing holds. With a helper it ends a HLT; alone we cannot say where it hits. */
static void one_open_nmi(const char *why)
{
	if (verdict.failed)
		return;
	if (has_helper()) {
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

static void expect_front(const struct event *wanted)
{
	const struct event *event = trace_front();
	char text[96];

	if (event->kind == wanted->kind && event->who == wanted->who &&
	    event->vector == wanted->vector && place_fits(event->place, wanted->place)) {
		trace_pop();
		return;
	}
	fail_front(event_text(text, sizeof(text), wanted));
}

void expect(unsigned vector, enum party who, unsigned place)
{
	struct event wanted = {EVENT_INTERRUPT, who, vector, same_place(place), 0};

	if (!verdict.failed)
		expect_front(&wanted);
}

void expect_exception(unsigned vector, enum party who, unsigned place)
{
	struct event wanted = {EVENT_EXCEPTION, who, vector, same_place(place), 0};

	if (!verdict.failed)
		expect_front(&wanted);
}

void expect_exit(enum exit_reason reason, unsigned place)
{
	struct event wanted = {EVENT_EXIT, GUEST, reason, same_place(place), 0};

	if (verdict.failed)
		return;
	expect_front(&wanted);
	if (!verdict.failed)
		check_exit(wanted.place);
}

void expect_nested_fault(enum guest_page missing, unsigned place, uint32_t event)
{
	struct event wanted = {EVENT_EXIT, GUEST, EXIT_NESTED_FAULT, same_place(place), 0};
	char got[64];

	if (verdict.failed)
		return;
	expect_front(&wanted);
	print_to(got, sizeof(got), "page %u, event %08x", last.page, last.vectoring);
	if (last.page != missing || last.vectoring != event)
		verdict_fail(got, "page %u, event %08x", missing, event);
}

/* SDM "VM-Entry Failures During or After Loading Guest State": the injection stays valid (R27). */
void expect_entry_failure(uint32_t code)
{
	char got[64];

	if (verdict.failed)
		return;
	if (trace_front()->kind != EVENT_EXIT || last.reason != EXIT_ENTRY_FAILED) {
		fail_front("a failed entry");
		return;
	}
	trace_pop();
	print_to(got, sizeof(got), "code %x, injection %08x", last.code, last.injection);
	if (last.code != code || last.injection != next_loaded)
		verdict_fail(got, "code %x, injection %08x", code, next_loaded);
}

void expect_guest(unsigned long flags)
{
	char got[96], expected[96];

	if (!begin_verb() || last.flags == flags)
		return;
	guest_flags_text(got, sizeof(got), last.flags);
	guest_flags_text(expected, sizeof(expected), flags);
	verdict_fail(got, "guest state %s", expected);
}

void expect_activity(enum activity activity)
{
	char got[32];

	if (!begin_verb() || last.activity == activity)
		return;
	print_to(got, sizeof(got), "%u", last.activity);
	verdict_fail(got, "saved activity state %u", activity);
}

void expect_host_open(void)
{
	one_open_nmi("probing that the host is open");
	host(IRET);
}

void expect_host_blocked(void)
{
	if (verdict.failed)
		return;
	nmis_arrive(1);
	host(NOP);
	host(IRET);
	expect(NMI, HOST, after(IRET));
	if (verdict.failed)
		story_add("(probing that the host is blocked)");
}
