/* SPDX-License-Identifier: BSD-2-Clause */
#include "matrix.h"

#include <stdio.h>
#include <string.h>

#include "nmi/runner.h"
#include "nmi/verdict.h"
#include "suite.h"

/* The last row of each: without a mutant. */
static bool fails[MUTANTS + 1][RUNNER_MAX];
static bool records_otherwise[MUTANTS + 1][RUNNER_MAX];

static char records[RUNNER_MAX][sizeof(verdict.record)]; /* what the unbroken model has there */

static void run_experiment(unsigned mutant, unsigned i)
{
	if (suite_try(runner_selected(i)))
		return; /* skipped */
	if (mutant == MUTANTS)
		memcpy(records[i], verdict.record, sizeof(records[i]));
	fails[mutant][i] |= verdict.failed;
	records_otherwise[mutant][i] |= !verdict.failed && strcmp(records[i], verdict.record);
}

static void run_with(unsigned mutant)
{
	mutants_clear();
	if (mutant < MUTANTS)
		mutants_break(mutant);
	for (unsigned i = 0; i < runner_count(); i++)
		run_experiment(mutant, i);
}

static void run_on(const struct suite *suite)
{
	suite_use(suite);
	run_with(MUTANTS);
	for (unsigned mutant = 0; mutant < MUTANTS; mutant++)
		run_with(mutant);
}

void matrix_run(void)
{
	static const struct suite vmx = {.vendor = MODEL_VMX, .isolated = true};
	static const struct suite svm = {.vendor = MODEL_SVM, .isolated = true};

	run_on(&vmx);
	run_on(&svm);
}

bool matrix_kills(unsigned i, enum mutant mutant)
{
	return fails[mutant][i];
}

bool matrix_changes_record(unsigned i, enum mutant mutant)
{
	return records_otherwise[mutant][i];
}

static unsigned print_numbers(const bool *which)
{
	unsigned count = 0;

	for (unsigned i = 0; i < runner_count(); i++)
		if (which[i] && ++count)
			printf(" %u", runner_selected(i)->number);
	return count;
}

static bool print_mutant(enum mutant mutant)
{
	const struct mutant_text *text = &mutants_text[mutant];
	unsigned killers, recorders;

	printf("%s %s: killed by", text->name, clause_name(text->clause));
	killers = print_numbers(fails[mutant]);
	printf("%s; recorded by", killers ? "" : " nothing");
	recorders = print_numbers(records_otherwise[mutant]);
	printf("%s\n", recorders ? "" : " nothing");
	return killers || recorders;
}

static bool kills_any(unsigned i)
{
	for (unsigned mutant = 0; mutant < MUTANTS; mutant++)
		if (fails[mutant][i])
			return true;
	return false;
}

static bool is_good(unsigned i)
{
	unsigned number = runner_selected(i)->number;
	bool kills = kills_any(i);

	if (!kills)
		printf("experiment %u kills nothing\n", number);
	if (fails[MUTANTS][i])
		printf("experiment %u fails on the unmutated model\n", number);
	return kills && !fails[MUTANTS][i];
}

int matrix_print(void)
{
	bool good = true;

	matrix_run();
	for (unsigned mutant = 0; mutant < MUTANTS; mutant++)
		good &= print_mutant(mutant);
	for (unsigned i = 0; i < runner_count(); i++)
		good &= is_good(i);
	return good ? 0 : 1;
}
