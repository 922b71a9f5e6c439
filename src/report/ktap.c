/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/ktap.h"

#include "death.h"
#include "nmi/experiment.h"
#include "nmi/result.h"
#include "nmi/runner.h"
#include "nmi/story.h"
#include "serial/console.h"
#include "serial/print.h"
#include "string.h"
#include "x86/poweroff.h"
#include "x86/tsc.h"

bool ktap_ticks;

static struct {
	unsigned printed, passed, failed, skipped, recorded, lost;
} count;

void ktap_plan(unsigned planned)
{
	count.printed = count.passed = count.failed = count.skipped = count.recorded = 0;
	print("1..%u\n", planned);
}

/* The rules that may be broken, with their place in the manuals: `SDM "Title" R16.` */
static void print_citation(const struct experiment *e)
{
	if (e->sdm)
		print(" SDM \"%s\"", e->sdm);
	if (e->apm)
		print(" APM \"%s\"", e->apm);
	for (unsigned i = 0; i < RULES_MAX && e->rules[i]; i++)
		print(" %s", rule_name(e->rules[i]));
	if (e->rules[0])
		print(".");
}

static void print_failure(const struct experiment *e, const struct result *r)
{
	char line[240];

	for (const char *left = r->mismatches; (left = result_line(left, line, sizeof(line)));) {
		print("# %u:", e->number);
		print_citation(e);
		print(" %s\n", line);
	}
	if (r->runs > 1)
		print("# %u: failed %u of %u times, first on CPU %u in pass %u\n", e->number,
		      r->failures, r->runs, r->cpu, r->pass + 1);
	print("# %u: trace:%s\n", e->number, r->trace);
	if (r->disturbed)
		print("# %u: disturbed, %u of %u times: other CPUs got NMIs that nobody here sent\n",
		      e->number, r->disturbed, r->failures);
}

static void count_result(const struct result *r)
{
	count.printed++;
	if (r->skipped)
		count.skipped++;
	else if (r->failures)
		count.failed++;
	else if (r->record[0])
		count.recorded++;
	else
		count.passed++;
}

/* What is counted last is printed again if the CPU that prints is lost. */
void ktap_result(const struct experiment *e, const struct result *r)
{
	print("%s %u %u %s", r->failures ? "not ok" : "ok", count.printed + 1, e->number, e->name);
	death_at(WHILE_PRINTING);
	if (r->skipped)
		print(" # SKIP %s", r->skipped);
	else if (!r->failures && r->record[0])
		print(" # RECORD %s", r->record);
	print("\n");
	if (r->failures)
		print_failure(e, r);
	if (r->other_records)
		print("# %u: the record varies: another one in %u of %u runs, such as: %s\n",
		      e->number, r->other_records, r->runs, r->other_record);
	if (r->cases)
		print("# %u: %u cases tried\n", e->number, r->cases);
	if (r->spurious)
		print("# %u: HLT ended %u times without an event (R8)\n", e->number, r->spurious);
	if (ktap_ticks && !r->skipped)
		print("# ticks: experiment %u: %llu\n", e->number, (unsigned long long)r->ticks);
	count_result(r);
}

static enum verdict_code verdict_of_all(void)
{
	if (count.lost)
		return VERDICT_ERROR;
	if (count.failed)
		return VERDICT_FAIL;
	return count.passed + count.recorded ? VERDICT_PASS : VERDICT_SKIP;
}

int ktap_end(uint64_t ticks)
{
	static const char *const names[] = {"PASS", "FAIL", "ERROR", "SKIP"};
	enum verdict_code verdict = verdict_of_all();

	print("# passed %u, failed %u, skipped %u, recorded %u, %u us\n", count.passed,
	      count.failed, count.skipped, count.recorded, tsc_us(ticks));
	if (count.lost)
		print("# %u CPU%s lost\n", count.lost, count.lost == 1 ? " was" : "s were");
	print("LHV: %s\n", names[verdict - VERDICT_PASS]);
	return verdict;
}

void ktap_lost(unsigned index, uint32_t apic_id, const char *doing, const char *why)
{
	const struct experiment *e = runner_current();

	count.lost++;
	console_end_line();
	if (e)
		print("# %u: %s: trace:%s\n", e->number, e->name, story_text());
	print("# CPU %u (APIC ID %u) is lost", index, apic_id);
	if (e)
		print(" in experiment %u", e->number);
	print(", %s: %s\n", doing, why);
}

void ktap_bail_out(const char *why)
{
	const struct experiment *e = runner_current();

	if (e)
		print("# %u: %s: trace:%s\n", e->number, e->name, story_text());
	print("Bail out! %s", why);
	if (e)
		print(" in experiment %u", e->number);
	print("\nLHV: ERROR\n");
	poweroff(VERDICT_ERROR);
}

void ktap_error(const char *why)
{
	print("# %s\nLHV: ERROR\n", why);
	poweroff(VERDICT_ERROR);
}
