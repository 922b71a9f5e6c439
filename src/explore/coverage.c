/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/coverage.h"

#include "string.h"
#include "virt.h"

enum { WORDS = MUTANTS_TRAIL / 64 };

static struct {
	enum model_vendor vendor;
	bool reached[MUTANTS];
	uint64_t outcomes[WORDS];
} coverage;

void coverage_start(enum model_vendor vendor)
{
	memset(&coverage, 0, sizeof(coverage));
	coverage.vendor = vendor;
}

void coverage_begin(void)
{
	memset(mutants_trail, 0, sizeof(mutants_trail));
}

bool coverage_grows(void)
{
	bool grows = false;

	for (enum mutant mutant = 0; mutant < MUTANTS; mutant++)
		coverage.reached[mutant] |= mutants_was_asked(mutant);
	for (unsigned i = 0; i < WORDS; i++) {
		grows |= mutants_trail[i] & ~coverage.outcomes[i];
		coverage.outcomes[i] |= mutants_trail[i];
	}
	return grows;
}

/* R1 to R8 are any x86's, the R behind them VMX's, S SVM's; some rules are of both. */
bool coverage_is_vendors(enum mutant decision)
{
	enum rule rule = clause_rule(mutants_text[decision].clause);

	if (coverage.reached[decision] || rule < R11)
		return true;
	if (rule >= F1 && virt_features & HAS_FRED)
		return true;
	if (coverage.vendor == MODEL_VMX)
		return rule < S1;
	return coverage.vendor == MODEL_SVM && rule >= S1 && rule < F1;
}

bool coverage_has(enum mutant decision)
{
	return coverage.reached[decision];
}

unsigned coverage_reached(void)
{
	unsigned count = 0;

	for (enum mutant mutant = 0; mutant < MUTANTS; mutant++)
		count += coverage.reached[mutant];
	return count;
}

unsigned coverage_all(void)
{
	unsigned count = 0;

	for (enum mutant mutant = 0; mutant < MUTANTS; mutant++)
		count += coverage_is_vendors(mutant);
	return count;
}

unsigned coverage_outcomes(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < WORDS; i++)
		for (uint64_t word = coverage.outcomes[i]; word; word &= word - 1)
			count++;
	return count;
}
