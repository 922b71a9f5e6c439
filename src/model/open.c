/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/open.h"

const struct open_text open_text[OPENS] = {
#define OPEN(name, rule, text) {#name, rule, text},
#include "model/open.def"
#undef OPEN
};

static uint32_t choices, asked;

void open_choose(uint32_t wanted)
{
	choices = wanted;
	asked = 0;
}

uint32_t open_asked(void)
{
	return asked;
}

bool open_is_chosen(enum open open)
{
	asked |= 1U << open;
	return choices >> open & 1;
}
