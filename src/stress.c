/* SPDX-License-Identifier: BSD-2-Clause */
#include "stress.h"

#include "nmi/runner.h"
#include "serial/keys.h"
#include "serial/print.h"
#include "x86/tsc.h"

#define PROGRESS_US 60000000

static unsigned passes;
static uint64_t next_line;

void stress_begin(void)
{
	keys_pressed(); /* those from the time before */
	print("# repeat=forever: press a key to end it\n");
	next_line = tsc_deadline_us(PROGRESS_US);
}

static void progress(void)
{
	print("# passes: %u, failures: %u\n", passes, runner_failures());
	next_line = tsc_deadline_us(PROGRESS_US);
}

bool stress_goes_on(void)
{
	bool ended = keys_pressed();

	passes++;
	if (ended || tsc_passed(next_line))
		progress();
	return !ended;
}
