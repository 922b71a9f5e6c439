/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a program on `virt` without judging: on a machine under test as on the model. What happens
 * is told, ending with the live state: one NMI says whether the host is open. The machine begins
 * and ends in the known state: NMIs open, none pending, no fence on its way.
 */
#pragma once

#include "explore/program.h"
#include "explore/tale.h"

void execute(const struct program *program, struct tale *tale);

/* Are the set-up's promises kept, as far as the tale tells? An NMI that came before the HLT that it
 * was to end is the set-up's fault: be more patient. */
bool execute_raced(const struct tale_difference *difference);
