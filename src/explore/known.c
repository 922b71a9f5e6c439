/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/known.h"

#include "explore/oracle.h"
#include "serial/print.h"
#include "string.h"

enum { NAME_MAX = 80 };

/* Copies the name that begins there; returns what is behind it. */
static const char *take_name(char *name, const char *names)
{
	size_t length = 0;

	for (; *names && *names != ','; names++)
		if (length + 1 < NAME_MAX)
			name[length++] = *names;
	name[length] = 0;
	return *names ? names + 1 : names;
}

const char *known_start(enum model_vendor vendor, bool helper, const char *names)
{
	static char error[NAME_MAX + 40];
	char name[NAME_MAX];

	oracle_start(vendor, helper);
	while (*names) {
		names = take_name(name, names);
		enum mutant mutant = mutants_find(name);
		if (!strcmp(name, "none") || !strcmp(name, "auto"))
			continue;
		if (mutant == MUTANTS) {
			print_to(error, sizeof(error), "known=: there is no mutant %s", name);
			return error;
		}
		oracle_know(mutant, true);
	}
	return NULL;
}
