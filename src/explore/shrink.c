/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/shrink.h"

#include <stddef.h>

#include "nmi/event_info.h"
#include "string.h"

/* The program so far, and what shall still hold. */
static struct program *best;
static shrink_test holds;

static bool take_if_good(const struct program *candidate)
{
	if (program_is_same(candidate, best) || !holds(candidate))
		return false;
	*best = *candidate;
	return true;
}

/* From the end: what comes later matters less often. */
static bool drop_operations(void)
{
	bool smaller = false;

	for (unsigned i = best->count; i--;) {
		struct program candidate = *best;
		program_remove(&candidate, i);
		smaller |= candidate.count && take_if_good(&candidate);
	}
	return smaller;
}

/* Two that only make sense together. */
static bool drop_pairs(void)
{
	for (unsigned i = best->count; i--;)
		for (unsigned k = i; k--;) {
			struct program candidate = *best;
			program_remove(&candidate, i);
			program_remove(&candidate, k);
			if (candidate.count && take_if_good(&candidate))
				return true;
		}
	return false;
}

static bool drop_steps(unsigned i)
{
	bool smaller = false;

	for (unsigned k = best->operations[i].count; k--;) {
		struct program candidate = *best;
		operation_remove_step(&candidate.operations[i], k);
		smaller |= take_if_good(&candidate);
	}
	return smaller;
}

static bool simplify_steps(unsigned i)
{
	bool smaller = false;

	for (unsigned k = 0; k < best->operations[i].count; k++) {
		struct program candidate = *best;
		struct operation *operation = &candidate.operations[i];
		if (operation->nmis[k])
			operation->nmis[k]--;
		else
			operation->steps[k] = NOP;
		smaller |= take_if_good(&candidate);
	}
	return smaller;
}

static bool clear_bits(unsigned i)
{
	bool smaller = false;

	for (unsigned bit = 0; bit < 64; bit++) {
		struct program candidate = *best;
		if (!(candidate.operations[i].value >> bit & 1))
			continue;
		candidate.operations[i].value &= ~(1ULL << bit);
		smaller |= take_if_good(&candidate);
	}
	return smaller;
}

/* To an NMI, or to an exception that means nothing. */
static bool simplify_event(unsigned i)
{
	static const uint32_t simple[] = {EVENT_INFO(TYPE_NMI, 2), EVENT_INFO(TYPE_EXCEPTION, 6)};

	for (unsigned k = 0; k < sizeof(simple) / sizeof(simple[0]); k++) {
		struct program candidate = *best;
		if (candidate.operations[i].value == simple[k])
			return false;
		candidate.operations[i].value = simple[k];
		candidate.operations[i].length = 0;
		if (take_if_good(&candidate))
			return true;
	}
	return false;
}

static bool lower_value(unsigned i)
{
	struct program candidate = *best;

	return candidate.operations[i].value-- > 1 && take_if_good(&candidate);
}

/* An entry instead of going on; a step in the host instead of nothing. */
static bool replace_by_entry(unsigned i)
{
	struct program candidate = *best;
	struct operation *operation = &candidate.operations[i];

	memset(operation, 0, sizeof(*operation));
	operation->kind = DO_ENTER;
	return take_if_good(&candidate);
}

static bool simplify_chain(unsigned i)
{
	bool dropped = drop_steps(i);

	return simplify_steps(i) || dropped;
}

static bool simplify(unsigned i)
{
	switch ((enum operation_kind)best->operations[i].kind) {
	case DO_HOST:
	case DO_ENTER:
		return simplify_chain(i);
	case DO_SET:
	case DO_CLEAN:
	case DO_FRED:
		return clear_bits(i);
	case DO_INJECT:
		return simplify_event(i);
	case DO_ARRIVE:
		return lower_value(i);
	case DO_RESUME:
		return replace_by_entry(i);
	default:
		return false;
	}
}

void shrink(struct program *program, shrink_test test)
{
	bool smaller = true;

	best = program;
	holds = test;
	while (smaller) {
		smaller = drop_operations() || drop_pairs();
		for (unsigned i = 0; i < best->count; i++)
			smaller |= simplify(i);
	}
}
