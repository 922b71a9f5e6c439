/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/text.h"

#include "explore/alphabet.h"
#include "nmi/event_info.h"
#include "serial/print.h"
#include "string.h"
#include "x86/trap.h"

static const char *const page_words[OTHER_PAGE] = {
	[GUEST_IDT] = "idt",
	[GUEST_STACK] = "stack",
	[GUEST_LDT] = "ldt",
	[GUEST_HANDLERS] = "handlers",
};

static const char *const activity_words[] = {"active", "hlt", "shutdown", "sipi", "reserved"};

enum { ACTIVITIES = sizeof(activity_words) / sizeof(activity_words[0]) };

/* Injections that have a word of their own. */
static const struct {
	const char *word;
	uint32_t event;
} events[] = {
	{"nmi", EVENT_INFO(TYPE_NMI, VECTOR_NMI)},
	{"irq", EVENT_INFO(TYPE_EXTERNAL_INTERRUPT, VECTOR_IRQ)},
	{"mtf", EVENT_INFO(TYPE_OTHER_EVENT, 0)},
};

static const char *const return_words[] = {"", "e", "m", "u"};

enum { EVENTS = sizeof(events) / sizeof(events[0]) };

#define RESERVED_SHIFT 12 /* of an injection's bits 30:12 */
#define RESERVED_MASK  0x7ffffU

/* "HLT" is hlt, "BAD_IRET" is badiret. */
static void step_word(char *word, size_t size, enum step step)
{
	size_t length = 0;

	for (const char *name = step_name(step); *name && length + 1 < size; name++)
		if (*name != '_')
			word[length++] = *name >= 'A' && *name <= 'Z' ? *name + 'a' - 'A' : *name;
	word[length] = 0;
}

/* --- printing --- */

struct printer {
	char *buffer;
	size_t size, length;
};

__attribute__((format(printf, 2, 3))) static void put(struct printer *out, const char *format, ...)
{
	va_list arguments;

	if (out->length >= out->size)
		return;
	va_start(arguments, format);
	out->length +=
		vprint_to(out->buffer + out->length, out->size - out->length, format, arguments);
	va_end(arguments);
}

static void put_steps(struct printer *out, const struct operation *operation)
{
	char word[24];

	for (unsigned i = 0; i < operation->count; i++) {
		step_word(word, sizeof(word), operation->steps[i]);
		put(out, "%c%s%s", i ? '/' : ':', word, operation->nmis[i] ? "+" : "");
		for (unsigned n = 0; n < operation->nmis[i]; n++)
			put(out, "n");
	}
}

static void put_flags(struct printer *out, uint64_t value)
{
	char code[8];

	put(out, "g:");
	for (unsigned bit = 0; bit < 64; bit++)
		if (value >> bit & 1)
			put(out, "%s", alphabet_flag_code(code, sizeof(code), bit));
}

static void put_event(struct printer *out, const struct operation *operation)
{
	uint32_t event = operation->value;
	bool pushes = event_has_error_code(event_type(event), event_vector(event));
	unsigned reserved = event >> RESERVED_SHIFT & RESERVED_MASK, i = 0;

	while (i < EVENTS && events[i].event != event)
		i++;
	if (i < EVENTS)
		put(out, "i:%s", events[i].word);
	else
		put(out, "i:%x.%x", event_type(event), event_vector(event));
	if (pushes != !!(event & INFO_ERROR_CODE))
		put(out, "x");
	if (operation->length)
		put(out, "L%u", operation->length);
	if (reserved)
		put(out, "+%u", reserved);
}

static void put_fred(struct printer *out, unsigned value)
{
	put(out, "f:%s%s%s", FRED_PARTIES(value) & FRED_HOST ? "h" : "",
	    FRED_PARTIES(value) & FRED_GUEST ? "g" : "", return_words[FRED_HOW(value)]);
	if (FRED_LEVEL(value))
		put(out, "%u", FRED_LEVEL(value));
}

static bool is_host_takes_nmi(const struct operation *operation)
{
	return operation->kind == DO_HOST && operation->count == 1 && operation->steps[0] == HLT &&
	       operation->nmis[0] == 1;
}

static const char number_letters[OPERATIONS] = {
	[DO_ARRIVE] = 'n', [DO_IDT] = 'd', [DO_USE] = 'u', [DO_LATER] = 'l'};

static void put_operation(struct printer *out, const struct operation *operation)
{
	unsigned value = operation->value;

	switch ((enum operation_kind)operation->kind) {
	case DO_HOST:
	case DO_ENTER:
		put(out, operation->kind == DO_HOST ? "h" : "e");
		if (is_host_takes_nmi(operation))
			put(out, "n");
		else
			put_steps(out, operation);
		break;
	case DO_RESUME:
		put(out, "r");
		break;
	case DO_SET:
		put_flags(out, operation->value);
		break;
	case DO_INJECT:
		put_event(out, operation);
		break;
	case DO_REINJECT:
		put(out, "j");
		break;
	case DO_SELF:
		put(out, operation->value == BY_BROADCAST ? "sb" : "s");
		break;
	case DO_ACTIVITY:
		put(out, "a:%s", activity_words[value % ACTIVITIES]);
		break;
	case DO_UNMAP:
	case DO_MAP:
	case DO_RENEW:
		put(out, "%c%s", "-+*"[operation->kind - DO_UNMAP], page_words[value % OTHER_PAGE]);
		break;
	case DO_IDT:
	case DO_USE:
	case DO_LATER:
	case DO_ARRIVE:
		put(out, "%c%u", number_letters[operation->kind], value);
		break;
	case DO_CLEAN:
		put(out, "c:%x", value);
		break;
	case DO_PRIORITY:
		put(out, "q:%02x", value);
		break;
	case DO_SIPI:
		put(out, "sipi");
		break;
	case DO_FRED:
		put_fred(out, value);
		break;
	case OPERATIONS:
		break;
	}
}

const char *text_print(char *buffer, size_t size, const struct program *program)
{
	struct printer out = {buffer, size, 0};

	if (size)
		buffer[0] = 0;
	for (unsigned i = 0; i < program->count; i++) {
		put(&out, i ? "," : "");
		put_operation(&out, &program->operations[i]);
	}
	return buffer;
}

/* --- parsing --- */

struct parser {
	const char *at;
	const char *why;
};

static bool fail(struct parser *in, const char *why)
{
	if (!in->why)
		in->why = why;
	return false;
}

static bool is_separator(char c)
{
	return c == ',' || c == ' ';
}

static bool at_end(const struct parser *in)
{
	return !*in->at || is_separator(*in->at);
}

static bool skip(struct parser *in, char c)
{
	if (*in->at != c)
		return false;
	in->at++;
	return true;
}

static bool is_word_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The whole word that comes next. */
static bool skip_word(struct parser *in, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(in->at, word, length) || is_word_character(in->at[length]))
		return false;
	in->at += length;
	return true;
}

static unsigned digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10U : 16;
}

static bool parse_number(struct parser *in, unsigned base, uint32_t max, uint64_t *number)
{
	const char *start = in->at;

	for (*number = 0; digit(*in->at) < base; in->at++) {
		*number = *number * base + digit(*in->at);
		if (*number > max)
			return fail(in, "the number is too large");
	}
	return in->at > start || fail(in, "a number is missing");
}

static bool parse_word(struct parser *in, const char *const *words, unsigned count, uint64_t *which,
		       const char *why)
{
	for (*which = 0; *which < count; ++*which)
		if (skip_word(in, words[*which]))
			return true;
	return fail(in, why);
}

static bool parse_step(struct parser *in, struct operation *operation)
{
	char word[24];
	unsigned nmis = 0;
	enum step step;

	for (step = 0; step < STEPS; step++) {
		step_word(word, sizeof(word), step);
		if (skip_word(in, word))
			break;
	}
	if (step == STEPS)
		return fail(in, "there is no such step");
	if (skip(in, '+'))
		while (skip(in, 'n'))
			nmis++;
	if (nmis > PROGRAM_NMIS_MAX || (nmis && step != HLT))
		return fail(in, "only hlt takes NMIs, three at most");
	return operation_add_step(operation, step, nmis) || fail(in, "too many steps");
}

static bool parse_steps(struct parser *in, struct operation *operation)
{
	if (at_end(in))
		return true;
	if (operation->kind == DO_HOST && skip(in, 'n'))
		return operation_add_step(operation, HLT, 1);
	if (!skip(in, ':'))
		return fail(in, "a colon and steps are missing");
	do {
		if (!parse_step(in, operation))
			return false;
	} while (skip(in, '/'));
	return true;
}

/* A code is a capital letter and what follows it up to the next one. */
static bool parse_flag(struct parser *in, uint64_t *flags)
{
	char code[8];
	unsigned length = 1, bit;

	while (is_word_character(in->at[length]) &&
	       !(in->at[length] >= 'A' && in->at[length] <= 'Z'))
		length++;
	for (bit = 0; bit < 64; bit++) {
		const char *known = alphabet_flag_code(code, sizeof(code), bit);
		if (strlen(known) == length && !memcmp(in->at, known, length))
			break;
	}
	if (bit == 64)
		return fail(in, "there is no such setting");
	*flags |= 1ULL << bit;
	in->at += length;
	return true;
}

static bool parse_flags(struct parser *in, struct operation *operation)
{
	if (!skip(in, ':'))
		return fail(in, "a colon and settings are missing");
	while (!at_end(in))
		if (!parse_flag(in, &operation->value))
			return false;
	return true;
}

static bool parse_event(struct parser *in, uint32_t *event)
{
	uint64_t type, vector;

	for (unsigned i = 0; i < EVENTS; i++)
		if (!strncmp(in->at, events[i].word, 3)) {
			in->at += 3;
			*event = events[i].event;
			return true;
		}
	if (!parse_number(in, 8, 7, &type) ||
	    !(skip(in, '.') || fail(in, "a full stop is missing")))
		return false;
	if (!parse_number(in, 16, 0xff, &vector))
		return false;
	*event = EVENT_INFO(type, vector);
	return true;
}

static bool parse_injection(struct parser *in, struct operation *operation)
{
	uint64_t number;
	uint32_t event;

	if (!(skip(in, ':') || fail(in, "a colon and an event are missing")) ||
	    !parse_event(in, &event))
		return false;
	if (event_has_error_code(event_type(event), event_vector(event)) != skip(in, 'x'))
		event |= INFO_ERROR_CODE;
	if (skip(in, 'L')) {
		if (!parse_number(in, 10, 255, &number))
			return false;
		operation->length = number;
	}
	if (skip(in, '+')) {
		if (!parse_number(in, 10, RESERVED_MASK, &number))
			return false;
		event |= number << RESERVED_SHIFT;
	}
	operation->value = event;
	return true;
}

static bool parse_page(struct parser *in, struct operation *operation)
{
	return parse_word(in, page_words, OTHER_PAGE, &operation->value,
			  "pages are idt stack ldt handlers");
}

static bool parse_activity(struct parser *in, struct operation *operation)
{
	return (skip(in, ':') || fail(in, "a colon and a state are missing")) &&
	       parse_word(in, activity_words, ACTIVITIES, &operation->value,
			  "states are active hlt shutdown sipi reserved");
}

static bool parse_nmis(struct parser *in, struct operation *operation)
{
	return parse_number(in, 10, PROGRAM_NMIS_MAX, &operation->value);
}

static bool parse_self(struct parser *in, struct operation *operation)
{
	operation->value = skip(in, 'b') ? BY_BROADCAST : BY_PHYSICAL_ID;
	return true;
}

static bool parse_vector(struct parser *in, struct operation *operation)
{
	return parse_number(in, 10, 255, &operation->value);
}

static bool parse_clean(struct parser *in, struct operation *operation)
{
	return (skip(in, ':') || fail(in, "a colon and bits are missing")) &&
	       parse_number(in, 16, 0xffff, &operation->value);
}

static bool parse_priority(struct parser *in, struct operation *operation)
{
	return (skip(in, ':') || fail(in, "a colon, a priority and a TPR are missing")) &&
	       parse_number(in, 16, 0xff, &operation->value);
}

static bool parse_fred(struct parser *in, struct operation *operation)
{
	unsigned parties, how = 0;
	uint64_t level = 0;

	if (!skip(in, ':'))
		return fail(in, "a colon and parties are missing");
	parties = skip(in, 'h') ? FRED_HOST : 0;
	parties |= skip(in, 'g') ? FRED_GUEST : 0;
	for (unsigned i = 1; i < 4; i++)
		if (skip(in, *return_words[i]))
			how = i;
	if (!at_end(in) && !parse_number(in, 10, FRED_LEVELS - 1, &level))
		return false;
	operation->value = FRED_VALUE(parties, how, (unsigned)level);
	return true;
}

static bool parse_guest(struct parser *in, struct operation *operation)
{
	return parse_number(in, 10, GUESTS - 1, &operation->value);
}

/* The longer ones first. */
static const struct {
	const char *begin;
	uint8_t kind;
	bool (*parse)(struct parser *in,
		      struct operation *operation); /* what follows, if anything */
} forms[] = {
	{"sipi", DO_SIPI, NULL},
	{"h", DO_HOST, parse_steps},
	{"e", DO_ENTER, parse_steps},
	{"r", DO_RESUME, NULL},
	{"g", DO_SET, parse_flags},
	{"i", DO_INJECT, parse_injection},
	{"j", DO_REINJECT, NULL},
	{"l", DO_LATER, parse_nmis},
	{"n", DO_ARRIVE, parse_nmis},
	{"s", DO_SELF, parse_self},
	{"a", DO_ACTIVITY, parse_activity},
	{"-", DO_UNMAP, parse_page},
	{"+", DO_MAP, parse_page},
	{"*", DO_RENEW, parse_page},
	{"d", DO_IDT, parse_vector},
	{"c", DO_CLEAN, parse_clean},
	{"q", DO_PRIORITY, parse_priority},
	{"u", DO_USE, parse_guest},
	{"f", DO_FRED, parse_fred},
};

static bool parse_operation(struct parser *in, struct program *program)
{
	for (unsigned i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		size_t length = strlen(forms[i].begin);
		if (strncmp(in->at, forms[i].begin, length))
			continue;
		struct operation *operation = program_add(program, forms[i].kind);
		if (!operation)
			return fail(in, "too many operations");
		in->at += length;
		if (forms[i].parse && !forms[i].parse(in, operation))
			return false;
		return at_end(in) || fail(in, "the operation goes on after its end");
	}
	return fail(in, "there is no such operation");
}

const char *text_parse(struct program *program, const char *text, size_t *place)
{
	struct parser in = {text, NULL};

	memset(program, 0, sizeof(*program));
	for (;;) {
		while (is_separator(*in.at))
			in.at++;
		if (!*in.at)
			break;
		if (!parse_operation(&in, program))
			break;
	}
	*place = in.at - text;
	if (!in.why && !program->count)
		return "there is no operation";
	return in.why;
}
