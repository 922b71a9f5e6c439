/* SPDX-License-Identifier: BSD-2-Clause */
/* What the model says to many questions in one process: tools/diagnose asks. */
#pragma once

#include "suite.h"

/*
 * Each line of stdin, "17 mutant mutant...", is answered by a line of stdout: pass, fail or skip;
 * what was expected and got, " | " between several, or what is missing; the failure's trace; and
 * the mutants that the model was asked for on the way. The fields are separated by tabs. Any mutant
 * that is not among the latter could be added without any change. The machine is a new one, but
 * with "+17" that of the line before. Returns the exit status: 2 when it did not understand a line.
 */
int oracle_answer(const struct suite *suite);
