/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/compact.h"

#include "nmi/runner.h"
#include "report/outcome.h"
#include "serial/print.h"
#include "string.h"

enum { RUN_MIN = 4, RUN_MAX = 35 }; /* c*n is shorter from 4 on, and n is one digit */

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

struct text {
	char *at;
	size_t size, used;
};

static void put(struct text *text, char c)
{
	if (text->used < text->size)
		text->at[text->used] = c;
	text->used++;
}

/* What is not in the alphabet, or means something in this format, becomes a full stop. */
static void put_word(struct text *text, const char *word)
{
	for (; *word; word++) {
		char c = *word >= 'a' && *word <= 'z' ? (char)(*word - 'a' + 'A') : *word;
		bool letter = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
		put(text, letter ? c : c == ' ' ? '+' : '.');
	}
	put(text, ' ');
}

static void put_cpu(struct text *text, const char *cpu)
{
	static const struct {
		const char *name;
		char letter;
	} vendors[] = {{"GenuineIntel ", 'I'}, {"AuthenticAMD ", 'A'}, {"HygonGenuine ", 'H'}};

	for (unsigned i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++) {
		size_t length = strlen(vendors[i].name);
		if (strncmp(cpu, vendors[i].name, length))
			continue;
		put(text, vendors[i].letter);
		cpu += length;
		break;
	}
	put_word(text, cpu);
}

static const struct name {
	const char *name;
	char letter;
} protocols[] = {{"multiboot", '1'}, {"multiboot2", '2'}, {"PVH", '3'}},
  firmwares[] = {{"BIOS", 'B'}, {"UEFI", 'U'}, {"none", 'N'}};

#define LENGTH(table) (sizeof(table) / sizeof((table)[0]))

static char letter(const struct name *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(names[i].name, name))
			return names[i].letter;
	return names[0].letter;
}

static void put_machine(struct text *text, const struct compact_machine *m)
{
	char words[64];

	put_word(text, "LHV1");
	put_word(text, VERSION);
	put_word(text, sizeof(long) == 8 ? "64" : "32");
	put_cpu(text, m->cpu);
	put_word(text, strcmp(m->hypervisor, "bare metal") ? m->hypervisor : "-");
	print_to(words, sizeof(words), "%u%c %c%c %lX", m->cpus, m->x2apic ? 'X' : 'A',
		 letter(protocols, LENGTH(protocols), m->protocol),
		 letter(firmwares, LENGTH(firmwares), m->firmware), m->features);
	for (const char *c = words; *c; c++)
		put(text, *c);
	put(text, ' ');
}

static void put_verdict(struct text *text, enum verdict_code verdict, unsigned error_in)
{
	char word[16];

	if (verdict == VERDICT_ERROR && error_in)
		print_to(word, sizeof(word), "E%u", error_in);
	else
		print_to(word, sizeof(word), "%c", "PFES"[verdict - VERDICT_PASS]);
	put_word(text, word);
}

static void put_run(struct text *text, char c, unsigned length)
{
	while (length >= RUN_MIN) {
		unsigned now = length < RUN_MAX ? length : RUN_MAX;
		put(text, c);
		put(text, '*');
		put(text, digits[now]);
		length -= now;
	}
	while (length--)
		put(text, c);
}

/* Of experiment number; *i is the first selected one that is not less. */
static enum outcome outcome_at(unsigned number, unsigned *i)
{
	while (*i < runner_count() && runner_selected(*i)->number < number)
		(*i)++;
	if (*i == runner_count() || runner_selected(*i)->number != number)
		return OUTCOME_NONE;
	return outcome_of(runner_result(*i));
}

static void put_outcomes(struct text *text)
{
	unsigned count = runner_count(), i = 0, run = 0;
	unsigned last = count ? runner_selected(count - 1)->number : 0;
	char now = 0;

	for (unsigned number = 0; number <= last; number += 2) {
		enum outcome first = outcome_at(number, &i);
		char next = digits[first * OUTCOMES + outcome_at(number + 1, &i)];
		if (run && next != now) {
			put_run(text, now, run);
			run = 0;
		}
		now = next;
		run++;
	}
	put_run(text, now, run);
}

size_t compact_write(char *to, size_t size, const struct compact_machine *machine,
		     enum verdict_code verdict, unsigned error_in)
{
	struct text text = {.at = to, .size = size};

	put_machine(&text, machine);
	put_verdict(&text, verdict, error_in);
	put_outcomes(&text);
	put(&text, 0);
	return text.used <= size ? text.used - 1 : 0;
}
