/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MISMATCHES_SIZE 640

/* How an experiment went in all its runs. */
struct result {
	unsigned runs, failures;
	unsigned disturbed;               /* failures while NMIs of the platform's own were about */
	const char *skipped;              /* why; NULL: it ran */
	bool lost;                        /* the CPU that it ran on; it is not run again */
	unsigned cpu, pass;               /* of the first failure */
	unsigned spurious;                /* wake-ups from HLT without an event, in all */
	unsigned cases;                   /* of a sweep, in one run */
	uint64_t ticks;                   /* of the last run */
	char mismatches[MISMATCHES_SIZE]; /* "expected: this; got: that", a line each */
	char record[96];                  /* of the first run; "": nothing was recorded */
	unsigned other_records;           /* runs whose record was another one */
	char other_record[96];            /* that of the last such run */
	char trace[900];
};

/* The first of these lines, without its end, to `line`. Returns those after it; NULL: there is
 * none.
 */
const char *result_line(const char *lines, char *line, size_t size);
