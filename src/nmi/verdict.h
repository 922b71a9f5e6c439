/* SPDX-License-Identifier: BSD-2-Clause */
/* The verdict on the experiment that runs, as the verbs find it. */
#pragma once

#include <stdbool.h>

struct verdict {
	bool failed;
	bool raced; /* an NMI came before the HLT it was meant for: nothing was tested */
	unsigned cases, surprises; /* of a sweep */
	char expected[96], got[96];
	char record[96]; /* what was seen where the manual is open; "": nothing was recorded */
};

extern struct verdict verdict;

/* Note the first failure; later ones are its consequences. */
__attribute__((format(printf, 2, 3))) void verdict_fail(const char *got, const char *expected, ...);
