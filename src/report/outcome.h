/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

struct result;

/* How an experiment ended in all its runs. The numbers are part of report/compact.h's text: never
 * change them. */
enum outcome {
	OUTCOME_NONE, /* it did not run */
	OUTCOME_PASS,
	OUTCOME_FAIL, /* each time */
	OUTCOME_SKIP,
	OUTCOME_RECORD,
	OUTCOME_FLAKY, /* it failed, but not each time */
	OUTCOMES,
};

enum outcome outcome_of(const struct result *result);
