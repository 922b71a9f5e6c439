/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/groups.h"

#include "serial/print.h"
#include "string.h"

enum { KINDS = 256 };

static struct group groups[GROUPS_MAX];
static unsigned count;

/* By a hash of the kind: two that share one are looked at half as often each, no more. */
static unsigned seen[KINDS];

void groups_clear(void)
{
	count = 0;
	memset(seen, 0, sizeof(seen));
}

unsigned groups_count(void)
{
	return count;
}

struct group *groups_get(unsigned i)
{
	return &groups[i];
}

static bool has_name(enum mutant wanted, unsigned names, const enum mutant *name)
{
	for (unsigned i = 0; i < names; i++)
		if (name[i] == wanted)
			return true;
	return false;
}

static bool is_it(const struct group *group, const char *kind, enum clause clause, unsigned names,
		  const enum mutant *name)
{
	for (unsigned i = 0; i < group->names; i++)
		if (has_name(group->name[i], names, name))
			return true;
	return !names && !group->names && group->clause == clause && !strcmp(group->kind, kind);
}

void group_narrow(struct group *group, unsigned names, const enum mutant *name)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < group->names; i++)
		if (has_name(group->name[i], names, name))
			group->name[kept++] = group->name[i];
	group->names = kept;
}

struct group *groups_find(const char *kind, enum clause clause, unsigned names,
			  const enum mutant *name, bool unstable)
{
	for (unsigned i = 0; i < count; i++)
		if (groups[i].unstable == unstable && is_it(&groups[i], kind, clause, names, name))
			return &groups[i];
	if (count == GROUPS_MAX)
		return NULL;
	struct group *group = &groups[count++];
	memset(group, 0, sizeof(*group));
	print_to(group->kind, sizeof(group->kind), "%s", kind);
	group->clause = clause;
	group->names = names < GROUP_NAMES ? names : GROUP_NAMES;
	group->unstable = unstable;
	for (unsigned i = 0; i < group->names; i++)
		group->name[i] = name[i];
	return group;
}

unsigned groups_seen(const char *kind, enum clause clause)
{
	unsigned hash = clause;

	for (; *kind; kind++)
		hash = hash * 31 + (unsigned char)*kind;
	return ++seen[hash % KINDS];
}
