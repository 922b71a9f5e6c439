/* SPDX-License-Identifier: BSD-2-Clause */
/* What ran, for those who ask the runner (nmi/runner.h): a test fills it in. */
#pragma once

#include "nmi/runner.h"

extern struct experiment fake_experiments[RUNNER_MAX];
extern struct result fake_results[RUNNER_MAX];
extern unsigned fake_count;
extern const struct experiment *fake_current; /* the one that runs */
