/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The explorer: programs run on the machine under test and on the model, and where their tales
 * differ the program is shrunk on the machine, named by the mutants that make the model tell the
 * same, and put into its group.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "explore/program.h"
#include "explore/tale.h"
#include "model/model.h"
#include "model/mutants.h"

struct explore {
	/* What is wanted. */
	unsigned programs; /* so many; 0: until ends() */
	unsigned all;      /* instead: each one of up to so many letters */
	uint32_t seed;
	bool without_seeds; /* do not begin with the catalogue */
	bool goes_on;       /* what was found before stays */
	bool learns;        /* known=auto: subtract a mistake once it has a name */

	/* The machine. run() tells what really happened; patience: how often it has come too early.
	 */
	enum model_vendor vendor;
	bool helper;
	void (*run)(const struct program *program, unsigned patience, struct tale *tale);
	bool (*ends)(void);    /* looked at after each program; NULL: never */
	void (*found)(void);   /* after a difference has been put into its group; NULL */
	uint64_t (*now)(void); /* ticks */
};

struct explore_counts {
	unsigned programs, judged, differ, unstable, stuck;
	uint64_t machine_runs;
	uint64_t possible; /* all=K: how many there are */
	bool spoiled;      /* the machine is not what it was: nothing more can be said */
	bool complete;     /* and all of them were run */
};

extern struct explore_counts explore_counts;

/* Explores; the groups have what it found. Oracle and groups are as they are left. */
void explore_run(const struct explore *explore);

/* One program: false if it differs, and then it is in its group. */
bool explore_try(const struct explore *explore, const struct program *program);
