/* SPDX-License-Identifier: BSD-2-Clause */
/* known=: the mistakes that are subtracted from the start. */
#pragma once

#include "model/model.h"

/* Starts the oracle with those that are named, between commas; "", "none" and "auto" name none.
 * Returns NULL, or a line that says which name is no mutant's. */
const char *known_start(enum model_vendor vendor, bool helper, const char *names);
