/* SPDX-License-Identifier: BSD-2-Clause */
#include "nmi/trace.h"

#include "serial/print.h"
#include "virt.h"
#include "x86/trap.h"

struct cpu *volatile trace_subject;
volatile unsigned trace_count, trace_spurious, trace_nmis;
volatile bool trace_mute_fences;

static struct event events[TRACE_MAX]; /* a ring */
static struct trace_frame frames[TRACE_MAX];
static uint64_t ticks[TRACE_MAX]; /* when each was recorded */
static unsigned taken;            /* events popped */
static unsigned lost;             /* the first event that found no room; 0: none */

void trace_reset(void)
{
	trace_count = trace_spurious = taken = lost = 0;
}

static struct event *event_at(unsigned slot)
{
	return &events[slot % TRACE_MAX];
}

static bool is_nmi(const struct event *event)
{
	return event->kind == EVENT_EXIT
		       ? event->vector == EXIT_NMI
		       : event->kind == EVENT_INTERRUPT && event->vector == VECTOR_NMI;
}

void trace_event(struct event event)
{
	trace_framed(event, (struct trace_frame){0});
}

void trace_framed(struct event event, struct trace_frame frame)
{
	if (is_nmi(&event))
		__atomic_fetch_add(&trace_nmis, 1, __ATOMIC_RELAXED);
	if (trace_mute_fences && event.vector == VECTOR_FENCE && event.who == HOST)
		return;
	unsigned slot = __atomic_fetch_add(&trace_count, 1, __ATOMIC_RELAXED);
	if (slot - taken < TRACE_MAX) {
		ticks[slot % TRACE_MAX] = virt->ticks();
		frames[slot % TRACE_MAX] = frame;
		*event_at(slot) = event;
	} else if (!lost) {
		lost = slot;
	}
}

static void resolve(struct event *event)
{
	if (event->place == PLACE_UNKNOWN)
		event->place = virt->place(event->ip);
}

static bool is_at_exit_handler(struct event *event)
{
	resolve(event);
	return event->who == HOST && event->place == PLACE_EXIT;
}

/* Each with its time and frame. */
static void swap(unsigned slot, unsigned other)
{
	struct event event = *event_at(slot);
	struct trace_frame frame = frames[slot % TRACE_MAX];
	uint64_t when = ticks[slot % TRACE_MAX];

	*event_at(slot) = *event_at(other);
	*event_at(other) = event;
	frames[slot % TRACE_MAX] = frames[other % TRACE_MAX];
	frames[other % TRACE_MAX] = frame;
	ticks[slot % TRACE_MAX] = ticks[other % TRACE_MAX];
	ticks[other % TRACE_MAX] = when;
}

void trace_exit(struct event exit)
{
	unsigned slot = trace_count;

	trace_event(exit);
	for (; !lost && slot > taken && is_at_exit_handler(event_at(slot - 1)); slot--)
		swap(slot, slot - 1);
}

const struct event *trace_front(void)
{
	static const struct event none;
	if (taken >= trace_count || (lost && taken >= lost))
		return &none;
	struct event *event = event_at(taken);
	resolve(event);
	return event;
}

void trace_pop(void)
{
	taken++;
}

uint64_t trace_ticks(void)
{
	return taken ? ticks[(taken - 1) % TRACE_MAX] : 0;
}

const struct trace_frame *trace_frame(void)
{
	static const struct trace_frame none;

	return taken ? &frames[(taken - 1) % TRACE_MAX] : &none;
}

const char *vector_text(char *buffer, size_t size, enum event_kind kind, unsigned vector)
{
	if (kind == EVENT_EXCEPTION)
		print_to(buffer, size, "exception %u", vector);
	else if (kind == EVENT_SYSCALL)
		print_to(buffer, size, vector == FRED_VECTOR_SYSCALL ? "SYSCALL" : "SYSENTER");
	else if (vector == VECTOR_NMI)
		print_to(buffer, size, "NMI");
	else if (vector == VECTOR_FENCE)
		print_to(buffer, size, "fence");
	else
		print_to(buffer, size, "interrupt %xh", vector);
	return buffer;
}

const char *event_text(char *buffer, size_t size, const struct event *event)
{
	char what[32], where[32];

	if (event->kind == EVENT_NONE) {
		print_to(buffer, size, "nothing");
		return buffer;
	}
	if (event->place == PLACE_UNKNOWN)
		print_to(where, sizeof(where), "at %lx", event->ip);
	else
		place_text(where, sizeof(where), event->place);
	if (event->kind == EVENT_EXIT)
		print_to(buffer, size, "%s exit %s", exit_reason_text(event->vector), where);
	else
		print_to(buffer, size, "%s in %s %s",
			 vector_text(what, sizeof(what), event->kind, event->vector),
			 event->who == HOST ? "host" : "guest", where);
	return buffer;
}
