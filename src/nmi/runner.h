/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs the selected experiments on the selected CPUs, in order or at random, and reports. */
#pragma once

#include <stdbool.h>

#include "nmi/experiment.h"
#include "nmi/result.h"
#include "options.h"

#define RUNNER_MAX 400 /* experiments */

/* Where a result goes once it is known: report/ktap.h. */
typedef void (*runner_reporter)(const struct experiment *experiment, const struct result *result);

/* Sort the registered experiments by number; select those the options name. False, with its number
 * in *unknown, when exp= names one that does not exist. */
bool runner_select(const struct options *options, runner_reporter reporter, unsigned *unknown);

/* Number of experiments selected. */
unsigned runner_count(void);

/*
 * Run everything on the calling CPU, options->repeat times; `last_cpu`: print each result after its
 * last run. Until a key is pressed (repeat 0) it is once, and runner_report() prints the results.
 * In what comes before the results, each experiment's first failure is printed at once, and a
 * breadcrumb (story_pass) says how far it is.
 * False: the CPU could not enter root mode, *why says why.
 */
bool runner_run(const struct options *options, unsigned cpu, bool last_cpu, const char **why);

/* What to do with a CPU that was taken back, but is not fit to go on: it does not return. */
void runner_hand_over(void (*give_up)(const char *why));

/* The CPU that runs is lost: its experiment, if it was in one, has failed. runner_run() on another
 * one then goes on behind it. */
void runner_lose(const char *why);

/* Prints the results, by number. */
void runner_report(void);

/* Times that an experiment failed so far. */
unsigned runner_failures(void);

/* The i-th of them, by number. */
const struct experiment *runner_selected(unsigned i);

/* How that went until now. */
const struct result *runner_result(unsigned i);

/* Run one experiment, without a report: `verdict` is its, until the next. What it needs is there.
 */
void runner_try(const struct experiment *e);

/* The experiment that runs now, NULL: none. */
const struct experiment *runner_current(void);

/* Sum of the ticks spent in experiments, and races lost in setting up. */
uint64_t runner_ticks(void);
unsigned runner_races(void);
