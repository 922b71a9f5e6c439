/* SPDX-License-Identifier: BSD-2-Clause */
/* Which experiments notice which mutant. */
#pragma once

#include <stdbool.h>

#include "model/mutants.h"

/* Runs every experiment with every mutant, each on a new machine: with VMX, and again with SVM. */
void matrix_run(void);

/* Does this experiment, the i-th that is runner_selected(), fail with that mutant, on either? */
bool matrix_kills(unsigned i, enum mutant mutant);

/* Or does it pass and record something else than without the mutant? */
bool matrix_changes_record(unsigned i, enum mutant mutant);

/* One line per mutant: "name RULE: killed by 3 15; recorded by nothing". 0: each is killed, or
 * recorded at the least, and each experiment kills. */
int matrix_print(void);
