/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tale: all that a program made happen, item by item: events (vector, who, where) and exits with
 * every field that the architecture defines for them. What it leaves undefined has no value.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nmi/rules.h"
#include "nmi/trace.h"
#include "virt.h"

/* X(name, what it is called). KIND to PLACE are of events and exits, FRAME to DATA of events on a
 * machine with FRED, the rest of exits. */
#define TALE_FIELDS(X)                                                                             \
	X(TALE_KIND, "kind")                                                                       \
	X(TALE_WHO, "who")                                                                         \
	X(TALE_VECTOR, "vector")                                                                   \
	X(TALE_PLACE, "place")                                                                     \
	X(TALE_CODE, "code")                                                                       \
	X(TALE_INFO, "information")                                                                \
	X(TALE_VECTORING, "vectoring")                                                             \
	X(TALE_INJECTION, "injection")                                                             \
	X(TALE_FLAGS, "saved")                                                                     \
	X(TALE_ACTIVITY, "activity")                                                               \
	X(TALE_TPR, "V_TPR")                                                                       \
	X(TALE_LENGTH, "length")                                                                   \
	X(TALE_PAGE, "page")                                                                       \
	X(TALE_UNBLOCKED, "unblocked")                                                             \
	X(TALE_HOST_FLAGS, "RFLAGS")                                                               \
	X(TALE_FRAME, "frame")                                                                     \
	X(TALE_LEVELS, "levels")                                                                   \
	X(TALE_DATA, "data")                                                                       \
	X(TALE_SAVED_LEVEL, "saved-level")

enum tale_field {
#define X(name, text) name,
	TALE_FIELDS(X)
#undef X
		TALE_FIELD_COUNT
};

#define TALE_MAX 48 /* items */

struct tale_item {
	uint64_t value[TALE_FIELD_COUNT];
	uint32_t known;    /* one bit for each field that has a value */
	uint8_t operation; /* of the program, in which this happened; behind the last: the end */
	uint16_t decided;  /* the model's: what it decided last (a mutant's number) */
};

enum tale_end {
	TALE_DONE,
	TALE_STUCK,   /* it did not come to an end: the watchdog took it back */
	TALE_UNSOUND, /* it means nothing: so much the executor cannot promise */
	TALE_LOST,    /* more happened than there is room for */
};

struct tale {
	unsigned count;
	enum tale_end end;
	struct tale_item items[TALE_MAX];
};

void tale_begin(struct tale *tale);

/* Append one, with its frame (ss is 0: none of FRED); it may be lost. */
void tale_add_event(struct tale *tale, const struct event *event, const struct trace_frame *frame,
		    unsigned operation);
/* HLT ended so often without an event (R8). */
void tale_add_wakeups(struct tale *tale, unsigned wakeups, unsigned operation);
void tale_add_exit(struct tale *tale, const struct exit *exit, unsigned place, unsigned operation);

/* Where two tales first differ; false: they do not. item is the number of it; a tale that ended
 * before has none. */
struct tale_difference {
	unsigned item;
	enum tale_field field;
	const struct tale_item *expected, *got; /* NULL: nothing more happened */
};

bool tale_differs(const struct tale *expected, const struct tale *got,
		  struct tale_difference *difference);

/* "NMI in host after HLT", "hypercall exit at VMCALL, saved BLOCKED_BY_NMI"; with the field, if it
 * is one of an exit's. Returns the buffer. */
const char *tale_item_text(char *buffer, size_t size, const struct tale_item *item,
			   enum tale_field field);

/* ", length 3": an exit's field. Returns the buffer. */
const char *tale_field_text(char *buffer, size_t size, const struct tale_item *item,
			    enum tale_field field);

/* What kind of difference it is, without the program's particulars: "hypercall-exit/NMI-in-guest",
 * "NMI-exit.activity". Returns the buffer. */
const char *tale_kind_text(char *buffer, size_t size, const struct tale_difference *difference);
