/* SPDX-License-Identifier: BSD-2-Clause */
#include "nmi/story.h"

#include <stdarg.h>
#include <stddef.h>

#include "serial/debugport.h"
#include "serial/print.h"

bool story_verbose;
volatile unsigned story_beat;

static char text[STORY_MAX];
static size_t length;

void story_begin(unsigned number, const char *name)
{
	char crumb[16];

	story_alive();
	length = 0;
	text[0] = 0;
	print_to(crumb, sizeof(crumb), "\n@%u", number);
	debugport_crumb(crumb);
	if (story_verbose)
		print("# %u: %s\n", number, name);
}

void story_add(const char *format, ...)
{
	char words[160] = " ";
	va_list arguments;

	story_alive();
	va_start(arguments, format);
	vprint_to(words + 1, sizeof(words) - 1, format, arguments);
	va_end(arguments);
	if (length + 1 < sizeof(text))
		length += print_to(text + length, sizeof(text) - length, "%s", words);
	debugport_crumb(words);
	if (story_verbose)
		print("#     %s\n", words + 1);
}

const char *story_text(void)
{
	return text;
}

void story_add_steps(const char *verb, const enum step *steps)
{
	char list[128] = "";
	size_t used = 0;

	for (unsigned i = 0; steps[i] != STEPS_END && used < sizeof(list); i++)
		used += print_to(list + used, sizeof(list) - used, "%s%s%s", i ? ", " : "",
				 step_name(steps[i] & 0xff), steps[i] >> 8 ? "(NMI)" : "");
	story_add("%s(%s)", verb, list);
}
