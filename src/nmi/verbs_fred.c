/* SPDX-License-Identifier: BSD-2-Clause */
/* FRED: switching it on and off, and what its frames say. */
#include "nmi/verbs.h"

#include "nmi/story.h"
#include "nmi/trace.h"
#include "nmi/verbs_run.h"
#include "nmi/verbs_state.h"
#include "nmi/verdict.h"
#include "serial/print.h"
#include "string.h"

/* --- acting --- */

static void apply(void)
{
	if (!virt->use_fred(&verbs.fred))
		verdict_note("a register of FRED refused it", "FRED to be switched on and off");
}

void verbs_end(void)
{
	bool was_used = verbs.fred.parties;

	memset(&verbs.fred, 0, sizeof(verbs.fred));
	if (was_used)
		apply();
}

void use_fred(unsigned parties)
{
	static const char *const who[] = {"off", "in the host", "in the guest", "in both"};

	if (!verbs_begin_verb())
		return;
	story_add("FRED %s,", who[parties & 3]);
	verbs.fred.parties = parties;
	apply();
}

void handlers_return(enum fred_return how)
{
	static const char *const names[] = {"RET", "RET at their level", "ERETS",
					    "ERETS with bit 18 set", "ERETS with bit 18 cleared"};

	if (!verbs_begin_verb())
		return;
	story_add("handlers return by %s,", names[how]);
	verbs.fred.how = how;
	apply();
}

void set_stack_level(unsigned vector, unsigned level)
{
	if (!verbs_begin_verb())
		return;
	story_add("vector %u has stack level %u,", vector, level);
	verbs.fred.levels &= ~(3U << 2 * vector);
	verbs.fred.levels |= level << 2 * vector;
	apply();
}

void set_guest_stack_level(unsigned vector, unsigned level)
{
	if (!verbs_begin_verb())
		return;
	story_add("vector %u has stack level %u in the guest,", vector, level);
	verbs.fred.guest_levels &= ~(3U << 2 * vector);
	verbs.fred.guest_levels |= level << 2 * vector;
	apply();
}

void set_config_bits(unsigned party, uint64_t bits)
{
	if (!verbs_begin_verb())
		return;
	story_add("%llx in the %s's FRED_CONFIG,", (unsigned long long)bits,
		  party == FRED_GUEST ? "guest" : "host");
	*(party == FRED_GUEST ? &verbs.fred.guest_config : &verbs.fred.host_config) = bits;
	apply();
}

void inject_nested(unsigned vector)
{
	inject(vector);
	verbs.next.injection |= INFO_NESTED;
}

void set_event_data(uint64_t data)
{
	verbs.next.event_data = data;
}

/* --- expecting --- */

void expect_syscall(unsigned vector, enum party who, unsigned place)
{
	expect_event(EVENT_SYSCALL, vector, who, place);
}

/* "INT n, length 2, bit 17" */
static const char *frame_text(char *buffer, size_t size, uint64_t ss)
{
	static const char *const types[] = {"interrupt", "type 1", "NMI",       "exception",
					    "INT n",     "INT1",   "INT3/INTO", "system call"};

	print_to(buffer, size, "%s, length %u%s%s%s%s", types[FRED_SS_TYPE(ss) & 7],
		 FRED_SS_LENGTH(ss), ss & FRED_SS_STI ? ", bit 16" : "",
		 ss & FRED_SS_SOFTWARE ? ", bit 17" : "", ss & FRED_SS_NMI ? ", bit 18" : "",
		 ss & FRED_SS_NESTED ? ", nested" : "");
	return buffer;
}

void expect_frame(enum event_type type, uint64_t marks, unsigned length)
{
	const uint64_t vector = 0xffULL << 32, selector = 0xffff;
	uint64_t ss = trace_frame()->ss;
	uint64_t wanted = marks | FRED_SS_EVENT(type, 0, length) | FRED_SS_64_BIT;
	char got[80], expected[80];

	if (verdict.over)
		return;
	if ((ss & ~(vector | selector)) == wanted)
		story_add("(%s)", frame_text(got, sizeof(got), ss));
	else
		verdict_note(ss ? frame_text(got, sizeof(got), ss) : "an event through the IDT",
			     "a frame of %s", frame_text(expected, sizeof(expected), wanted));
}

void expect_levels(unsigned from, unsigned to, unsigned stack)
{
	const struct trace_frame *frame = trace_frame();
	char got[48];

	if (verdict.over || (frame->from == from && frame->level == to && frame->stack == stack))
		return;
	print_to(got, sizeof(got), "from %u to %u, on stack %u", frame->from, frame->level,
		 frame->stack);
	verdict_note(got, "stack level from %u to %u, on stack %u", from, to, stack);
}

void expect_guest_level(unsigned level)
{
	char got[16];

	if (verdict.over || verbs.last.fred_level == level)
		return;
	print_to(got, sizeof(got), "%u", verbs.last.fred_level);
	verdict_note(got, "the guest's stack level saved as %u", level);
}

void expect_ring(unsigned ring)
{
	if (!verdict.over && trace_frame()->ring != ring)
		verdict_note("it did not", "the event to come in ring %u", ring);
}

void expect_data(uint64_t data, uint32_t error)
{
	const struct trace_frame *frame = trace_frame();
	char got[64];

	if (verdict.over || (frame->data == data && frame->error == error))
		return;
	print_to(got, sizeof(got), "data %llx, error code %x", (unsigned long long)frame->data,
		 frame->error);
	verdict_note(got, "data %llx, error code %x", (unsigned long long)data, error);
}

void expect_original_data(uint64_t data)
{
	char got[32];

	if (verdict.over || verbs.last.event_data == data)
		return;
	print_to(got, sizeof(got), "%llx", (unsigned long long)verbs.last.event_data);
	verdict_note(got, "original-event data %llx", (unsigned long long)data);
}
