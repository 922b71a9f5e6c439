/* SPDX-License-Identifier: BSD-2-Clause */
/* What the verbs share with each other, and with nobody else: a line, each of which calls
 * those before it: verbs_check.c, verbs.c (acts), verbs_inject.c (sets up injections),
 * verbs_expect.c (looks at what happened), verbs_fred.c, verbs_probe.c and verbs_storm.c. */
#pragma once

#include "nmi/trace.h"
#include "virt.h"

struct verbs_state {
	struct entry next;           /* what the next entry will load */
	struct exit last;            /* what the last exit reported */
	uint32_t loaded;             /* the injection that the last entry was given */
	unsigned loaded_length;      /* with this instruction length */
	bool is_changed[OTHER_PAGE]; /* pages that were taken away or renewed, and not put back */
	struct fred_use fred;        /* what it is used for */
	enum tasks tasks;            /* what they are prepared for */
	bool fence_waits;            /* at the next entry, or in the host's next steps */
	enum ask ask;                /* the next entry asks for NMIs like this, unless: ASK_NOW */
	unsigned asked_nmis;
	enum step replaced; /* that has another one's instruction now, or STEPS_END */
	enum party halted;  /* who runs the steps, for the fence that ends a HLT */
};

extern struct verbs_state verbs;

/* Every acting verb opens with this: false when there is nothing left to do. */
bool verbs_begin_verb(void);

bool verbs_has_helper(void);

/* Enter the guest with verbs.next; the exit goes to verbs.last and into the trace. */
void verbs_run_guest(void);

/* If verbs.next begins inactive, a fence will wait for it. */
void verbs_end_inactivity(void);

/* The text of the event at the front of the trace. */
const char *verbs_front_text(void);

/* The front event is not the expected one, and the experiment is over. If it is an NMI that came
 * before the HLT that it was to end, the set-up has failed, not the machine. */
void verbs_fail_front(const char *expected);

/* The same, but that the experiment goes on: its author knows how. */
void verbs_note_front(const char *expected);

/* Fail unless everything that the last exit reports is as it must be. */
void verbs_check_exit(void);

/* The event at the front must be this one; what expect() and its kin are made of. */
void expect_event(enum event_kind kind, unsigned vector, enum party who, unsigned place);
