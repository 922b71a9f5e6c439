/* SPDX-License-Identifier: BSD-2-Clause */
/* What the manuals leave to the machine: open.def. Each is one bit of a set of choices. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "nmi/rules.h"

enum open {
#define OPEN(name, rule, text) OPEN_##name,
#include "model/open.def"
#undef OPEN
	OPENS
};

struct open_text {
	const char *name;
	enum rule rule; /* that leaves it open */
	const char *text;
};

extern const struct open_text open_text[OPENS];

/* From now on the model has these of the behaviours: one bit of each. */
void open_choose(uint32_t choices);

/* Which of them did the model come to since open_choose()? */
uint32_t open_asked(void);

bool open_is_chosen(enum open open);

/* At the model's decision points. */
#define chosen(name) open_is_chosen(OPEN_##name)
