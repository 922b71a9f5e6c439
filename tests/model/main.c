/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lhv-model [kernel words] [mutant=NAME]... [open=NAME]... [vendor=vmx|svm|none] [alone]
 *         All experiments on the model, with these mistakes; alone: without a helper CPU.
 *         Without vendor= each experiment gets the vendor that it needs.
 *         open=NAME: the other reading of something that the manuals leave open.
 * lhv-model matrix
 *         Which experiments fail with which mutant; each mutant on a new machine.
 * lhv-model oracle [vendor=...] [alone]
 *         Answers questions on stdin: see oracle.h.
 * lhv-model explore=N|all,K|forever [seed=] [known=] [time=] [catalogue=no] [mutant=]...
 * [open=NAME]... Programs on the model with these mistakes, against the model: docs/explore.md.
 * lhv-model prog=PROGRAM [known=] [mutant=]... [open=NAME]...
 *         One of them: what is expected, and what the model with the mistakes does.
 * lhv-model explore-mutants explore=N [seed=] [vendor=] [catalogue=no]
 *         How many programs it takes to find each mutant.
 * lhv-model list-mutants | list-rules | list-clauses | list-experiments
 * lhv-model mutants-markdown | rules-markdown | experiments-markdown
 *         The tables of docs/.
 *
 * Exit status as tools/run.sh: 0 PASS, 1 FAIL, 2 ERROR.
 */
#include <stdio.h>
#include <string.h>

#include "docs.h"
#include "explore.h"
#include "host.h"
#include "matrix.h"
#include "model/mutants.h"
#include "model/open.h"
#include "model/state.h"
#include "oracle.h"
#include "report/ktap.h"
#include "serial/print.h"
#include "suite.h"

static struct suite suite = {.vendor = MODEL_VENDORS};
static bool explores;

static _Noreturn void reject(const char *word, const char *why)
{
	char error[160];

	print_to(error, sizeof(error), "\"%.60s\": %s", word, why);
	ktap_error(error);
}

/* The text after "name=", or NULL. */
static const char *value_of(const char *word, const char *name)
{
	size_t length = strlen(name);

	return !strncmp(word, name, length) && word[length] == '=' ? word + length + 1 : NULL;
}

static void read_mutant(const char *word, const char *name)
{
	enum mutant mutant = mutants_find(name);

	if (mutant == MUTANTS)
		reject(word, "no such mutant; lhv-model list-mutants lists them");
	mutants_break(mutant);
}

static void read_vendor(const char *word, const char *name)
{
	static const char *const names[MODEL_VENDORS] = {"none", "vmx", "svm"};

	for (suite.vendor = 0; suite.vendor < MODEL_VENDORS; suite.vendor++)
		if (!strcmp(name, names[suite.vendor]))
			return;
	reject(word, "known: none vmx svm");
}

static void read_open(const char *word, const char *name)
{
	for (enum open open = 0; open < OPENS; open++)
		if (!strcmp(name, open_text[open].name)) {
			suite.choices |= 1U << open;
			return;
		}
	reject(word, "src/model/open.def has those that are known");
}

static void pass_on(const char *word)
{
	size_t used = strlen(suite.words);

	if (used + strlen(word) + 4 > sizeof(suite.words))
		reject(word, "the command line is too long");
	explores |= value_of(word, "explore") || value_of(word, "prog");
	/* The shell took the quotes of a word with blanks. */
	const char *quote = strchr(word, ' ') ? "\"" : "";
	print_to(suite.words + used, sizeof(suite.words) - used, " %s%s%s", quote, word, quote);
}

static void read_word(const char *word)
{
	const char *mutant = value_of(word, "mutant"), *vendor = value_of(word, "vendor");
	const char *open = value_of(word, "open");

	if (mutant)
		read_mutant(word, mutant);
	else if (vendor)
		read_vendor(word, vendor);
	else if (open)
		read_open(word, open);
	else if (!strcmp(word, "alone"))
		suite.alone = true;
	else
		pass_on(word);
}

static int answer(void)
{
	return oracle_answer(&suite);
}

static int find_mutants(void)
{
	return explore_mutants(&suite);
}

static const struct command {
	const char *word;
	int (*run)(void);
} commands[] = {
	{"matrix", matrix_print},
	{"oracle", answer},
	{"explore-mutants", find_mutants},
	{"list-mutants", docs_list_mutants},
	{"list-rules", docs_list_rules},
	{"list-clauses", docs_list_clauses},
	{"list-experiments", docs_list_experiments},
	{"mutants-markdown", docs_mutants},
	{"rules-markdown", docs_rules},
	{"experiments-markdown", docs_experiments},
};

/* NULL: there is no such command, the word is for the experiments. */
static const struct command *find_command(const char *word)
{
	for (unsigned i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!strcmp(word, commands[i].word))
			return &commands[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *command = argc > 1 ? find_command(argv[1]) : NULL;

	host_start_clock();
	for (int i = command ? 2 : 1; i < argc; i++)
		read_word(argv[i]);
	if (command)
		return command->run();
	if (explores)
		return explore_on_the_model(&suite);
	suite_run(&suite);
}
