/* SPDX-License-Identifier: BSD-2-Clause */
#include "nmi/verdict.h"

#include <stdarg.h>

#include "serial/print.h"

struct verdict verdict;

void verdict_fail(const char *got, const char *expected, ...)
{
	va_list arguments;

	if (verdict.failed)
		return;
	verdict.failed = true;
	print_to(verdict.got, sizeof(verdict.got), "%s", got);
	va_start(arguments, expected);
	vprint_to(verdict.expected, sizeof(verdict.expected), expected, arguments);
	va_end(arguments);
}
