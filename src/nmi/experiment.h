/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How an experiment is written and registered. EXPERIMENT() puts a pointer to its description
 * into a section that linker.ld collects: a new experiment touches one file.
 */
#pragma once

#include "nmi/rules.h"
#include "nmi/verbs.h"
#include "virt.h"

#define RULES_MAX 6

struct experiment {
	unsigned number;       /* permanent: it appears in bug reports */
	const char *name;      /* its outcome, when all is well */
	const char *file;      /* its source, from the root of the tree */
	const char *claim;     /* one sentence */
	const char *sdm, *apm; /* section titles: Intel SDM Vol. 3, AMD APM Vol. 2 */
	unsigned long needs;   /* enum feature */
	enum rule rules[RULES_MAX];
	void (*run)(void);
};

#define EXPERIMENT(number_, name_, ...)                                                            \
	static void experiment_##number_(void);                                                    \
	static const struct experiment experiment_##number_##_description = {                      \
		.number = number_,                                                                 \
		.name = #name_,                                                                    \
		.file = __FILE__,                                                                  \
		.run = experiment_##number_,                                                       \
		__VA_ARGS__};                                                                      \
	static const struct experiment *const experiment_##number_##_entry                         \
		__attribute__((section("experiments"), used)) =                                    \
			&experiment_##number_##_description;                                       \
	static void experiment_##number_(void)
