/* SPDX-License-Identifier: BSD-2-Clause */
#include "suite.h"

#include "model/mutants.h"
#include "model/open.h"
#include "nmi/runner.h"
#include "nmi/shuffle.h"
#include "nmi/story.h"
#include "report/ktap.h"
#include "serial/print.h"
#include "x86/insn.h"
#include "x86/poweroff.h"

static const struct suite *suite;

/* The vendor's struct virt, but that reset(), with which every experiment begins, comes to us. */
static struct virt chosen;
static enum model_vendor present = MODEL_VENDORS;

static void reset_for_experiment(void);
static bool end_experiment(void);

/* What the experiments may need; one at a time has what its vendor has. */
static unsigned long features_for_all(void)
{
	bool helper = !suite->alone;

	if (suite->vendor != MODEL_VENDORS)
		return model_features(suite->vendor, helper);
	return model_features(MODEL_VMX, helper) | model_features(MODEL_SVM, helper);
}

static enum model_vendor vendor_for(const struct experiment *e)
{
	if (suite->vendor != MODEL_VENDORS)
		return suite->vendor;
	if (e->needs & (HAS_SVM | HAS_AMD))
		return MODEL_SVM;
	return e->needs & (HAS_VMX | HAS_INTEL | HAS_GUEST) ? MODEL_VMX : MODEL_NONE;
}

static void choose(enum model_vendor vendor)
{
	open_choose(suite->choices);
	if (vendor != present || suite->isolated)
		model_power_on(vendor, !suite->alone);
	present = vendor;
	chosen = *model_virt(vendor);
	chosen.reset = reset_for_experiment;
	chosen.took_back = end_experiment;
}

static void reset_for_experiment(void)
{
	choose(vendor_for(runner_current()));
	model_virt(present)->reset();
	virt_features = model_features(present, !suite->alone);
}

/* The next experiment may need another vendor. */
static bool end_experiment(void)
{
	virt_features = features_for_all();
	return model_virt(present)->took_back();
}

static void print_header(void)
{
	static const char *const names[] = {
		[MODEL_NONE] = "no VMX, no SVM",
		[MODEL_VMX] = "VMX",
		[MODEL_SVM] = "SVM",
		[MODEL_VENDORS] = "VMX and SVM",
	};

	print("# lhv " VERSION " (model) on the model, %s, %u CPU%s\n", names[suite->vendor],
	      suite->alone ? 1 : 2, suite->alone ? "" : "s");
	for (unsigned i = 0; i < MUTANTS; i++)
		if (mutants_is_broken(i))
			print("# mutant: %s, %s: %s\n", mutants_text[i].name,
			      clause_name(mutants_text[i].clause), mutants_text[i].bug);
}

static void parse_words(struct options *options)
{
	char error[OPTIONS_ERROR_SIZE];

	if (!options_parse(options, suite->words, error, sizeof(error)))
		ktap_error(error);
	if (!options->repeat)
		ktap_error("repeat=forever ends with a key, and the model has none");
	if (!options_cpu(options, 0))
		ktap_error("cpus= names no CPU that is here");
	story_verbose = options->verbose;
}

static void select_experiments(const struct options *options)
{
	char error[64];
	unsigned unknown;

	if (!runner_select(options, ktap_result, &unknown)) {
		print_to(error, sizeof(error), "exp=%u: there is no such experiment", unknown);
		ktap_error(error);
	}
	if (!runner_count())
		ktap_error("exp= and not= leave no experiment to run");
	uint32_t seed = options->seed_given ? options->seed : (uint32_t)rdtsc();
	shuffle_seed(seed);
	if (options->random_order)
		print("# order=random seed=%u\n", seed);
}

static void choose_machine(void)
{
	virt = &chosen;
	open_choose(suite->choices);
	virt_features = features_for_all();
	choose(suite->vendor == MODEL_VENDORS ? MODEL_NONE : suite->vendor);
}

void suite_use(const struct suite *wanted)
{
	static const struct options everything;

	suite = wanted;
	choose_machine();
	if (!runner_count())
		select_experiments(&everything);
}

const char *suite_try(const struct experiment *e)
{
	const char *missing = virt_missing(e->needs);

	if (!missing)
		runner_try(e);
	return missing;
}

_Noreturn void suite_run(const struct suite *wanted)
{
	struct options options;
	const char *why;

	suite = wanted;
	print("KTAP version 1\n");
	parse_words(&options);
	print_header();
	choose_machine();
	select_experiments(&options);
	ktap_plan(runner_count());
	if (!runner_run(&options, 0, true, &why))
		ktap_error(why);
	if (runner_races())
		print("# %u set-ups repeated: the NMI came before the HLT\n", runner_races());
	poweroff(ktap_end(runner_ticks()));
}
