/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Differences, grouped: those of one group differ first in the same kind of item, where the model
 * decided by the same clause, and are explained by the same mutant.
 */
#pragma once

#include <stdbool.h>

#include "explore/program.h"
#include "explore/tale.h"
#include "model/mutants.h"

#define GROUPS_MAX  48
#define GROUP_NAMES 4 /* mutants of which each explains it */

struct group {
	char kind[72];
	enum clause clause;
	unsigned names;
	enum mutant name[GROUP_NAMES];
	bool unstable; /* it is not the same each time */
	bool known;    /* the mutant is subtracted now */
	unsigned count;
	struct program program; /* the smallest */
	char expected[112], got[112];
};

void groups_clear(void);
unsigned groups_count(void);
struct group *groups_get(unsigned i);

/* The group of one of these names or, without names, of this kind and clause; a new one if there is
 * none; NULL: there is no room.
 */
struct group *groups_find(const char *kind, enum clause clause, unsigned names,
			  const enum mutant *name, bool unstable);

/* Keep those of the group's names that are among these too. */
void group_narrow(struct group *group, unsigned names, const enum mutant *name);

/* How often this kind, before shrinking, has been seen: for who wants to look at some only. */
unsigned groups_seen(const char *kind, enum clause clause);
