/* SPDX-License-Identifier: BSD-2-Clause */
/* The explorer in the kernel: explore= and prog=. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "options.h"
#include "x86/poweroff.h"

/* Does the command line ask for it? */
bool session_is_wanted(const struct options *options);

/*
 * Explores on the calling CPU, or replays the program, and reports. False: *why says why it could
 * not. Called again, it goes on: the CPU that was at it has been lost, which is a difference too.
 * Until the number of programs, the time or, without both, a key ends it.
 */
bool session_run(const struct options *options, const char **why);

/* Prints the verdict, of all that was run. */
enum verdict_code session_end(void);
