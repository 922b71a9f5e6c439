/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The last page on the screen, for a photograph: the verdict, the machine, all experiments in the
 * colours of their outcomes, the failures, and a QR code with report/compact.h's text.
 */
#pragma once

#include "report/compact.h"
#include "x86/poweroff.h"

/* Once the machine is known; its strings stay where they are. Before, there is no page. */
void summary_describe(const struct compact_machine *machine);

/* Shows the page, if there is a screen and something ran. Of an ERROR it keeps the last text. */
void summary_show(enum verdict_code verdict);
