/* SPDX-License-Identifier: BSD-2-Clause */
#include "runner.h"

struct experiment fake_experiments[RUNNER_MAX];
struct result fake_results[RUNNER_MAX];
unsigned fake_count;
const struct experiment *fake_current;

unsigned runner_count(void)
{
	return fake_count;
}

const struct experiment *runner_selected(unsigned i)
{
	return &fake_experiments[i];
}

const struct result *runner_result(unsigned i)
{
	return &fake_results[i];
}

const struct experiment *runner_current(void)
{
	return fake_current;
}
