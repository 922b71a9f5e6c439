/* SPDX-License-Identifier: BSD-2-Clause */
#include "oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/mutants.h"
#include "nmi/runner.h"
#include "nmi/story.h"
#include "nmi/verdict.h"

static struct suite machine;

static const struct experiment *find(unsigned long number)
{
	for (unsigned i = 0; i < runner_count(); i++)
		if (runner_selected(i)->number == number)
			return runner_selected(i);
	return NULL;
}

static bool break_all(char *names)
{
	mutants_clear();
	for (char *name = strtok(names, " \n"); name; name = strtok(NULL, " \n")) {
		enum mutant mutant = mutants_find(name);
		if (mutant == MUTANTS)
			return false;
		mutants_break(mutant);
	}
	return true;
}

static void print_asked(void)
{
	for (unsigned mutant = 0; mutant < MUTANTS; mutant++)
		if (mutants_was_asked(mutant))
			printf(" %s", mutants_text[mutant].name);
	printf("\n");
}

static void print_failure(void)
{
	char line[240];
	const char *between = "";

	printf("fail\t");
	for (const char *left = verdict.mismatches; (left = result_line(left, line, sizeof(line)));
	     between = " | ")
		printf("%s%s", between, line);
	printf("\t%s\t", story_text());
}

static bool answer(char *line)
{
	char *names;

	machine.isolated = *line != '+';
	const struct experiment *e = find(strtoul(line, &names, 10));

	if (!e) {
		printf("skip\tnot in this model\t\t\n");
		return true;
	}
	if (!break_all(names))
		return false;
	const char *missing = suite_try(e);
	if (missing)
		printf("skip\t%s\t\t", missing);
	else if (verdict.failed)
		print_failure();
	else
		printf("pass\t\t\t");
	print_asked();
	return true;
}

int oracle_answer(const struct suite *suite)
{
	char line[1024];

	machine = *suite;
	suite_use(&machine);
	while (fgets(line, sizeof(line), stdin)) {
		if (!answer(line))
			return 2;
		fflush(stdout);
	}
	return 0;
}
