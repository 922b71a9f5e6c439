/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/report.h"

#include "div64.h"
#include "explore/coverage.h"
#include "explore/oracle.h"
#include "explore/text.h"
#include "serial/print.h"

enum { LINE = 160, UNREACHED_SHOWN = 40 };

/* --- groups --- */

static void print_names(unsigned number, const struct group *group)
{
	print("# %u: is:", number);
	if (group->unstable)
		print(" not the same each time");
	else if (!group->names)
		print(" unexplained");
	for (unsigned i = 0; i < group->names; i++)
		print("%s %s", i ? " or" : "", mutants_text[group->name[i]].name);
	print(", %u program%s\n", group->count, group->count == 1 ? "" : "s");
}

void report_group(unsigned i)
{
	static char text[TEXT_MAX];
	const struct group *group = groups_get(i);

	print("# %u: prog=%s\n", i + 1, text_print(text, sizeof(text), &group->program));
	print("# %u: %s %s expected: %s; got: %s\n", i + 1, group->kind,
	      group->clause < CLAUSES ? clause_name(group->clause) : "-", group->expected,
	      group->got);
	print_names(i + 1, group);
}

/* --- counts --- */

static unsigned rate_of(unsigned programs, uint32_t us)
{
	uint64_t rate = (uint64_t)programs * 1000000;

	if (!us)
		return 0;
	div64(&rate, us);
	return rate;
}

static void print_counts(uint32_t us)
{
	static char choices[LINE];

	print("%u programs (%u judged), %u/s, %u runs %u/s, %u of %u decisions, %u outcomes, %u differ in %u groups",
	      explore_counts.programs, explore_counts.judged, rate_of(explore_counts.programs, us),
	      (unsigned)explore_counts.machine_runs, rate_of(explore_counts.machine_runs, us),
	      coverage_reached(), coverage_all(), coverage_outcomes(), explore_counts.differ,
	      groups_count());
	print("%s%s", *oracle_choices_text(choices, sizeof(choices)) ? ", open:" : "", choices);
}

void report_progress(uint32_t us)
{
	print("# explore: ");
	print_counts(us);
	print("\n");
}

static void print_all(const struct explore *explore)
{
	if (explore->all)
		print("# all programs of up to %u operations are %u: %s\n", explore->all,
		      (unsigned)explore_counts.possible,
		      explore_counts.complete ? "each one was run" : "not each one was run");
}

static bool is_good(void)
{
	for (unsigned i = 0; i < groups_count(); i++)
		if (!groups_get(i)->unstable)
			return false;
	return true;
}

bool report_all(const struct explore *explore, uint32_t us)
{
	bool good = is_good();

	print("%sok 1 explore\n# explore: ", good ? "" : "not ");
	print_counts(us);
	print(", seed %u\n", explore->seed);
	print_all(explore);
	for (unsigned i = 0; i < groups_count(); i++)
		report_group(i);
	return good;
}

void report_unreached(void)
{
	unsigned count = 0;

	for (enum mutant mutant = 0; mutant < MUTANTS; mutant++)
		if (coverage_is_vendors(mutant) && !coverage_has(mutant) &&
		    count++ < UNREACHED_SHOWN)
			print("%s %s", count == 1 ? "# not reached:" : "",
			      mutants_text[mutant].name);
	print("%s", count ? "\n" : "");
}

/* --- one tale --- */

/* All fields of an exit, in one line. */
static void print_item(const struct tale_item *item)
{
	static char text[LINE];

	print(" %s", tale_item_text(text, sizeof(text), item, TALE_KIND));
	for (enum tale_field field = TALE_CODE; field < TALE_FIELD_COUNT; field++)
		if (item->known >> field & 1 && item->value[field])
			print("%s", tale_field_text(text, sizeof(text), item, field));
	print("\n");
}

void report_tale(const char *who, const struct tale *tale)
{
	for (unsigned i = 0; i < tale->count; i++) {
		print("# %s:", who);
		print_item(&tale->items[i]);
	}
	if (tale->end != TALE_DONE)
		print("# %s: %s\n", who,
		      tale->end == TALE_STUCK     ? "it is stuck"
		      : tale->end == TALE_UNSOUND ? "the program means nothing"
						  : "more happened than there is room for");
}
