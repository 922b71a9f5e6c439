/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What happened to the CPU under test, in order: interrupts and exceptions as their handlers
 * saw them, and VM exits. The verbs take the events out at the front.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nmi/places.h"

/* A system call is one by FRED alone. */
enum event_kind { EVENT_NONE, EVENT_INTERRUPT, EVENT_EXCEPTION, EVENT_SYSCALL, EVENT_EXIT };

struct event {
	enum event_kind kind;
	enum party who;  /* who was interrupted; GUEST for an exit */
	unsigned vector; /* or the exit's reason: enum exit_reason */
	unsigned place;  /* PLACE_UNKNOWN: to be looked up from ip */
	unsigned long ip;
};

/* What FRED says of an event, as its frame has it (x86/fred.h); ss is 0: it came another way. */
struct trace_frame {
	uint64_t ss, data;
	uint32_t error;
	uint8_t ring;  /* that was interrupted */
	uint8_t from;  /* the stack level that was interrupted */
	uint8_t level; /* and the one of the handler */
	uint8_t stack; /* the frame is the first on the stack of this level; 0: it is not */
	unsigned long
		pushed;   /* FRED or not: an exception's error code, or what a #DB left in DR6 */
	bool resume_flag; /* in the pushed flags */
};

#define TRACE_MAX 64 /* that wait to be taken out; what comes then is lost */

struct cpu;
extern struct cpu *volatile trace_subject; /* the CPU under test */
extern volatile unsigned trace_count;      /* events since trace_reset(), lost ones too */

extern volatile unsigned trace_nmis; /* NMIs ever, by their handlers and by their exits */

extern volatile unsigned trace_spurious; /* wake-ups from HLT without any event */

void trace_reset(void);

/* Append; called by handlers, so it may be interrupted by itself (an NMI). */
void trace_event(struct event event);
void trace_framed(struct event event, struct trace_frame frame);

/* Append an exit. What came to the host at the first instruction of its exit handler was recorded
 * before we could, but happened after the exit: it stays behind it. */
void trace_exit(struct event exit);

/* While muted, fences taken in the host are not events: the host is clearing one away. */
extern volatile bool trace_mute_fences;

/* The event at the front; kind EVENT_NONE when there is none. */
const struct event *trace_front(void);
void trace_pop(void);

/* Of the event that was popped last: when it was recorded, in ticks (see struct virt); and what it
 * pushed. */
uint64_t trace_ticks(void);
struct pushed trace_pushed(void);

/* The frame of the event that was popped last. */
const struct trace_frame *trace_frame(void);

/* "NMI in guest after HLT", "NMI exit at handler 21h". */
const char *event_text(char *buffer, size_t size, const struct event *event);

/* "NMI", "fence", "interrupt 21h", "exception 13". */
const char *vector_text(char *buffer, size_t size, enum event_kind kind, unsigned vector);
