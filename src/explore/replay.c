/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/replay.h"

#include "explore/alphabet.h"
#include "explore/coverage.h"
#include "explore/experiment.h"
#include "explore/generate.h"
#include "explore/groups.h"
#include "explore/oracle.h"
#include "explore/report.h"
#include "explore/text.h"
#include "serial/print.h"

static const char *complain(const char *text, size_t place, const char *why)
{
	static char error[160];

	print_to(error, sizeof(error), "prog=: %s, at \"%.24s\", character %u", why, text + place,
		 (unsigned)place + 1);
	return error;
}

static void tell(const struct explore *explore, const struct program *program)
{
	static struct tale tale;

	oracle_tell(program, MUTANTS, &tale);
	report_tale("expected", &tale);
	if (tale.end != TALE_DONE)
		return;
	experiment_print(program, &tale);
	explore->run(program, 1, &tale);
	report_tale("got", &tale);
}

const char *replay(const struct explore *explore, const char *text, bool *good)
{
	struct program program;
	size_t place;
	const char *why = text_parse(&program, text, &place);

	if (why)
		return complain(text, place, why);
	if (!alphabet_has(&program))
		return "prog=: this machine lacks what the program needs";
	coverage_start(explore->vendor);
	generate_start(explore->seed);
	groups_clear();
	tell(explore, &program);
	*good = explore_try(explore, &program);
	print("%sok 1 prog=%s\n", *good ? "" : "not ", text);
	for (unsigned i = 0; i < groups_count(); i++)
		report_group(i);
	return NULL;
}
