/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/explore.h"

#include <stddef.h>

#include "explore/alphabet.h"
#include "explore/coverage.h"
#include "explore/generate.h"
#include "explore/groups.h"
#include "explore/oracle.h"
#include "explore/seeds.h"
#include "explore/shrink.h"
#include "explore/text.h"
#include "string.h"

enum {
	ATTEMPTS = 6,      /* each more patient */
	CONFIRMATIONS = 3, /* a difference must come so often */
	LOOKED_AT = 4,     /* of each kind so many are shrunk, then each 2^n-th */
};

struct explore_counts explore_counts;

static const struct explore *explore;

/* The program at hand: what the model says, and the machine. */
static struct tale expected, got;
static struct tale_difference difference;
static char kind[72];

/* --- the machine --- */

/* Two NMIs at a HLT are one if the first has not been taken when the second comes. */
static bool has_two_nmis(const struct program *program)
{
	for (unsigned i = 0; i < program->count; i++)
		for (unsigned k = 0; k < program->operations[i].count; k++)
			if (program->operations[i].nmis[k] > 1)
				return true;
	return false;
}

static bool raced(const struct program *program)
{
	struct tale_difference d;

	return tale_differs(&expected, &got, &d) && (execute_raced(&d) || has_two_nmis(program));
}

static void run_machine(const struct program *program)
{
	for (unsigned patience = 0; patience < ATTEMPTS; patience++) {
		explore->run(program, patience, &got);
		explore_counts.machine_runs++;
		if (!raced(program))
			return;
	}
}

/* Runs it on both; does the machine differ? A program that the model does not get through is none.
 */
static bool differs(const struct program *program)
{
	oracle_tell(program, MUTANTS, &expected);
	if (expected.end != TALE_DONE)
		return false;
	run_machine(program);
	if (got.end == TALE_UNSOUND || got.end == TALE_LOST)
		return false;
	return oracle_objects(program, &got, &expected, &difference);
}

/* --- a difference --- */

static enum clause clause_decided(void)
{
	return difference.expected ? mutants_text[difference.expected->decided].clause : CLAUSES;
}

static bool is_of_this_kind(const struct program *program)
{
	char now[sizeof(kind)];

	return differs(program) && !strcmp(tale_kind_text(now, sizeof(now), &difference), kind);
}

static bool is_confirmed(const struct program *program)
{
	for (unsigned i = 0; i < CONFIRMATIONS; i++)
		if (!is_of_this_kind(program))
			return false;
	return true;
}

/* The mutants whose model tells exactly what the machine did. */
static unsigned find_names(const struct program *program, enum mutant *names)
{
	bool asked[MUTANTS];
	unsigned count = 0;

	oracle_tell(program, MUTANTS, &expected);
	for (enum mutant mutant = 0; mutant < MUTANTS; mutant++)
		asked[mutant] = oracle_asked(mutant);
	for (enum mutant mutant = 0; mutant < MUTANTS && count < GROUP_NAMES; mutant++)
		if (asked[mutant] && oracle_explains(program, mutant, &got))
			names[count++] = mutant;
	return count;
}

/* Learned once and taken back: not quite that mistake. */
static bool is_refuted[MUTANTS];

/* The only one that explains it, or one that has explained each of several programs. A mistake that
 * is known already and explains by its absence is refuted. */
static void learn(struct group *group)
{
	if (!explore->learns || !group->names || (group->names > 1 && group->count < LOOKED_AT))
		return;
	enum mutant mutant = group->name[0];
	is_refuted[mutant] |= oracle_knows(mutant);
	oracle_know(mutant, !is_refuted[mutant]);
	group->known = !is_refuted[mutant];
}

static void describe(struct group *group, const struct program *program)
{
	if (group->count && program->count >= group->program.count)
		return;
	group->program = *program;
	tale_item_text(group->expected, sizeof(group->expected), difference.expected,
		       difference.field);
	tale_item_text(group->got, sizeof(group->got), difference.got, difference.field);
	if (got.end == TALE_STUCK && !difference.got)
		memcpy(group->got, "it is stuck", sizeof("it is stuck"));
}

static void put_into_group(const struct program *program, bool stable)
{
	enum mutant names[GROUP_NAMES];
	unsigned count = 0;

	if (stable) {
		count = find_names(program, names);
		differs(program);
	}
	struct group *group = groups_find(kind, clause_decided(), count, names, !stable);
	if (!group)
		return;
	describe(group, program);
	group_narrow(group, count, names);
	group->count++;
	learn(group);
	if (explore->found && group->count == 1)
		explore->found();
}

/* The first few of each kind, then ever fewer. */
static bool is_worth_a_look(void)
{
	unsigned seen = groups_seen(kind, clause_decided());

	return seen <= LOOKED_AT || !(seen & (seen - 1));
}

/* --- a machine that does not come back to what it was --- */

static bool baseline_agrees;

static bool baseline_differs(void)
{
	struct program program = {.count = 0};

	if (virt_features & HAS_GUEST)
		program_add(&program, DO_ENTER);
	operation_add_step(program_add(&program, DO_HOST), HLT, 1);
	return differs(&program);
}

/* Something outlives programs that should not: whatever comes next says nothing about itself. */
static bool is_spoiled(void)
{
	explore_counts.spoiled = baseline_agrees && baseline_differs();
	return explore_counts.spoiled;
}

static void note_spoiling(const struct program *program)
{
	struct group *group = groups_find("spoils-the-machine", CLAUSES, 0, NULL, false);

	if (!group)
		return;
	describe(group, program);
	group->count++;
	if (explore->found)
		explore->found();
}

static void look_at(const struct program *program)
{
	struct program small = *program;

	tale_kind_text(kind, sizeof(kind), &difference);
	if (!is_worth_a_look())
		return;
	if (is_spoiled()) {
		note_spoiling(program);
		return;
	}
	differs(program);
	bool stable = is_confirmed(&small);
	if (stable) {
		shrink(&small, is_of_this_kind);
		stable = is_confirmed(&small);
		small = stable ? small : *program;
	}
	explore_counts.unstable += !stable;
	put_into_group(&small, stable);
}

/* --- exploring --- */

bool explore_try(const struct explore *wanted, const struct program *program)
{
	explore = wanted;
	coverage_begin();
	oracle_tell(program, MUTANTS, &expected);
	bool grows = coverage_grows();
	explore_counts.programs++;
	if (expected.end != TALE_DONE)
		return true;
	if (grows)
		generate_keep(program);
	explore_counts.judged++;
	if (!differs(program))
		return true;
	explore_counts.differ++;
	explore_counts.stuck += got.end == TALE_STUCK;
	look_at(program);
	return false;
}

static unsigned seed;

/* The catalogue first. */
static bool next_seed(struct program *program)
{
	while (!explore->without_seeds &&
	       seeds_get(seed++, explore->vendor, explore->helper, program))
		if (program->count)
			return true;
	return false;
}

static bool next(struct program *program)
{
	if (explore->all)
		return generate_all(program, explore->all, explore_counts.programs);
	if (explore->programs && explore_counts.programs == explore->programs)
		return false;
	if (!next_seed(program))
		generate_next(program);
	return true;
}

static void forget(void)
{
	memset(&explore_counts, 0, sizeof(explore_counts));
	memset(is_refuted, 0, sizeof(is_refuted));
	coverage_start(explore->vendor);
	groups_clear();
	seed = 0;
}

void explore_run(const struct explore *wanted)
{
	struct program program;

	explore = wanted;
	if (!explore->goes_on)
		forget();
	generate_start(explore->seed);
	baseline_agrees = !baseline_differs();
	explore_counts.possible = explore->all ? generate_all_count(explore->all) : 0;
	while (next(&program)) {
		if (alphabet_has(&program))
			explore_try(explore, &program);
		else
			explore_counts.programs++;
		if (explore_counts.spoiled || (explore->ends && explore->ends()))
			return;
	}
	explore_counts.complete = explore->all;
}
