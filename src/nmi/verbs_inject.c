/* SPDX-License-Identifier: BSD-2-Clause */
/* Injections, and sweeps over many of them. */
#include "nmi/verbs.h"

#include <stdarg.h>

#include "nmi/story.h"
#include "nmi/trace.h"
#include "nmi/verbs_run.h"
#include "nmi/verbs_state.h"
#include "nmi/verdict.h"
#include "serial/print.h"
#include "string.h"

#define SURPRISES_SHOWN 8 /* of a sweep: the story has no room for more, verbose shows all */

/* "inject exception 13 with its error code,", "inject INT n 50h of length 2,": what the next entry
 * has now. */
static void tell_injection(void)
{
	static const char *const types[] = {
		"interrupt",          "type 1",      "NMI", "exception", "INT n", "INT1",
		"software exception", "other event",
	};
	uint32_t event = verbs.next.injection;
	char length[16] = "";

	if (verbs.next.length)
		print_to(length, sizeof(length), " of length %u", verbs.next.length);
	story_add(event_vector(event) < 32 ? "inject %s %u%s%s," : "inject %s %xh%s%s,",
		  types[event_type(event)], event_vector(event),
		  event & INFO_ERROR_CODE ? " with its error code" : "", length);
}

/* As the entry checks want it: the bit where, and only where, the event pushes one. */
static uint32_t with_error_code(enum event_type type, unsigned vector)
{
	return EVENT_INFO(type, vector) |
	       (event_has_error_code(type, vector) ? INFO_ERROR_CODE : 0);
}

void inject(unsigned vector)
{
	inject_event(vector == NMI ? TYPE_NMI
		     : vector < 32 ? TYPE_EXCEPTION
				   : TYPE_EXTERNAL_INTERRUPT,
		     vector);
}

void inject_event(enum event_type type, unsigned vector)
{
	if (!verbs_begin_verb())
		return;
	verbs.next.injection = with_error_code(type, vector);
	verbs.next.interrupts_on |= type == TYPE_EXTERNAL_INTERRUPT;
	tell_injection();
}

void inject_field(uint32_t field)
{
	verbs.next.injection = field;
	tell_injection();
}

void inject_with_error(unsigned vector, uint32_t error)
{
	inject(vector);
	verbs.next.error = error;
}

void inject_left_over(void)
{
	if (!verbs_begin_verb())
		return;
	verbs.next.injection = verbs.last.injection;
	story_add("inject %08x (left over),", verbs.next.injection);
}

uint32_t exception_event(unsigned vector)
{
	return with_error_code(TYPE_EXCEPTION, vector);
}

uint32_t software_event(enum event_type type, unsigned vector)
{
	if (type == TYPE_SOFTWARE_EXCEPTION && virt_features & HAS_SVM)
		type = TYPE_EXCEPTION;
	return EVENT_INFO(type, vector);
}

void inject_software(enum event_type type, unsigned vector, unsigned length)
{
	if (!verbs_begin_verb())
		return;
	verbs.next.injection = software_event(type, vector);
	verbs.next.length = length;
	tell_injection();
}

void inject_mtf(void)
{
	if (!verbs_begin_verb())
		return;
	verbs.next.injection = EVENT_INFO(TYPE_OTHER_EVENT, 0);
	story_add("inject MTF,");
}

static bool is_software(uint32_t event)
{
	enum event_type type = event_type(event);
	unsigned vector = event_vector(event);

	return (type >= TYPE_SOFTWARE_INTERRUPT && type <= TYPE_SOFTWARE_EXCEPTION) ||
	       (type == TYPE_EXCEPTION && (vector == BP || vector == OF));
}

void reinject(void)
{
	/* SVM saves nRIP for instructions only (S12): the host remembers what it injected. */
	unsigned length = verbs.last.length ? verbs.last.length : verbs.loaded_length;

	if (!verbs_begin_verb())
		return;
	verbs.next.injection = verbs.last.vectoring;
	verbs.next.event_data = verbs.last.event_data;
	if (is_software(verbs.last.vectoring))
		verbs.next.length = length;
	story_add("reinject %08x,", verbs.next.injection);
}

void reinject_instruction(unsigned length)
{
	reinject();
	if (verdict.over)
		return;
	verbs.next.length = length;
	story_add("of length %u,", length);
}

/* --- sweeps --- */

const struct exit *try_entry(const struct entry *entry)
{
	static const enum step nop[] = {NOP};

	verbs_finish();
	verbs.next = *entry;
	verbs.next.steps = nop;
	verbs.next.count = 1;
	virt->drain();
	verbs_end_inactivity();
	verbs_run_guest();
	if (verbs.last.place == PLACE_UNKNOWN && verbs.last.reason != EXIT_ENTRY_FAILED)
		verbs.last.place = virt->place(verbs.last.ip);
	trace_reset();
	return &verbs.last;
}

bool try_injection(enum event_type type, unsigned vector, bool error_code)
{
	struct entry entry = {.injection = EVENT_INFO(type, vector)};

	if (error_code)
		entry.injection |= INFO_ERROR_CODE;
	enum exit_reason reason = try_entry(&entry)->reason;
	return reason != EXIT_INVALID && reason != EXIT_ENTRY_FAILED;
}

void expect_case(bool good, const char *format, ...)
{
	char text[96];
	va_list arguments;

	verdict.cases++;
	story_alive();
	if (good || (verdict.surprises++ >= SURPRISES_SHOWN && !story_verbose))
		return;
	va_start(arguments, format);
	vprint_to(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (verdict.surprises <= SURPRISES_SHOWN)
		story_add("[%s]", text);
	else
		print("#     [%s]\n", text);
}
