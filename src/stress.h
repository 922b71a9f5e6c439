/* SPDX-License-Identifier: BSD-2-Clause */
/* repeat=forever: passes over all experiments and CPUs, until a key is pressed. */
#pragma once

#include <stdbool.h>

/* Says how to end it. */
void stress_begin(void);

/* After each pass: has nobody pressed a key? A line of progress, once a minute. */
bool stress_goes_on(void);
