/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <stdarg.h>
#include <stddef.h>

/*
 * printf for the kernel: %s %c %d %i %u %x %X %p %%, flags - 0 #, width, precision (%.4s never
 * reads past four characters), lengths hh h l ll z. A NULL %s prints "(null)".
 * A conversion outside of this set prints itself, and so does the rest of the format: what size
 * its argument has is not known, so no later argument can be found.
 */

/* To the console, in pieces: a line of any length, no allocation. */
__attribute__((format(printf, 1, 2))) void print(const char *format, ...);

/*
 * To a buffer, cut off at size - 1 characters and always terminated; size 0 touches nothing.
 * Returns the length that the whole text would have.
 */
__attribute__((format(printf, 3, 4))) size_t print_to(char *buffer, size_t size, const char *format,
						      ...);
__attribute__((format(printf, 3, 0))) size_t vprint_to(char *buffer, size_t size,
						       const char *format, va_list arguments);
