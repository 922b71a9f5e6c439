/* SPDX-License-Identifier: BSD-2-Clause */
/* The explorer on the build host: the machine under test is the model with mistakes. */
#pragma once

#include "suite.h"

/* lhv-model explore=... or prog=...: the suite's words name it, the mutants that are broken now are
 * the machine's. Returns the exit status: 0 nothing differs, 1 something does. */
int explore_on_the_model(const struct suite *suite);

/* How many programs it takes to find each mutant, up to the number of explore=. Exit status: 0. */
int explore_mutants(const struct suite *suite);
