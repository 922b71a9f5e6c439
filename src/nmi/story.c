/* SPDX-License-Identifier: BSD-2-Clause */
#include "nmi/story.h"

#include <stdarg.h>
#include <stddef.h>

#include "serial/debugport.h"
#include "serial/print.h"
#include "string.h"

bool story_verbose;
volatile unsigned story_beat;

static char text[STORY_MAX];
static size_t length;
static bool is_cut;

void story_begin(unsigned number, const char *name)
{
	char crumb[16];

	story_alive();
	length = 0;
	is_cut = false;
	text[0] = 0;
	print_to(crumb, sizeof(crumb), "\n@%u", number);
	debugport_crumb(crumb);
	if (story_verbose)
		print("# %u: %s\n", number, name);
}

void story_pass(unsigned pass, unsigned passes, unsigned cpu, unsigned failures)
{
	char crumb[80];
	size_t used = print_to(crumb, sizeof(crumb), "\n@pass %u", pass);

	if (passes)
		used += print_to(crumb + used, sizeof(crumb) - used, " of %u", passes);
	print_to(crumb + used, sizeof(crumb) - used, " on CPU %u, failures: %u", cpu, failures);
	debugport_crumb(crumb);
}

static void append(const char *words)
{
	static const char cut[] = " ...";

	if (is_cut)
		return;
	is_cut = length + strlen(words) + sizeof(cut) > sizeof(text);
	length += print_to(text + length, sizeof(text) - length, "%s", is_cut ? cut : words);
}

void story_add(const char *format, ...)
{
	char words[160] = " ";
	va_list arguments;

	story_alive();
	va_start(arguments, format);
	vprint_to(words + 1, sizeof(words) - 1, format, arguments);
	va_end(arguments);
	append(words);
	debugport_crumb(words);
	if (story_verbose)
		print("#     %s\n", words + 1);
}

const char *story_text(void)
{
	return text;
}

/* "HLT(NMI, NMI at once)": a step with the NMIs of its HLT. */
static size_t step_text(char *buffer, size_t size, enum step step)
{
	unsigned nmis = step >> 8 & ~AT_ONCE;
	size_t used = print_to(buffer, size, "%s", step_name(step & 0xff));

	for (unsigned i = 0; i < nmis && used < size; i++)
		used += print_to(buffer + used, size - used, "%s", i ? ", NMI" : "(NMI");
	if (nmis && used < size)
		used += print_to(buffer + used, size - used, "%s",
				 step >> 8 & AT_ONCE ? " at once)" : ")");
	return used;
}

void story_add_steps(const char *verb, const enum step *steps)
{
	char list[128] = "";
	size_t used = 0;

	for (unsigned i = 0; steps[i] != STEPS_END && used < sizeof(list); i++) {
		used += print_to(list + used, sizeof(list) - used, "%s", i ? ", " : "");
		if (used < sizeof(list))
			used += step_text(list + used, sizeof(list) - used, steps[i]);
	}
	story_add("%s(%s)", verb, list);
}
