/* SPDX-License-Identifier: BSD-2-Clause */
#include "death.h"

void death_at(enum death_place place)
{
	(void)place;
}

void death_elsewhere(void)
{
}

bool death_word(const char *word, const char *end)
{
	(void)word;
	(void)end;
	return false;
}
