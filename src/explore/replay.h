/* SPDX-License-Identifier: BSD-2-Clause */
/* prog=: one program, with all that it should make happen and all that it does. */
#pragma once

#include "explore/explore.h"

/* NULL: it ran, *good: the machine does as the model says. Else what is wrong with the text, in one
 * line. */
const char *replay(const struct explore *explore, const char *text, bool *good);
