/* SPDX-License-Identifier: BSD-2-Clause */
/* The catalogue as programs: each experiment runs on the model, and what its verbs ask for is
 * noted. */
#pragma once

#include <stdbool.h>

#include "explore/program.h"
#include "model/model.h"

/* The program of the i-th experiment, as far as it has room; false: there is none of that number.
 * One without operations: the experiment is for others. */
bool seeds_get(unsigned i, enum model_vendor vendor, bool helper, struct program *program);
