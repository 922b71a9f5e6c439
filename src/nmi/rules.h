/* SPDX-License-Identifier: BSD-2-Clause */
/* The architectural rules under test, by number: docs/rules.md says what each means. */
#pragma once

#define RULE(name, citation, text) name,
enum rule {
	NO_RULE,
#include "nmi/rules.def"
};
#undef RULE

const char *rule_name(enum rule rule);
