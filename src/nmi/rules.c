/* SPDX-License-Identifier: BSD-2-Clause */
#include "nmi/rules.h"

#define RULE(name, citation, text) #name,
static const char *const names[] = {
	"",
#include "nmi/rules.def"
};
#undef RULE

const char *rule_name(enum rule rule)
{
	return names[rule];
}
