/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Places where a CPU may die in a test kernel (tests/deaths), by the word die=: that a run goes on,
 * and says who died. In every other kernel nothing happens, and there is no such word.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum death_place {
	CPU_STARTS,
	BEFORE_ROOT_MODE,
	FIRST_ROOT_MODE,
	FIRST_ENTRY, /* of a guest: it does not return */
	IN_ROOT_MODE,
	IN_GUEST, /* both in the first experiment */
	BEFORE_STORM,
	BETWEEN_EXPERIMENTS,
	WHILE_PRINTING,
	DEATH_PLACES,
};

/* The calling CPU is there. */
void death_at(enum death_place place);

/* A helper or a parked CPU may die when the CPU under test is somewhere: called while they wait. */
void death_elsewhere(void);

/* Is this a word of the command line? */
bool death_word(const char *word, const char *end);
