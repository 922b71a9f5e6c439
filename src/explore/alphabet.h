/* SPDX-License-Identifier: BSD-2-Clause */
/* What programs may be made of on this machine: alphabet.def, by its features. */
#pragma once

#include "explore/program.h"

/* The word of a flag in prog=; one that alphabet.def does not know is called F and its number. */
const char *alphabet_flag_code(char *buffer, size_t size, unsigned bit);

/* All flags that this machine has. */
uint64_t alphabet_flags(void);

/* A set of them, each as often as alphabet.def says; one of them, or none. */
uint64_t alphabet_random_flags(uint32_t (*random)(void));
uint64_t alphabet_random_flag(uint32_t (*random)(void));

/* The operations of complete enumerations, as text: NULL behind the last. */
const char *alphabet_letter(unsigned i);

/* May it execute this step? */
bool alphabet_has_step(enum step step, enum party who);

/* Is all of it in the alphabet of this machine? */
bool alphabet_has(const struct program *program);
