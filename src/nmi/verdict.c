/* SPDX-License-Identifier: BSD-2-Clause */
#include "nmi/verdict.h"

#include <stdarg.h>
#include <stddef.h>

#include "serial/print.h"
#include "string.h"

struct verdict verdict;

static const char more[] = "expected: no more than this; got: more than there is room for\n";

static bool is_noted(const char *line)
{
	size_t length = strlen(line);

	for (const char *at = verdict.mismatches; *at; at++)
		if (!strncmp(at, line, length))
			return true;
	return false;
}

static void add_line(const char *line)
{
	size_t used = strlen(verdict.mismatches);

	if (used + strlen(line) + sizeof(more) > sizeof(verdict.mismatches))
		line = more;
	if (!is_noted(line))
		print_to(verdict.mismatches + used, sizeof(verdict.mismatches) - used, "%s", line);
}

static void note(const char *got, const char *expected, va_list arguments)
{
	char text[96], line[240];

	if (verdict.over)
		return;
	verdict.failed = true;
	vprint_to(text, sizeof(text), expected, arguments);
	print_to(line, sizeof(line), "expected: %s; got: %s\n", text, got);
	add_line(line);
}

void verdict_note(const char *got, const char *expected, ...)
{
	va_list arguments;

	va_start(arguments, expected);
	note(got, expected, arguments);
	va_end(arguments);
}

void verdict_fail(const char *got, const char *expected, ...)
{
	va_list arguments;

	va_start(arguments, expected);
	note(got, expected, arguments);
	va_end(arguments);
	verdict.over = true;
}

void verdict_forget(void)
{
	verdict.failed = verdict.over = false;
	verdict.mismatches[0] = 0;
}
