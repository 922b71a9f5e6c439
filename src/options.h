/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "x86/poweroff.h"

enum {
	OPTIONS_RANGES = 64,
	OPTIONS_SELF_TESTS = 900, /* experiments from here on run only when named in exp= */
	OPTIONS_ERROR_SIZE = 512, /* bytes that hold any of the errors */
};

struct options_list {
	unsigned count;
	struct {
		uint16_t first, last;
	} range[OPTIONS_RANGES];
};

enum {
	OPTIONS_PROGRAM = 256, /* bytes of prog= */
	OPTIONS_NAMES = 256,   /* and of known= */
};

/* explore=: see explore/explore.h. */
struct options_explore {
	bool wanted;
	bool without_seeds;            /* catalogue=no */
	uint32_t programs;             /* 0: until a key is pressed, or the time is over */
	uint32_t all;                  /* operations; 0: not all programs */
	uint32_t seconds;              /* 0: as long as it takes */
	char program[OPTIONS_PROGRAM]; /* one to be replayed, or "" */
	char known[OPTIONS_NAMES];     /* names of mutants, "auto", or "" */
};

struct options {
	struct options_list experiments; /* empty: all but the self-tests */
	struct options_list excluded;
	struct options_list cpus; /* by index; empty: the first CPU */
	bool all_cpus;
	bool random_order;
	bool seed_given;
	bool verbose;
	bool ticks; /* report how long each experiment took */
	uint32_t seed;
	unsigned repeat;   /* passes; 0: until a key is pressed */
	uint16_t com_port; /* 0: none */
	unsigned com_baud;
	bool com_pci; /* the serial ports on PCI; com_port if there are none */
	enum exit_method exit;
	unsigned timeout; /* seconds per experiment */
	struct options_explore explore;
};

/*
 * The command line, blank-separated words as in
 *     exp=1-30,101 not=17 cpus=all repeat=100 order=random seed=7 com=0x3f8,115200 verbose
 * A first word without '=' but with a '/' or '.' is the image's file name, as QEMU's -kernel and
 * some boot loaders put it there, and is skipped. A word given twice: the last one wins.
 * False: a word is bad. error then holds one line on the first bad word; all good ones, com= among
 * them, are in options nevertheless, so that the error can be shown on the right port.
 */
bool options_parse(struct options *options, const char *line, char *error, size_t size);

/* Does experiment number run? */
bool options_selects(const struct options *options, unsigned number);

/* Do experiments run on the CPU with this index? */
bool options_cpu(const struct options *options, unsigned index);
