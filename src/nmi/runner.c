/* SPDX-License-Identifier: BSD-2-Clause */
#include "nmi/runner.h"

#include <stddef.h>

#include "death.h"
#include "nmi/shuffle.h"
#include "nmi/story.h"
#include "nmi/trace.h"
#include "nmi/verbs_run.h"
#include "nmi/verdict.h"
#include "serial/print.h"
#include "string.h"
#include "x86/insn.h"

#define ATTEMPTS_MAX 8 /* each four times as patient as the one before: see nmi/sender.h */

extern const struct experiment *const __start_experiments[], *const __stop_experiments[];

static const struct experiment *selected[RUNNER_MAX];
static struct result results[RUNNER_MAX];
static unsigned count, races, failures;
static runner_reporter report_result;
static unsigned passes_before; /* those of earlier calls of runner_run */
static uint64_t total_ticks;
static unsigned spurious; /* wake-ups in the experiment that ran last */
static const struct experiment *volatile current;
static void (*give_up_cpu)(const char *why);

static void insert_sorted(const struct experiment *e)
{
	unsigned i = count++;
	for (; i && selected[i - 1]->number > e->number; i--)
		selected[i] = selected[i - 1];
	selected[i] = e;
}

static bool exists(unsigned number)
{
	for (const struct experiment *const *e = __start_experiments; e < __stop_experiments; e++)
		if ((*e)->number == number)
			return true;
	return false;
}

/* A number by itself must exist; a range may have gaps. */
static bool all_exist(const struct options_list *list, unsigned *unknown)
{
	for (unsigned i = 0; i < list->count; i++) {
		*unknown = list->range[i].first;
		if (list->range[i].first == list->range[i].last && !exists(*unknown))
			return false;
	}
	return true;
}

bool runner_select(const struct options *options, runner_reporter reporter, unsigned *unknown)
{
	report_result = reporter;
	count = 0;
	for (const struct experiment *const *e = __start_experiments; e < __stop_experiments; e++)
		if (options_selects(options, (*e)->number) && count < RUNNER_MAX)
			insert_sorted(*e);
	return all_exist(&options->experiments, unknown);
}

unsigned runner_count(void)
{
	return count;
}

const struct experiment *runner_selected(unsigned i)
{
	return selected[i];
}

const struct result *runner_result(unsigned i)
{
	return &results[i];
}

const struct experiment *runner_current(void)
{
	return current;
}

uint64_t runner_ticks(void)
{
	return total_ticks;
}

unsigned runner_races(void)
{
	return races;
}

unsigned runner_failures(void)
{
	return failures;
}

static void settle_guest(void)
{
	struct exit exit;

	if (virt->open_guest && virt_features & HAS_VIRTUAL_NMIS)
		virt->run_guest(virt->open_guest, &exit);
}

/*
 * Back to the known state: NMIs open, none pending, no fence on its way. Opening lets in a latched
 * NMI, whose handler blocks again, hence the rounds. What comes here nobody expected.
 */
static void settle_host(void)
{
	const unsigned rounds = 4;
	unsigned seen;

	for (unsigned i = 0; i < rounds; i++) {
		seen = trace_count;
		virt_open_host();
		if (!virt->drain() || !virt->deliver(0) || !virt->drain())
			verdict_fail("it did not come", "a fence in the host, at the end");
		if (seen == trace_count)
			return;
	}
	verdict_fail("they kept coming", "no more NMIs at the end");
}

static void judge_sweep(void)
{
	char got[64];

	print_to(got, sizeof(got), "%u surprises", verdict.surprises);
	if (verdict.surprises)
		verdict_note(got, "%u cases as the manual has them", verdict.cases);
}

void runner_hand_over(void (*give_up)(const char *why))
{
	give_up_cpu = give_up;
}

static bool taken_back; /* in the attempt before */

static void attempt(const struct experiment *e)
{
	verbs_begin();
	story_begin(e->number, e->name);
	death_at(IN_ROOT_MODE);
	death_at(IN_GUEST);
	e->run();
	verbs_finish();
	verbs_end();
	judge_sweep();
	taken_back = virt->took_back();
	if (taken_back) {
		verdict_forget(); /* what it saw on the way out does not count */
		verdict_fail("it was stuck: the watchdog took it back", "every step to end");
	}
	spurious = trace_spurious;
	if (verdict.over)
		trace_reset(); /* its consequences are nobody's news */
	story_add("settle");
	settle_host();
	settle_guest();
	settle_host(); /* a machine may carry the guest's blocking over */
	if (taken_back && give_up_cpu && virt_keeps_init())
		give_up_cpu("the INIT that took it back stays pending");
	verbs_finish();
}

static void note_failure(struct result *r, unsigned cpu, unsigned pass)
{
	failures++;
	if (r->failures++)
		return;
	r->cpu = cpu;
	r->pass = pass;
	print_to(r->mismatches, sizeof(r->mismatches), "%s", verdict.mismatches);
	print_to(r->trace, sizeof(r->trace), "%s", story_text());
}

/* The first one counts; the last one that differs is told too. */
static void note_record(struct result *r)
{
	if (r->runs == 1)
		print_to(r->record, sizeof(r->record), "%s", verdict.record);
	if (verdict.failed || !strcmp(r->record, verdict.record))
		return;
	r->other_records++;
	print_to(r->other_record, sizeof(r->other_record), "%s", verdict.record);
}

static bool claims_no_spurious_wakeup(const struct experiment *e)
{
	for (unsigned i = 0; i < RULES_MAX; i++)
		if (e->rules[i] == R8)
			return true;
	return false;
}

void runner_try(const struct experiment *e)
{
	current = e;
	for (unsigned n = 0; n < ATTEMPTS_MAX; n++) {
		virt->be_patient(n);
		attempt(e);
		bool changed = virt->changed_helper(); /* that is why it was stuck, if it was */
		if (!changed && (!verdict.raced || taken_back))
			break;
		if (virt_missing(e->needs))
			break;
		races += !changed;
	}
	if (spurious && claims_no_spurious_wakeup(e))
		verdict_note("it ended without an event", "HLT to go on while the NMI is blocked");
}

/* The report comes later, maybe much later. */
static void announce_failure(const struct experiment *e, const struct result *r)
{
	char line[240];

	for (const char *left = r->mismatches; (left = result_line(left, line, sizeof(line)));)
		print("# pass %u, CPU %u: %u %s: %s\n", r->pass + 1, r->cpu, e->number, e->name,
		      line);
}

static void run_one(unsigned i, unsigned cpu, unsigned pass, bool announce)
{
	const struct experiment *e = selected[i];
	struct result *r = &results[i];

	r->skipped = r->runs ? NULL : virt_missing(e->needs);
	if (virt_missing(e->needs) || r->lost)
		return;
	unsigned disturbances = virt->disturbances();
	uint64_t start = rdtsc();
	runner_try(e);
	if (virt_missing(e->needs)) { /* the helper was lost */
		r->skipped = r->runs ? NULL : virt_missing(e->needs);
		return;
	}
	r->ticks = rdtsc() - start;
	total_ticks += r->ticks;
	r->runs++;
	r->cases = verdict.cases;
	note_record(r);
	r->spurious += spurious;
	if (verdict.failed) {
		note_failure(r, cpu, pass);
		r->disturbed += virt->disturbances() != disturbances;
		if (announce && r->failures == 1)
			announce_failure(e, r);
	}
}

static void report(unsigned i)
{
	report_result(selected[i], &results[i]);
}

void runner_report(void)
{
	for (unsigned i = 0; i < count; i++)
		report(i);
}

/* Where the run is: the CPU that it is on may be lost, and another one goes on. */
static struct {
	unsigned order[RUNNER_MAX];
	unsigned pass, next, cpu;
	bool midway; /* through a pass */
	bool last_cpu, endless;
	unsigned passes;
	volatile bool reporting; /* the result of order[next], which is known */
} run;

static void begin_pass(const struct options *options)
{
	if (!run.pass)
		for (unsigned i = 0; i < count; i++)
			run.order[i] = i;
	if (options->random_order)
		shuffle(run.order, count);
	run.next = 0;
	run.midway = true;
}

static bool in_last_pass(void)
{
	return run.last_cpu && !run.endless && run.pass + 1 == run.passes;
}

static void run_next(void)
{
	unsigned pass = passes_before + run.pass;

	story_pass(pass + 1, run.endless ? 0 : run.passes, run.cpu, failures);
	run_one(run.order[run.next], run.cpu, pass, !in_last_pass());
}

static void go_on(void)
{
	if (!run.reporting)
		run_next();
	current = NULL;
	death_at(BETWEEN_EXPERIMENTS);
	run.reporting = in_last_pass();
	if (run.reporting)
		report(run.order[run.next]);
	run.reporting = false;
	run.next++;
}

void runner_lose(const char *why)
{
	const struct experiment *e = current;

	if (!e)
		return;
	struct result *r = &results[run.order[run.next]];
	verdict_forget();
	verdict_fail(why, "every step to end");
	r->lost = true;
	r->skipped = NULL;
	r->runs++;
	note_failure(r, run.cpu, passes_before + run.pass);
	current = NULL;
	run.reporting = true; /* what is left of it */
}

bool runner_run(const struct options *options, unsigned cpu, bool last_cpu, const char **why)
{
	run.endless = !options->repeat;
	run.passes = run.endless ? 1 : options->repeat;
	run.cpu = cpu;
	run.last_cpu = last_cpu;
	if (!virt->enable(why))
		return false;
	for (; run.pass < run.passes; run.pass++) {
		if (!run.midway)
			begin_pass(options);
		while (run.next < count)
			go_on();
		run.midway = false;
	}
	run.pass = 0;
	passes_before += last_cpu;
	virt->disable();
	return true;
}
