/* SPDX-License-Identifier: BSD-2-Clause */
/* All experiments on the model, reported as the kernel reports them. */
#pragma once

#include <stdbool.h>

#include "model/model.h"
#include "nmi/experiment.h"

struct suite {
	char words[1024];         /* the kernel's command line */
	enum model_vendor vendor; /* MODEL_VENDORS: for each experiment the one that it needs */
	bool alone;               /* no helper CPU */
	uint32_t choices; /* explore=: what is open, as the machine has it; see model/open.h */
	bool isolated;    /* a new machine for every experiment */
};

/* Prints the report; ends the process with 0 PASS, 1 FAIL, 2 ERROR. */
_Noreturn void suite_run(const struct suite *suite);

/* Or one experiment at a time, from now on as this says. All are runner_selected() then. */
void suite_use(const struct suite *suite);

/* NULL: it ran, `verdict` is its; else what it lacks. */
const char *suite_try(const struct experiment *e);
