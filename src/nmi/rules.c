/* SPDX-License-Identifier: BSD-2-Clause */
#include "nmi/rules.h"

#define RULE(name, citation) #name,
#define CLAUSE(rule, letter, text)
static const char *const names[] = {
	"",
#include "nmi/rules.def"
};
#undef RULE
#undef CLAUSE

#define RULE(name, citation)
#define CLAUSE(rule, letter, text) {#rule #letter, rule},
static const struct {
	const char *name;
	enum rule rule;
} clauses[] = {
#include "nmi/rules.def"
};
#undef RULE
#undef CLAUSE

const char *rule_name(enum rule rule)
{
	return names[rule];
}

const char *clause_name(enum clause clause)
{
	return clauses[clause].name;
}

enum rule clause_rule(enum clause clause)
{
	return clauses[clause].rule;
}
