/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/session.h"

#include <stddef.h>

#include "explore/execute.h"
#include "explore/explore.h"
#include "explore/known.h"
#include "explore/replay.h"
#include "explore/report.h"
#include "explore/text.h"
#include "serial/debugport.h"
#include "serial/keys.h"
#include "serial/print.h"
#include "string.h"
#include "x86/insn.h"
#include "x86/tsc.h"

#define PROGRESS_US 10000000
#define SECOND_US   1000000

static struct {
	char program[TEXT_MAX]; /* that runs on the machine */
	bool on_the_machine;    /* now */
	unsigned lost;          /* CPUs */
	bool good;
	bool timed, has_key; /* what ends it, but for the number of programs */
	uint64_t second;     /* when the one that runs is over */
	unsigned seconds_left;
	uint64_t line; /* of progress: when the next one is due */
	uint32_t seconds;
} session;

bool session_is_wanted(const struct options *options)
{
	return options->explore.wanted || options->explore.program[0];
}

enum verdict_code session_end(void)
{
	print("LHV: %s\n", session.good ? "PASS" : "FAIL");
	return session.good ? VERDICT_PASS : VERDICT_FAIL;
}

/* What a host script reads if the machine dies in it: see nmi/story.h. */
static void leave_crumb(const struct program *program)
{
	text_print(session.program, sizeof(session.program), program);
	debugport_crumb("\n@prog=");
	debugport_crumb(session.program);
}

static void run_machine(const struct program *program, unsigned patience, struct tale *tale)
{
	leave_crumb(program);
	session.on_the_machine = true;
	virt->be_patient(patience);
	execute(program, tale);
	session.on_the_machine = false;
}

/* --- when it ends --- */

/* tsc_deadline_us() has room for a minute or so: seconds one by one. */
static void count_seconds(void)
{
	while (tsc_passed(session.second)) {
		session.second += tsc_deadline_us(SECOND_US) - rdtsc();
		session.seconds++;
		session.seconds_left -= session.seconds_left != 0;
	}
}

static void show_progress(void)
{
	if (!tsc_passed(session.line))
		return;
	session.line = tsc_deadline_us(PROGRESS_US);
	report_progress(session.seconds * SECOND_US);
}

static bool is_over(void)
{
	count_seconds();
	show_progress();
	if (session.timed && !session.seconds_left)
		return true;
	return session.has_key && keys_pressed();
}

static void show_last_group(void)
{
	report_group(groups_count() - 1);
}

static void start_clock(const struct options *options)
{
	session.timed = options->explore.seconds;
	session.seconds_left = options->explore.seconds;
	session.has_key = !options->explore.programs && !options->explore.all;
	session.second = tsc_deadline_us(SECOND_US);
	session.line = tsc_deadline_us(PROGRESS_US);
	session.seconds = 0;
	keys_pressed(); /* those from the time before */
}

/* --- running --- */

static enum model_vendor vendor(void)
{
	if (virt_features & HAS_VMX)
		return MODEL_VMX;
	return virt_features & HAS_SVM ? MODEL_SVM : MODEL_NONE;
}

static struct explore settings(const struct options *options)
{
	return (struct explore){
		.programs = options->explore.programs,
		.all = options->explore.all,
		.seed = options->seed_given ? options->seed : (uint32_t)rdtsc() % 1000000,
		.without_seeds = options->explore.without_seeds,
		.learns = !strcmp(options->explore.known, "auto"),
		.vendor = vendor(),
		.helper = virt_features & HAS_HELPER,
		.run = run_machine,
		.ends = is_over,
		.found = show_last_group,
	};
}

static const char *run(const struct options *options, const struct explore *explore)
{
	if (options->explore.program[0] && session.lost) {
		print("not ok 1 prog=%s\n", options->explore.program);
		session.good = false;
		return NULL;
	}
	if (options->explore.program[0])
		return replay(explore, options->explore.program, &session.good);
	start_clock(options);
	print("# exploring: seed %u%s\n", explore->seed,
	      session.has_key ? ", press a key to end it" : "");
	explore_run(explore);
	session.good = report_all(explore, session.seconds * SECOND_US) && !session.lost;
	report_unreached();
	return NULL;
}

/* The CPU that was at it before us did not come back. */
static void note_loss(struct explore *explore)
{
	if (!session.on_the_machine)
		return;
	print("# lost in: prog=%s\n", session.program);
	session.on_the_machine = false;
	session.lost++;
	explore->seed += session.lost;
	explore->without_seeds = true;
	explore->goes_on = true;
}

bool session_run(const struct options *options, const char **why)
{
	struct explore explore = settings(options);

	note_loss(&explore);

	if (!virt->enable(why))
		return false;
	*why = known_start(explore.vendor, explore.helper, options->explore.known);
	if (!*why)
		*why = run(options, &explore);
	virt->disable();
	return !*why;
}
