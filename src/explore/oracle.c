/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/oracle.h"

#include "model/open.h"
#include "serial/print.h"
#include "string.h"
#include "virt.h"

static struct {
	enum model_vendor vendor;
	bool helper;
	struct virt virt;
	bool known[MUTANTS], asked[MUTANTS];
	uint32_t choices; /* where the manuals leave it open */
	uint32_t open;    /* what the program came to */
	uint32_t seen_yes, seen_no;
	unsigned exits;
	uint16_t exit_decided[TALE_MAX];
} oracle;

/* The time of an event in the model's trace is what was decided last. */
static uint64_t decided(void)
{
	return mutants_last();
}

/* Of an exit that is what was decided before the host went on. */
static void run_guest(const struct entry *entry, struct exit *exit)
{
	model_virt(oracle.vendor)->run_guest(entry, exit);
	if (oracle.exits < TALE_MAX)
		oracle.exit_decided[oracle.exits++] = model_decided_at_exit();
}

void oracle_start(enum model_vendor vendor, bool helper)
{
	memset(&oracle, 0, sizeof(oracle));
	oracle.vendor = vendor;
	oracle.helper = helper;
	oracle.virt = *model_virt(vendor);
	oracle.virt.ticks = decided;
	oracle.virt.run_guest = run_guest;
}

void oracle_know(enum mutant mutant, bool known)
{
	oracle.known[mutant] = known;
}

bool oracle_knows(enum mutant mutant)
{
	return oracle.known[mutant];
}

static void tell_who_decided(struct tale *tale)
{
	unsigned exit = 0;

	for (unsigned i = 0; i < tale->count; i++)
		if (tale->items[i].value[TALE_KIND] == EVENT_EXIT && exit < oracle.exits)
			tale->items[i].decided = oracle.exit_decided[exit++];
}

/* One mistake more; one that is known is one less. */
static void break_model(enum mutant one_more)
{
	mutants_clear();
	for (enum mutant mutant = 0; mutant < MUTANTS; mutant++)
		if (oracle.known[mutant] != (mutant == one_more))
			mutants_break(mutant);
}

static void tell(const struct program *program, enum mutant one_more, uint32_t choices,
		 struct tale *tale)
{
	const struct virt *machine = virt;

	break_model(one_more);
	open_choose(choices);
	oracle.exits = 0;
	model_power_on(oracle.vendor, oracle.helper);
	virt = &oracle.virt;
	execute(program, tale);
	virt = machine;
	oracle.open = open_asked();
	tell_who_decided(tale);
}

void oracle_tell(const struct program *program, enum mutant one_more, struct tale *tale)
{
	tell(program, one_more, oracle.choices, tale);
}

bool oracle_asked(enum mutant mutant)
{
	return mutants_was_asked(mutant);
}

/* --- what the manuals leave open --- */

static void note_choice(uint32_t choices)
{
	oracle.choices = (oracle.choices & ~oracle.open) | (choices & oracle.open);
	oracle.seen_yes |= choices & oracle.open;
	oracle.seen_no |= ~choices & oracle.open;
}

/* Each set of choices but the one that was tried, out of those that the program comes to. */
static bool other_choice_agrees(const struct program *program, const struct tale *got)
{
	static struct tale told;
	struct tale_difference difference;
	uint32_t first = oracle.choices, open = oracle.open;

	for (uint32_t flip = open; flip; flip = (flip - 1) & open) {
		tell(program, MUTANTS, first ^ flip, &told);
		if (!tale_differs(&told, got, &difference)) {
			oracle.open |= open;
			note_choice(first ^ flip);
			return true;
		}
	}
	return false;
}

bool oracle_objects(const struct program *program, const struct tale *got, struct tale *expected,
		    struct tale_difference *difference)
{
	oracle_tell(program, MUTANTS, expected);
	if (!tale_differs(expected, got, difference))
		return false;
	if (other_choice_agrees(program, got))
		return false;
	oracle_tell(program, MUTANTS, expected);
	return true;
}

bool oracle_explains(const struct program *program, enum mutant mutant, const struct tale *got)
{
	static struct tale told;
	struct tale_difference difference;

	oracle_tell(program, mutant, &told);
	return !tale_differs(&told, got, &difference);
}

const char *oracle_choices_text(char *buffer, size_t size)
{
	size_t length = 0;

	buffer[0] = 0;
	for (enum open open = 0; open < OPENS && length < size; open++) {
		uint32_t bit = 1U << open;
		if (!(oracle.seen_yes & bit))
			continue;
		length += print_to(buffer + length, size - length, " %s=%s%s",
				   rule_name(open_text[open].rule), open_text[open].name,
				   oracle.seen_no & bit ? ":at-times" : "");
	}
	return buffer;
}
