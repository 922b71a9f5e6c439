/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/generate.h"

#include <stddef.h>

#include "explore/alphabet.h"
#include "div64.h"
#include "explore/text.h"
#include "nmi/event_info.h"
#include "x86/trap.h"

enum {
	KEPT = 256,
	LENGTH_MIN = 2, /* operations of a new program */
	LENGTHS = 7,
	EDITS = 3,
	SECOND_CHANCES = 8, /* to draw a step that this machine has */
};

static uint32_t state = 1;
static struct program kept[KEPT];
static unsigned kept_count, kept_next;

void generate_start(uint32_t seed)
{
	state = seed ? seed * 2654435761U : 1; /* Knuth's multiplier: seeds that are close differ */
	kept_count = kept_next = 0;
}

/* Marsaglia, "Xorshift RNGs", 2003. */
static uint32_t next_random(void)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

static unsigned below(unsigned count)
{
	return (next_random() >> 8) % count;
}

static bool one_in(unsigned count)
{
	return !below(count);
}

/* --- one operation --- */

static void add_random_step(struct operation *operation)
{
	enum party who = operation->kind == DO_HOST ? HOST : GUEST;
	enum step step = NOP;

	for (unsigned i = 0; i < SECOND_CHANCES; i++) {
		step = one_in(4) ? HLT : one_in(3) ? IRET : below(STEPS);
		if (alphabet_has_step(step, who))
			break;
		step = NOP;
	}
	operation_add_step(operation, step, step == HLT ? below(PROGRAM_NMIS_MAX) : 0);
}

static void set_steps(struct operation *operation)
{
	unsigned count = below(4) + (operation->kind == DO_HOST);

	for (unsigned i = 0; i < count; i++)
		add_random_step(operation);
}

/* Mostly what an entry accepts: virtual NMIs with NMI exiting, the window with virtual NMIs. */
static uint64_t random_flags(void)
{
	uint64_t flags = alphabet_random_flags(next_random);

	if (flags & NMI_WINDOW_EXITING && !one_in(8))
		flags |= VIRTUAL_NMIS;
	if (flags & VIRTUAL_NMIS && !one_in(8))
		flags |= NMI_EXITING;
	if (flags & BLOCKED_BY_STI && !one_in(8))
		flags = (flags & ~(uint64_t)BLOCKED_BY_MOV_SS) | INTERRUPTS_ON;
	return flags;
}

/* What is injected; the software events' instructions are those of the guest's first step. */
static const struct {
	enum event_type type;
	uint8_t vector, often, length;
	unsigned long needs;
} injections[] = {
	{TYPE_NMI, VECTOR_NMI, 10, 0, 0},
	{TYPE_EXTERNAL_INTERRUPT, VECTOR_IRQ, 6, 0, 0},
	{TYPE_EXTERNAL_INTERRUPT, VECTOR_NMI, 1, 0, 0},
	{TYPE_EXCEPTION, 6, 3, 0, 0},
	{TYPE_EXCEPTION, VECTOR_DB, 1, 0, 0},
	{TYPE_EXCEPTION, VECTOR_DF, 2, 0, 0},
	{TYPE_EXCEPTION, VECTOR_GP, 3, 0, 0},
	{TYPE_EXCEPTION, VECTOR_PF, 1, 0, 0},
	{TYPE_EXCEPTION, 18, 1, 0, 0},
	{TYPE_EXCEPTION, VECTOR_NMI, 1, 0, 0},
	{TYPE_EXCEPTION, VECTOR_BP, 3, 1, HAS_SVM},
	{TYPE_SOFTWARE_INTERRUPT, VECTOR_INTN, 4, 2, 0},
	{TYPE_SOFTWARE_INTERRUPT, VECTOR_NMI, 1, 2, 0},
	{TYPE_PRIVILEGED_EXCEPTION, VECTOR_DB, 2, 1, HAS_VMX},
	{TYPE_SOFTWARE_EXCEPTION, VECTOR_BP, 3, 1, HAS_VMX},
	{TYPE_OTHER_EVENT, 0, 3, 0, HAS_VMX},
	{TYPE_OTHER_EVENT, FRED_VECTOR_SYSCALL, 3, 2, HAS_VMX | HAS_FRED_GUEST},
	{1, VECTOR_IRQ, 1, 0, 0},
};

enum { INJECTIONS = sizeof(injections) / sizeof(injections[0]) };

static unsigned draw_injection(void)
{
	for (;;) {
		unsigned i = below(INJECTIONS);
		if (below(10) < injections[i].often && !(injections[i].needs & ~virt_features))
			return i;
	}
}

/* Wrong ones only where the entry checks them: what is delivered must be what the handlers expect.
 */
static void spoil_injection(struct operation *operation)
{
	if (!(virt_features & HAS_VMX) || !one_in(10))
		return;
	enum event_type type = event_type(operation->value);
	bool checked = type == TYPE_NMI || type == TYPE_EXCEPTION || type == TYPE_OTHER_EVENT;
	if (one_in(3))
		operation->value |= 1U << (12 + below(19));
	else if (checked && one_in(2))
		operation->value = EVENT_INFO(type, VECTOR_IRQ);
	else if (one_in(2) && virt_features & HAS_STRICT_ERROR_CODES)
		operation->value ^= INFO_ERROR_CODE;
	else if (operation->length)
		operation->length = one_in(2) && !(virt_features & HAS_ZERO_LENGTH) ? 0 : 16;
}

static void set_injection(struct operation *operation)
{
	unsigned i = draw_injection();
	enum event_type type = injections[i].type;
	unsigned vector = injections[i].vector;
	bool pushes = event_has_error_code(type, vector);

	operation->value = EVENT_INFO(type, vector) | (pushes ? INFO_ERROR_CODE : 0);
	operation->length = injections[i].length;
	if (type == TYPE_EXCEPTION && virt_features & HAS_NESTED_EXCEPTIONS && one_in(4))
		operation->value |= INFO_NESTED;
	spoil_injection(operation);
}

/* With vectors around those that come. */
static unsigned random_idt_end(void)
{
	static const uint8_t ends[] = {1, 2, 3, 4, 6, 8, 9, 13, 14, 32, 33, 48, 80};

	return ends[below(sizeof(ends))];
}

static void fill(struct operation *operation)
{
	switch ((enum operation_kind)operation->kind) {
	case DO_HOST:
		if (one_in(2))
			operation_add_step(operation, HLT, 1);
		else
			set_steps(operation);
		break;
	case DO_ENTER:
		set_steps(operation);
		break;
	case DO_SET:
		operation->value = random_flags();
		break;
	case DO_INJECT:
		set_injection(operation);
		break;
	case DO_ARRIVE:
		operation->value = one_in(4) ? 0 : 1 + one_in(4);
		break;
	case DO_LATER:
		operation->value = below(3);
		break;
	case DO_SELF:
		operation->value = one_in(2) ? BY_BROADCAST : BY_PHYSICAL_ID;
		break;
	case DO_ACTIVITY:
		operation->value = one_in(10) ? ACTIVITY_RESERVED : below(4);
		break;
	case DO_UNMAP:
	case DO_MAP:
	case DO_RENEW:
		operation->value = below(OTHER_PAGE);
		break;
	case DO_IDT:
		operation->value = random_idt_end();
		break;
	case DO_CLEAN:
		operation->value = one_in(2) ? 0x1fff : 1U << below(13);
		break;
	case DO_PRIORITY:
		operation->value = below(256);
		break;
	case DO_USE:
		operation->value = below(GUESTS);
		break;
	case DO_FRED:
		operation->value = below(FRED_VALUES) | (one_in(2) ? FRED_HOST | FRED_GUEST : 0);
		break;
	default:
		break;
	}
}

/* How often of 40. */
static const uint8_t weights[OPERATIONS] = {
	[DO_HOST] = 9,     [DO_ENTER] = 20, [DO_RESUME] = 7, [DO_SET] = 12,     [DO_INJECT] = 8,
	[DO_REINJECT] = 2, [DO_ARRIVE] = 8, [DO_SELF] = 1,   [DO_ACTIVITY] = 3, [DO_UNMAP] = 3,
	[DO_MAP] = 2,      [DO_RENEW] = 2,  [DO_IDT] = 3,    [DO_CLEAN] = 1,    [DO_PRIORITY] = 2,
	[DO_USE] = 2,      [DO_LATER] = 1,  [DO_SIPI] = 1,   [DO_FRED] = 5,
};

static enum operation_kind draw_kind(void)
{
	unsigned kinds = virt_features & HAS_FRED ? OPERATIONS : DO_FRED;

	for (;;) {
		unsigned kind = below(kinds);
		if (below(40) < weights[kind])
			return kind;
	}
}

/* What is set up is used, more often than not. */
static enum operation_kind draw_next_kind(enum operation_kind before)
{
	bool sets_up = before == DO_INJECT || before == DO_ACTIVITY || before == DO_IDT ||
		       before == DO_UNMAP || before == DO_SIPI || before == DO_LATER;

	if (before == DO_SET && one_in(3))
		return DO_INJECT;
	if (before == DO_SET && virt_features & HAS_VMX && one_in(8))
		return DO_ACTIVITY;
	if ((before == DO_SET && one_in(2)) || (sets_up && !one_in(4)))
		return DO_ENTER;
	return draw_kind();
}

static void insert_random(struct program *program, unsigned i)
{
	enum operation_kind before = i ? program->operations[i - 1].kind : OPERATIONS;
	struct operation *operation = program_insert(program, i, draw_next_kind(before));

	if (operation)
		fill(operation);
}

/* --- what goes together --- */

/* A software event is injected where an instruction of its length comes first. */
static void fit_first_step(const struct operation *injection, struct operation *entry)
{
	static const uint8_t steps[] = {NOP, INT3, INTN, VMCALL};
	unsigned length = injection->length;

	if (!length || length > 3)
		return;
	if (!entry->count)
		operation_add_step(entry, NOP, 0);
	entry->steps[0] = length == 1 && one_in(2) ? INT3 : steps[length == 1 ? 0 : length];
	entry->nmis[0] = 0;
}

/* Ring 3 is for NOPs behind an injection. */
static void fit_ring_3(struct operation *settings, const struct operation *injection,
		       struct operation *entry)
{
	if (!settings || !(settings->value & RING_3))
		return;
	if (!injection || event_type(injection->value) == TYPE_OTHER_EVENT)
		settings->value &= ~(uint64_t)RING_3;
	for (unsigned i = 0; i < entry->count; i++) {
		entry->steps[i] = NOP;
		entry->nmis[i] = 0;
	}
}

/* Pages are missing with nested paging; what a short IDT leads to shows in intercepts. */
static void fit_settings(const struct program *program, struct operation *settings)
{
	bool pages = program_has(program, DO_UNMAP) || program_has(program, DO_RENEW);
	uint64_t wanted = pages && !one_in(4) ? NESTED_PAGING : 0;

	if (program_has(program, DO_IDT) && one_in(3))
		wanted |= one_in(2) ? INTERCEPT_DF : INTERCEPT_GP;
	settings->value |= wanted & alphabet_flags();
}

static void fit(struct program *program)
{
	const struct operation *injection = NULL;
	struct operation *settings = NULL;

	for (unsigned i = 0; i < program->count; i++) {
		struct operation *operation = &program->operations[i];
		if (operation->kind == DO_SET) {
			settings = operation;
			injection = NULL;
			fit_settings(program, settings);
		} else if (operation->kind == DO_INJECT) {
			injection = operation;
		} else if (operation->kind == DO_ENTER) {
			fit_ring_3(settings, injection, operation);
			if (injection && event_type(injection->value) != TYPE_EXTERNAL_INTERRUPT)
				fit_first_step(injection, operation);
			injection = NULL;
		}
	}
}

/* --- whole programs --- */

void generate_random(struct program *program)
{
	unsigned count = LENGTH_MIN + below(LENGTHS);

	program->count = 0;
	while (program->count < count)
		insert_random(program, program->count);
	fit(program);
}

static void change_operation(struct operation *operation)
{
	if (operation->kind == DO_SET && !one_in(4))
		operation->value ^= alphabet_random_flag(next_random);
	else if (operation_has_steps(operation) && operation->count && one_in(2))
		operation_remove_step(operation, below(operation->count));
	else if (operation_has_steps(operation))
		add_random_step(operation);
	else
		fill(operation);
}

/* The end of it is that of another one. */
static void cross(struct program *program)
{
	const struct program *other = &kept[below(kept_count)];
	unsigned from = below(other->count);

	program->count = below(program->count + 1);
	for (unsigned i = from; i < other->count && program->count < PROGRAM_MAX; i++)
		program->operations[program->count++] = other->operations[i];
}

static void edit(struct program *program)
{
	unsigned i = below(program->count);

	switch (below(5)) {
	case 0:
		cross(program);
		break;
	case 1:
		if (program->count > 1)
			program_remove(program, i);
		break;
	case 2:
		change_operation(&program->operations[i]);
		break;
	default:
		insert_random(program, below(program->count + 1));
	}
	if (!program->count)
		insert_random(program, 0);
}

void generate_next(struct program *program)
{
	if (!kept_count || one_in(3)) {
		generate_random(program);
		return;
	}
	*program = kept[below(kept_count)];
	for (unsigned i = below(EDITS) + 1; i; i--)
		edit(program);
	fit(program);
}

void generate_keep(const struct program *program)
{
	kept[kept_next] = *program;
	kept_next = (kept_next + 1) % KEPT;
	kept_count += kept_count < KEPT;
}

/* --- all of them --- */

static unsigned count_letters(void)
{
	unsigned count = 0;

	while (alphabet_letter(count))
		count++;
	return count;
}

uint64_t generate_all_count(unsigned most)
{
	uint64_t count = 0, power = 1;

	for (unsigned i = 0; i < most; i++) {
		power *= count_letters();
		count += power;
	}
	return count;
}

static void append_letter(struct program *program, unsigned letter)
{
	struct program one;
	size_t place;

	if (!text_parse(&one, alphabet_letter(letter), &place))
		program->operations[program->count++] = one.operations[0];
}

bool generate_all(struct program *program, unsigned most, uint64_t i)
{
	unsigned letters = count_letters(), length = 1;
	uint64_t power = letters;

	program->count = 0;
	for (; i >= power && length <= most; length++) {
		i -= power;
		power *= letters;
	}
	for (unsigned k = 0; k < length && length <= most; k++) {
		append_letter(program, div64(&i, letters));
	}
	return length <= most && length <= PROGRAM_MAX;
}
