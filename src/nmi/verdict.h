/* SPDX-License-Identifier: BSD-2-Clause */
/* The verdict on the experiment that runs, as the verbs find it. */
#pragma once

#include <stdbool.h>

#include "nmi/result.h"

struct verdict {
	bool failed; /* something was not as expected */
	bool over;   /* and what is left cannot mean anything: verbs and expectations do nothing */
	bool raced;  /* an NMI came before the HLT it was meant for: nothing was tested */
	unsigned cases, surprises;        /* of a sweep */
	char mismatches[MISMATCHES_SIZE]; /* "expected: this; got: that", a line each */
	char record[96]; /* what was seen where the manual is open; "": nothing was recorded */
};

extern struct verdict verdict;

/* Note that something was not as expected; the same twice is noted once. The experiment goes on. */
__attribute__((format(printf, 2, 3))) void verdict_note(const char *got, const char *expected, ...);

/* Note it, and that the experiment is over: for what came in another order, and what did not come.
 * What would be noted after that is a consequence, and is not. */
__attribute__((format(printf, 2, 3))) void verdict_fail(const char *got, const char *expected, ...);

/* Forget what was noted. */
void verdict_forget(void);
