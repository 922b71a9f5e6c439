/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of the model's decisions programs have reached, and with which outcomes: guidance. */
#pragma once

#include <stdbool.h>

#include "model/model.h"
#include "model/mutants.h"

void coverage_start(enum model_vendor vendor);

/* Before a program's run on the model, and after it: was there anything that none before did? */
void coverage_begin(void);
bool coverage_grows(void);

unsigned coverage_reached(void); /* decisions */
unsigned coverage_all(void);     /* of this vendor */
unsigned coverage_outcomes(void);

bool coverage_has(enum mutant decision);
bool coverage_is_vendors(enum mutant decision);
