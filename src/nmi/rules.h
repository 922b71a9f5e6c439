/* SPDX-License-Identifier: BSD-2-Clause */
/* The architectural rules under test, by number, and their clauses: docs/rules.md says what each
 * means. */
#pragma once

#define RULE(name, citation) name,
#define CLAUSE(rule, letter, text)
enum rule {
	NO_RULE,
#include "nmi/rules.def"
};
#undef RULE
#undef CLAUSE

/* R21a is the first clause of R21. */
#define RULE(name, citation)
#define CLAUSE(rule, letter, text) rule##letter,
enum clause {
#include "nmi/rules.def"
	CLAUSES
};
#undef RULE
#undef CLAUSE

const char *rule_name(enum rule rule);

const char *clause_name(enum clause clause);
enum rule clause_rule(enum clause clause);
