/* SPDX-License-Identifier: BSD-2-Clause */
/* Who called whom, by the frame pointers and the names the kernel was linked with. */
#pragma once

#include <stdint.h>

/* The function that an address is in, and how far; NULL: in none. */
const char *backtrace_name(uintptr_t address, unsigned *offset);

/* One line for each call, the innermost first, in comment lines of KTAP; a function that calls
 * itself has one for all. Where this CPU was interrupted, in the host. */
void backtrace_print(unsigned long ip, unsigned long bp, unsigned long sp);
