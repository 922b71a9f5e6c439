/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/mutants.h"

#include "string.h"

const struct mutant_text mutants_text[MUTANTS] = {
#define MUTANT(name, clause, bug) {#name, clause, bug},
#include "model/mutants.def"
#undef MUTANT
};

static bool is_broken[MUTANTS], was_asked[MUTANTS];

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

bool mutants_is_broken(enum mutant mutant)
{
	was_asked[mutant] = true;
	return is_broken[mutant];
}

bool mutants_was_asked(enum mutant mutant)
{
	return was_asked[mutant];
}
