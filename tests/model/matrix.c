/* SPDX-License-Identifier: BSD-2-Clause */
#include "matrix.h"

#include <stdio.h>

#include "nmi/runner.h"
#include "nmi/verdict.h"
#include "suite.h"

static bool fails[MUTANTS + 1][RUNNER_MAX]; /* the last row: without a mutant */

static void run_with(unsigned mutant)
{
	mutants_clear();
	if (mutant < MUTANTS)
		mutants_break(mutant);
	for (unsigned i = 0; i < runner_count(); i++)
		fails[mutant][i] |= !suite_try(runner_selected(i)) && verdict.failed;
}

void matrix_run(void)
{
	static const struct suite vmx = {.vendor = MODEL_VMX, .isolated = true};
	static const struct suite svm = {.vendor = MODEL_SVM, .isolated = true};

	suite_use(&vmx);
	for (unsigned mutant = 0; mutant <= MUTANTS; mutant++)
		run_with(mutant);
	suite_use(&svm);
	for (unsigned mutant = 0; mutant <= MUTANTS; mutant++)
		run_with(mutant);
}

bool matrix_kills(unsigned i, enum mutant mutant)
{
	return fails[mutant][i];
}

static bool print_mutant(enum mutant mutant)
{
	const struct mutant_text *text = &mutants_text[mutant];
	bool killed = false;

	printf("%s %s: killed by", text->name, rule_name(text->rule));
	for (unsigned i = 0; i < runner_count(); i++) {
		if (!fails[mutant][i])
			continue;
		printf(" %u", runner_selected(i)->number);
		killed = true;
	}
	printf("%s\n", killed ? "" : " nothing");
	return killed;
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
