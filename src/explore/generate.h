/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs: at random, by changing those that reached something new, or all of them. The same seed,
 * machine and kept programs give the same sequence.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "explore/program.h"

void generate_start(uint32_t seed);

void generate_random(struct program *program);

/* A new one, or a kept one that is changed. */
void generate_next(struct program *program);

/* This one is worth changing further. */
void generate_keep(const struct program *program);

/* Of all programs of up to `most` letters (alphabet.def) the i-th; false: there are not so many. */
bool generate_all(struct program *program, unsigned most, uint64_t i);
uint64_t generate_all_count(unsigned most);
