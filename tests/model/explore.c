/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore/alphabet.h"
#include "explore/coverage.h"
#include "explore/explore.h"
#include "explore/generate.h"
#include "explore/known.h"
#include "explore/oracle.h"
#include "explore/replay.h"
#include "explore/report.h"
#include "explore/seeds.h"
#include "model/open.h"
#include "options.h"
#include "report/ktap.h"
#include "serial/print.h"
#include "x86/insn.h"
#include "x86/tsc.h"

/* The machine's mistakes, and of what is open what it has. */
static bool machine_is_broken[MUTANTS];
static uint32_t machine_choices;
static const struct explore *current;

static void run_machine(const struct program *program, unsigned patience, struct tale *tale)
{
	(void)patience;
	mutants_clear();
	for (enum mutant mutant = 0; mutant < MUTANTS; mutant++)
		if (machine_is_broken[mutant])
			mutants_break(mutant);
	open_choose(machine_choices);
	model_power_on(current->vendor, current->helper);
	execute(program, tale);
}

static uint64_t end_time;
static uint32_t seconds;

static bool time_is_over(void)
{
	return seconds && tsc_us(rdtsc() - end_time) > seconds * 1000000ULL;
}

static void read_options(const struct suite *suite, struct options *options)
{
	char error[OPTIONS_ERROR_SIZE];

	if (!options_parse(options, suite->words, error, sizeof(error)))
		ktap_error(error);
}

static struct explore settings(const struct suite *suite, const struct options *options)
{
	return (struct explore){
		.programs = options->explore.programs,
		.all = options->explore.all,
		.seed = options->seed_given ? options->seed : 1,
		.without_seeds = options->explore.without_seeds,
		.learns = !strcmp(options->explore.known, "auto"),
		.vendor = suite->vendor == MODEL_VENDORS ? MODEL_VMX : suite->vendor,
		.helper = !suite->alone,
		.run = run_machine,
		.ends = time_is_over,
	};
}

static void start(const struct suite *suite, const struct options *options,
		  const struct explore *explore)
{
	const char *unknown = known_start(explore->vendor, explore->helper, options->explore.known);

	if (unknown)
		ktap_error(unknown);
	current = explore;
	virt = model_virt(explore->vendor);
	virt_features = model_features(explore->vendor, explore->helper);
	machine_choices = suite->choices;
	seconds = options->explore.seconds;
	end_time = rdtsc();
}

static void note_mistakes(void)
{
	for (enum mutant mutant = 0; mutant < MUTANTS; mutant++)
		machine_is_broken[mutant] = mutants_is_broken(mutant);
}

int explore_on_the_model(const struct suite *suite)
{
	static struct options options;
	bool good;

	note_mistakes();
	read_options(suite, &options);
	struct explore explore = settings(suite, &options);
	start(suite, &options, &explore);
	print("KTAP version 1\n1..1\n");
	if (options.explore.program[0]) {
		const char *why = replay(&explore, options.explore.program, &good);
		if (why)
			ktap_error(why);
	} else {
		uint64_t begin = rdtsc();
		explore_run(&explore);
		good = report_all(&explore, tsc_us(rdtsc() - begin));
		report_unreached();
	}
	print("LHV: %s\n", good ? "PASS" : "FAIL");
	return good ? 0 : 1;
}

/* --- which mutants programs find --- */

static unsigned found_after[MUTANTS];

static void try_mutants(const struct program *program, unsigned number)
{
	static struct tale unbroken, broken_one;
	struct tale_difference difference;
	bool asked[MUTANTS];

	oracle_tell(program, MUTANTS, &unbroken);
	if (unbroken.end != TALE_DONE)
		return;
	for (enum mutant mutant = 0; mutant < MUTANTS; mutant++)
		asked[mutant] = oracle_asked(mutant);
	for (enum mutant mutant = 0; mutant < MUTANTS; mutant++) {
		if (!asked[mutant] || found_after[mutant])
			continue;
		oracle_tell(program, mutant, &broken_one);
		if (tale_differs(&unbroken, &broken_one, &difference))
			found_after[mutant] = number;
	}
}

static void guide(const struct program *program)
{
	static struct tale tale;

	coverage_begin();
	oracle_tell(program, MUTANTS, &tale);
	if (coverage_grows() && tale.end == TALE_DONE)
		generate_keep(program);
}

/* What no program can find, and why. */
static const struct {
	enum model_vendor vendor; /* MODEL_NONE: of either */
	const char *mutant, *why;
} out_of_reach[] = {
	{MODEL_NONE, "nmi_through_a_task_gate_does_not_block", "tasks are not in the alphabet"},
	{MODEL_NONE, "task_return_does_not_unblock", "tasks are not in the alphabet"},
	{MODEL_NONE, "v86_iret_keeps_blocking", "virtual-8086 mode is not in the alphabet"},
	{MODEL_NONE, "vector_2_is_an_nmi",
	 "the IPI is illegal: what comes of it is recorded (406)"},
	{MODEL_NONE, "hidden_iret_intercept", "latency is no part of a tale"},
	{MODEL_NONE, "hidden_iret_intercept_for_two_nmis", "latency is no part of a tale"},
	{MODEL_NONE, "iret_in_ring_3_does_not_unblock", "IRETs of ring 3 are not in the alphabet"},
	{MODEL_NONE, "nmis_are_open_at_an_iret", "it shows in a storm only"},
	{MODEL_VMX, "hosts_fred_config_is_not_checked", "programs set no reserved bits of it"},
	{MODEL_VMX, "guests_fred_config_is_not_checked", "programs set no reserved bits of it"},
	{MODEL_VMX, "injected_event_data_is_lost", "programs inject no data"},
	{MODEL_VMX, "cut_off_event_loses_its_data", "programs inject no data"},
	{MODEL_SVM, "host_tf_is_lost_at_vmrun", "the host's TF at VMRUN is not in the alphabet"},
	{MODEL_SVM, "host_tf_traps_after_one_more_instruction", "the same"},
	{MODEL_VMX, "iret_in_an_svm_guest_does_not_unblock", "SVM's"},
	{MODEL_VMX, "exit_keeps_eventinj", "SVM's"},
	{MODEL_SVM, "latched_nmi_is_lost_at_vm_entry", "VMX's"},
	{MODEL_SVM, "latched_nmi_is_lost_at_vm_exit", "VMX's"},
	{MODEL_SVM, "injected_vector_2_blocks_virtually", "VMX's"},
	{MODEL_SVM, "int2_blocks_virtually", "VMX's"},
	{MODEL_SVM, "faulting_iret_keeps_blocking", "the APM leaves it open (S23)"},
};

static const char *why_out_of_reach(enum mutant mutant, enum model_vendor vendor)
{
	for (unsigned i = 0; i < sizeof(out_of_reach) / sizeof(out_of_reach[0]); i++)
		if (!strcmp(out_of_reach[i].mutant, mutants_text[mutant].name) &&
		    (!out_of_reach[i].vendor || out_of_reach[i].vendor == vendor))
			return out_of_reach[i].why;
	return NULL;
}

static void print_found(unsigned most, enum model_vendor vendor)
{
	unsigned all = 0, found = 0;

	for (enum mutant mutant = 0; mutant < MUTANTS; mutant++) {
		const char *why = why_out_of_reach(mutant, vendor);
		if (!coverage_is_vendors(mutant))
			continue;
		if (why && !found_after[mutant]) {
			print("%s: out of reach: %s\n", mutants_text[mutant].name, why);
			continue;
		}
		all++;
		found += found_after[mutant] != 0;
		if (found_after[mutant])
			print("%s: found by program %u\n", mutants_text[mutant].name,
			      found_after[mutant]);
		else
			print("%s: not found%s\n", mutants_text[mutant].name,
			      coverage_has(mutant) ? "" : ", no program came to it");
	}
	print("# %u of %u mutants found in %u programs\n", found, all, most);
}

static unsigned seed;

static void next(const struct explore *explore, struct program *program)
{
	while (!explore->without_seeds &&
	       seeds_get(seed++, explore->vendor, explore->helper, program))
		if (program->count)
			return;
	generate_next(program);
}

int explore_mutants(const struct suite *suite)
{
	static struct options options;
	struct program program;

	read_options(suite, &options);
	struct explore explore = settings(suite, &options);
	start(suite, &options, &explore);
	coverage_start(explore.vendor);
	generate_start(explore.seed);
	for (unsigned i = 1; i <= explore.programs; i++) {
		next(&explore, &program);
		if (!alphabet_has(&program))
			continue;
		guide(&program);
		try_mutants(&program, i);
	}
	print_found(explore.programs, explore.vendor);
	return 0;
}
