/* SPDX-License-Identifier: BSD-2-Clause */
/* The report: KTAP version 1 (Linux Documentation/dev-tools/ktap.rst), and our last line. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct experiment;

/* How an experiment went in all its runs. */
struct result {
	unsigned runs, failures;
	unsigned disturbed;  /* failures while NMIs of the platform's own were about */
	const char *skipped; /* why; NULL: it ran */
	unsigned cpu, pass;  /* of the first failure */
	unsigned spurious;   /* wake-ups from HLT without an event, in all */
	unsigned cases;      /* of a sweep, in one run */
	uint64_t ticks;      /* of the last run */
	char expected[96], got[96];
	char record[96]; /* of the last run; "": nothing was recorded */
	char trace[600];
};

extern bool ktap_ticks; /* with each result how long it took, in ticks of the TSC */

void ktap_plan(unsigned count);
void ktap_result(unsigned number, const struct experiment *experiment, const struct result *result);

/* Counts, then the last line: PASS when nothing failed. Returns the verdict for poweroff(). */
int ktap_end(uint64_t ticks);

/* A CPU was lost or a command line is wrong: what happened, LHV: ERROR, and off. */
_Noreturn void ktap_bail_out(const char *why);
_Noreturn void ktap_error(const char *why);
