/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/program.h"

#include <stddef.h>

#include "string.h"

struct operation *program_insert(struct program *program, unsigned i, enum operation_kind kind)
{
	struct operation *at = &program->operations[i];

	if (program->count == PROGRAM_MAX)
		return NULL;
	memmove(at + 1, at, (program->count - i) * sizeof(*at));
	memset(at, 0, sizeof(*at));
	at->kind = kind;
	program->count++;
	return at;
}

struct operation *program_add(struct program *program, enum operation_kind kind)
{
	return program_insert(program, program->count, kind);
}

void program_remove(struct program *program, unsigned i)
{
	struct operation *at = &program->operations[i];

	program->count--;
	memmove(at, at + 1, (program->count - i) * sizeof(*at));
}

bool operation_add_step(struct operation *operation, enum step step, unsigned nmis)
{
	if (operation->count == PROGRAM_STEPS_MAX)
		return false;
	operation->steps[operation->count] = step;
	operation->nmis[operation->count++] = nmis;
	return true;
}

void operation_remove_step(struct operation *operation, unsigned i)
{
	unsigned behind = --operation->count - i;

	memmove(operation->steps + i, operation->steps + i + 1, behind);
	memmove(operation->nmis + i, operation->nmis + i + 1, behind);
}

static bool is_same_operation(const struct operation *a, const struct operation *b)
{
	return a->kind == b->kind && a->count == b->count && a->value == b->value &&
	       a->length == b->length && !memcmp(a->steps, b->steps, a->count) &&
	       !memcmp(a->nmis, b->nmis, a->count);
}

bool program_is_same(const struct program *a, const struct program *b)
{
	for (unsigned i = 0; i < a->count && a->count == b->count; i++)
		if (!is_same_operation(&a->operations[i], &b->operations[i]))
			return false;
	return a->count == b->count;
}

bool program_has(const struct program *program, enum operation_kind kind)
{
	for (unsigned i = 0; i < program->count; i++)
		if (program->operations[i].kind == kind)
			return true;
	return false;
}
