/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/mutants.h"

#include "string.h"

const struct mutant_text mutants_text[MUTANTS] = {
#define MUTANT(name, clause, bug) {#name, clause, bug},
#include "model/mutants.def"
#undef MUTANT
};

static const struct {
	enum mutant mutant;
	enum clause clause;
} twins[] = {
#define TWIN(name, clause) {MUTANT_##name, clause},
#include "model/twins.def"
#undef TWIN
};

static bool is_broken[MUTANTS], was_asked[MUTANTS];
static enum mutant last;

uint64_t mutants_trail[MUTANTS_TRAIL / 64];

enum clause mutants_twin(enum mutant mutant)
{
	for (unsigned i = 0; i < sizeof(twins) / sizeof(twins[0]); i++)
		if (twins[i].mutant == mutant)
			return twins[i].clause;
	return CLAUSES;
}

enum mutant mutants_find(const char *name)
{
	enum mutant mutant = 0;

	while (mutant < MUTANTS && strcmp(mutants_text[mutant].name, name))
		mutant++;
	return mutant;
}

void mutants_break(enum mutant mutant)
{
	is_broken[mutant] = true;
}

void mutants_clear(void)
{
	memset(is_broken, 0, sizeof(is_broken));
	memset(was_asked, 0, sizeof(was_asked));
}

/* What was decided shows in what is decided next. */
static void leave_trail(enum mutant mutant)
{
	unsigned bit = (last * 61U + mutant) % MUTANTS_TRAIL;

	mutants_trail[bit / 64] |= 1ULL << bit % 64;
	last = mutant;
}

enum mutant mutants_last(void)
{
	return last;
}

bool mutants_is_broken(enum mutant mutant)
{
	was_asked[mutant] = true;
	leave_trail(mutant);
	return is_broken[mutant];
}

bool mutants_was_asked(enum mutant mutant)
{
	return was_asked[mutant];
}
