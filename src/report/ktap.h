/* SPDX-License-Identifier: BSD-2-Clause */
/* The report: KTAP version 1 (Linux Documentation/dev-tools/ktap.rst), and our last line. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct experiment;
struct result;

extern bool ktap_ticks; /* with each result how long it took, in ticks of the TSC */

/* So many results will come, from the first one on. */
void ktap_plan(unsigned count);
/* The next result line, with what belongs to it. For runner_start(). */
void ktap_result(const struct experiment *experiment, const struct result *result);

/* Counts, then the last line: FAIL when something failed, SKIP when nothing ran. Returns the
 * verdict for poweroff(). */
int ktap_end(uint64_t ticks);

/* A CPU does not come back. What it was doing is known by the words `doing`, and by the experiment
 * that runs. The run goes on, but ends with an ERROR. */
void ktap_lost(unsigned index, uint32_t apic_id, const char *doing, const char *why);

/* No CPU is left, or a command line is wrong: what happened, LHV: ERROR, and off. */
__attribute__((noreturn)) void ktap_bail_out(const char *why);
_Noreturn void ktap_error(const char *why);
