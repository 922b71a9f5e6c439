/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program must do: the model tells. It makes the mistakes that are known already, and of
 * what the manuals leave open it has the behaviours that the machine had last.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "explore/execute.h"
#include "model/model.h"
#include "model/mutants.h"

/* The model of this machine: of its vendor, with a helper CPU or without. */
void oracle_start(enum model_vendor vendor, bool helper);

/* Mistakes that are subtracted. */
void oracle_know(enum mutant mutant, bool known);
bool oracle_knows(enum mutant mutant);

/* The tale of the model with the known mistakes, and one more, unless: MUTANTS. Its `decided` are
 * mutants' numbers. */
void oracle_tell(const struct program *program, enum mutant one_more, struct tale *tale);

/* Did the model decide about this mutant's mistake in what oracle_tell() told last? */
bool oracle_asked(enum mutant mutant);

/*
 * Does the machine's tale differ from the model's, whatever the model chooses where the manuals
 * leave it open? If not, that choice is noted, and is the first one to be tried the next time.
 * `expected` is then, or else, what the model tells with the choice of the last time.
 */
bool oracle_objects(const struct program *program, const struct tale *got, struct tale *expected,
		    struct tale_difference *difference);

/* Would this mistake more, or this known one less, make the model tell exactly this? */
bool oracle_explains(const struct program *program, enum mutant mutant, const struct tale *got);

/* "R24=mov_ss_holds_no_nmi_exits" and the like, of what was chosen until now; "R24=both" where it
 * differed from one program to the next. Returns the buffer; "": nothing was. */
const char *oracle_choices_text(char *buffer, size_t size);
