/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/tale.h"

#include "nmi/event_info.h"
#include "serial/print.h"
#include "string.h"
#include "x86/trap.h"

enum { SVM_CODE_HIGH_SHIFT = 32 };

void tale_begin(struct tale *tale)
{
	tale->count = 0;
	tale->end = TALE_DONE;
}

static struct tale_item *add(struct tale *tale, unsigned operation)
{
	if (tale->count == TALE_MAX) {
		tale->end = TALE_LOST;
		return NULL;
	}
	struct tale_item *item = &tale->items[tale->count++];
	memset(item, 0, sizeof(*item));
	item->operation = operation;
	return item;
}

static void set(struct tale_item *item, enum tale_field field, uint64_t value)
{
	item->value[field] = value;
	item->known |= 1U << field;
}

/* Each request's fence has a vector of its own; they are all one to us. */
static unsigned any_fence(unsigned vector)
{
	return vector - VECTOR_FENCE < FENCES ? VECTOR_FENCE : vector;
}

static unsigned place_of(unsigned place)
{
	bool in_handler = place == handler(place & 0xff);

	return in_handler ? handler(any_fence(place & 0xff)) : place;
}

static uint32_t info_of(uint32_t info)
{
	bool interrupt = info & EVENT_VALID && event_type(info) == TYPE_EXTERNAL_INTERRUPT;

	return interrupt ? (info & ~0xffU) | any_fence(info & 0xff) : info;
}

static void set_event(struct tale_item *item, const struct event *event)
{
	set(item, TALE_KIND, event->kind);
	set(item, TALE_WHO, event->who);
	set(item, TALE_VECTOR, event->vector);
	set(item, TALE_PLACE, place_of(event->place));
}

/* Between two runs of steps a fence is nobody's news. */
static bool is_housekeeping(const struct event *event)
{
	return event->kind == EVENT_INTERRUPT && event->vector == VECTOR_FENCE &&
	       event->who == HOST && event->place == PLACE_UNKNOWN;
}

/* Bits 18:16 and the event's information, but for the vector; "from 0 to 2, ring 0, the first on
 * the stack of 2" is 0x2200. CR2 is no part of a tale, nor what INT1 finds in DR6. */
static void set_frame(struct tale_item *item, const struct event *event,
		      const struct trace_frame *frame)
{
	const uint64_t vector = 0xffULL << 32;
	bool fault = FRED_SS_TYPE(frame->ss) == TYPE_EXCEPTION;

	set(item, TALE_FRAME, (frame->ss & ~vector) >> 16);
	set(item, TALE_LEVELS,
	    frame->from << 12 | frame->level << 8 | frame->ring << 4 | frame->stack);
	if (event->vector != VECTOR_PF && (event->vector != VECTOR_DB || fault))
		set(item, TALE_DATA, frame->data);
}

void tale_add_event(struct tale *tale, const struct event *event, const struct trace_frame *frame,
		    unsigned operation)
{
	struct tale_item *item = is_housekeeping(event) ? NULL : add(tale, operation);

	if (!item)
		return;
	set_event(item, event);
	if (virt_features & HAS_FRED)
		set_frame(item, event, frame);
}

void tale_add_wakeups(struct tale *tale, unsigned wakeups, unsigned operation)
{
	struct tale_item *item = wakeups ? add(tale, operation) : NULL;

	if (item)
		set(item, TALE_KIND, EVENT_NONE);
}

static bool is_software(uint32_t event)
{
	return event & EVENT_VALID && event_type(event) >= TYPE_SOFTWARE_INTERRUPT &&
	       event_type(event) <= TYPE_SOFTWARE_EXCEPTION;
}

/* SDM "Information for VM Exits Due to Instruction Execution": of the exits that there are here,
 * VMCALL's, and those in the delivery of a software event. */
static bool vmx_has_length(const struct exit *exit)
{
	return exit->reason == EXIT_HYPERCALL ||
	       (exit->reason == EXIT_NESTED_FAULT && is_software(exit->vectoring));
}

/* SDM "Information About NMI Unblocking Due to IRET": undefined if IDT-vectoring information is
 * valid, or for a #DF. */
static bool has_unblocked(const struct exit *exit)
{
	bool fault = exit->reason == EXIT_NESTED_FAULT ||
		     (exit->reason == EXIT_EXCEPTION && exit->vector != VECTOR_DF);

	return fault && !(exit->vectoring & EVENT_VALID);
}

/* A failed entry writes the exit reason, and of the rest nothing: SDM "VM-Entry Failures During or
 * After Loading Guest State". */
static void set_vmx_exit(struct tale_item *item, const struct exit *exit)
{
	const uint32_t entry_failed = 1U << 31;
	bool failed = exit->reason == EXIT_ENTRY_FAILED;

	set(item, TALE_CODE, exit->code);
	set(item, TALE_INJECTION, failed ? exit->injection : exit->injection & EVENT_VALID);
	set(item, TALE_FLAGS, exit->flags & ~(uint64_t)ENTRY_FLAGS);
	if (!failed || exit->code & entry_failed)
		set(item, TALE_HOST_FLAGS, exit->host_flags);
	if (failed)
		return;
	set(item, TALE_INFO, info_of(exit->info & ~INFO_UNBLOCKED));
	set(item, TALE_VECTORING, info_of(exit->vectoring));
	set(item, TALE_ACTIVITY, exit->activity);
	if (vmx_has_length(exit))
		set(item, TALE_LENGTH, exit->length);
	if (has_unblocked(exit))
		set(item, TALE_UNBLOCKED, exit->unblocked);
}

/* VMEXIT_INVALID: what else is saved, the APM does not say. */
static void set_svm_exit(struct tale_item *item, const struct exit *exit)
{
	set(item, TALE_CODE, (uint64_t)exit->code_high << SVM_CODE_HIGH_SHIFT | exit->code);
	if (exit->reason == EXIT_INVALID)
		return;
	set(item, TALE_INJECTION, exit->injection & EVENT_VALID);
	set(item, TALE_VECTORING, info_of(exit->vectoring));
	set(item, TALE_FLAGS, exit->flags & ~(uint64_t)ENTRY_FLAGS);
	set(item, TALE_TPR, exit->tpr);
	if (virt_features & HAS_NRIPS)
		set(item, TALE_LENGTH, exit->no_length ? 0 : exit->length);
}

void tale_add_exit(struct tale *tale, const struct exit *exit, unsigned place, unsigned operation)
{
	struct event event = {EVENT_EXIT, GUEST, exit->reason, place, exit->ip};
	struct tale_item *item = add(tale, operation);

	if (!item)
		return;
	set_event(item, &event);
	if (exit->reason == EXIT_ENTRY_FAILED || exit->reason == EXIT_INVALID)
		item->known &= ~(1U << TALE_PLACE);
	if (virt_features & HAS_SVM)
		set_svm_exit(item, exit);
	else
		set_vmx_exit(item, exit);
	if (exit->reason == EXIT_NESTED_FAULT)
		set(item, TALE_PAGE, exit->page);
	if (exit->flags & EXIT_SAVES_FRED && exit->reason != EXIT_ENTRY_FAILED)
		set(item, TALE_SAVED_LEVEL, exit->fred_level);
	if (exit->reason == EXIT_EXCEPTION)
		item->value[TALE_CODE] = exit->vector;
}

/* --- comparing --- */

static const struct tale_item *item_of(const struct tale *tale, unsigned i)
{
	return i < tale->count ? &tale->items[i] : NULL;
}

static bool items_differ(const struct tale_item *a, const struct tale_item *b,
			 enum tale_field *field)
{
	uint32_t known = a && b ? a->known & b->known : 0;

	*field = TALE_KIND;
	if (!a || !b)
		return a || b;
	for (; *field < TALE_FIELD_COUNT; ++*field)
		if (known >> *field & 1 && a->value[*field] != b->value[*field])
			return true;
	return false;
}

bool tale_differs(const struct tale *expected, const struct tale *got,
		  struct tale_difference *difference)
{
	unsigned most = expected->count > got->count ? expected->count : got->count;

	for (unsigned i = 0; i < most; i++) {
		*difference = (struct tale_difference){i, TALE_KIND, item_of(expected, i),
						       item_of(got, i)};
		if (items_differ(difference->expected, difference->got, &difference->field))
			return true;
	}
	*difference = (struct tale_difference){most, TALE_KIND, NULL, NULL};
	return expected->end != got->end;
}

/* --- text --- */

static const char *const field_names[] = {
#define X(name, text) text,
	TALE_FIELDS(X)
#undef X
};

static struct event event_of(const struct tale_item *item)
{
	return (struct event){item->value[TALE_KIND], item->value[TALE_WHO],
			      item->value[TALE_VECTOR], item->value[TALE_PLACE], 0};
}

const char *tale_field_text(char *buffer, size_t size, const struct tale_item *item,
			    enum tale_field field)
{
	char flags[128];
	uint64_t value = item->value[field];

	if (field == TALE_FLAGS)
		print_to(buffer, size, ", %s %s", field_names[field],
			 guest_flags_text(flags, sizeof(flags), value));
	else
		print_to(buffer, size, ", %s %llx", field_names[field], (unsigned long long)value);
	return buffer;
}

const char *tale_item_text(char *buffer, size_t size, const struct tale_item *item,
			   enum tale_field field)
{
	if (!item) {
		print_to(buffer, size, "nothing");
		return buffer;
	}
	struct event event = event_of(item);
	if (event.kind == EVENT_NONE)
		print_to(buffer, size, "HLT ends without an event");
	else
		event_text(buffer, size, &event);
	size_t length = strlen(buffer);
	if (field > TALE_PLACE && item->known >> field & 1)
		tale_field_text(buffer + length, size - length, item, field);
	return buffer;
}

/* "NMI-in-host", "hypercall-exit", "nothing". */
static size_t short_text(char *buffer, size_t size, const struct tale_item *item)
{
	char what[32];

	if (!item)
		return print_to(buffer, size, "nothing");
	struct event event = event_of(item);
	if (event.kind == EVENT_NONE)
		return print_to(buffer, size, "HLT-ends");
	if (event.kind == EVENT_EXIT)
		return print_to(buffer, size, "%s-exit", exit_reason_text(event.vector));
	return print_to(buffer, size, "%s-in-%s",
			vector_text(what, sizeof(what), event.kind, event.vector),
			event.who == HOST ? "host" : "guest");
}

static void without_blanks(char *text)
{
	for (; *text; text++)
		if (*text == ' ')
			*text = '_';
}

const char *tale_kind_text(char *buffer, size_t size, const struct tale_difference *difference)
{
	const struct tale_item *expected = difference->expected, *got = difference->got;
	enum tale_field field = difference->field;
	size_t length = short_text(buffer, size, expected);

	if (!expected && !got)
		print_to(buffer, size, "stuck");
	else if (field <= TALE_VECTOR && length < size) {
		buffer[length++] = '/';
		short_text(buffer + length, size - length, got);
	} else if (field == TALE_FLAGS)
		length +=
			print_to(buffer + length, size - length, ".%s%llx", field_names[field],
				 (unsigned long long)(expected->value[field] ^ got->value[field]));
	else
		print_to(buffer + length, size - length, ".%s", field_names[field]);
	without_blanks(buffer);
	return buffer;
}
