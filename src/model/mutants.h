/* SPDX-License-Identifier: BSD-2-Clause */
/* The model's deliberate mistakes, one per line of mutants.def. None is made unless asked for. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "nmi/rules.h"

enum mutant {
#define MUTANT(name, clause, bug) MUTANT_##name,
#include "model/mutants.def"
#undef MUTANT
	MUTANTS
};

struct mutant_text {
	const char *name;
	enum clause clause; /* that it breaks */
	const char *bug;
};

extern const struct mutant_text mutants_text[MUTANTS];

/* The clause that it breaks with the other vendor; CLAUSES: none. */
enum clause mutants_twin(enum mutant mutant);

/* By name; MUTANTS when there is none of that name. */
enum mutant mutants_find(const char *name);

/* From now on the model makes this mistake, until mutants_clear(). */
void mutants_break(enum mutant mutant);
void mutants_clear(void);

bool mutants_is_broken(enum mutant mutant);

/* Has the model come to a decision of this mutant's since mutants_clear()? One that was not asked
 * for would have changed nothing. */
bool mutants_was_asked(enum mutant mutant);

/* The decision that was come to last; and which came after which so far: one bit for each pair, by
 * a hash of both. Whoever looks clears it. */
#define MUTANTS_TRAIL 4096
extern uint64_t mutants_trail[MUTANTS_TRAIL / 64];
enum mutant mutants_last(void);

/* At the model's decision points. */
#define broken(name) mutants_is_broken(MUTANT_##name)
