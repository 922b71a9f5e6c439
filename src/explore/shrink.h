/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes a program that shows something as small as it can. */
#pragma once

#include <stdbool.h>

#include "explore/program.h"

/* Does it still show the same? */
typedef bool (*shrink_test)(const struct program *program);

/* Drops operations, steps, NMIs and flags and simplifies what is left, for as long as that passes
 * the test. */
void shrink(struct program *program, shrink_test test);
