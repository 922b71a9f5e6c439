/* SPDX-License-Identifier: BSD-2-Clause */
/* Which experiments notice which mutant. */
#pragma once

#include <stdbool.h>

#include "nmi/mutants.h"

/* Runs every experiment with every mutant, each on a new machine: with VMX, and again with SVM. */
void matrix_run(void);

/* Does this experiment, the i-th that is runner_selected(), fail with that mutant, on either? */
bool matrix_kills(unsigned i, enum mutant mutant);

/* One line per mutant: "name RULE: killed by 3 15". 0: each is killed and each experiment kills. */
int matrix_print(void);
