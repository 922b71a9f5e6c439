/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/outcome.h"

#include "nmi/result.h"

enum outcome outcome_of(const struct result *r)
{
	if (r->skipped)
		return OUTCOME_SKIP;
	if (r->failures)
		return r->failures < r->runs ? OUTCOME_FLAKY : OUTCOME_FAIL;
	if (!r->runs)
		return OUTCOME_NONE;
	return r->record[0] ? OUTCOME_RECORD : OUTCOME_PASS;
}
