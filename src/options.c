/* SPDX-License-Identifier: BSD-2-Clause */
#include "options.h"

#include "death.h"
#include "serial/print.h"
#include "serial/uart.h"
#include "string.h"

enum {
	DEFAULT_COM_PORT = 0x3f8,
	LAST_COM_PORT = 0x10000 - 8, /* a UART has eight ports */
	SLOWEST_BAUD = 2,            /* 16 bits of divisor */
	WORD_SHOWN = 48,             /* characters of a bad word in its error */
};

/* One word of the command line while it is taken apart; at moves through the value. */
struct parser {
	struct options *options;
	const struct option *option;
	const char *at, *end;
	const char *why; /* the error, if it has not been understood */
};

struct option {
	const char *name;
	const char *form; /* of the value, for the list of what is known; NULL: min..max, or none */
	bool (*parse)(struct parser *parser);
	uint32_t min, max;
};

static bool fail(struct parser *parser, const char *why)
{
	parser->why = why;
	return false;
}

static bool skip(struct parser *parser, char c)
{
	if (parser->at == parser->end || *parser->at != c)
		return false;
	parser->at++;
	return true;
}

/* Is the value this text, to its end? */
static bool skip_all(struct parser *parser, const char *text, size_t length)
{
	if ((size_t)(parser->end - parser->at) != length || memcmp(parser->at, text, length))
		return false;
	parser->at = parser->end;
	return true;
}

static unsigned digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

static bool parse_digits(struct parser *parser, unsigned base, uint32_t min, uint32_t max,
			 uint32_t *number)
{
	const char *start = parser->at;
	uint64_t value = 0;

	for (; parser->at < parser->end && digit(*parser->at) < base; parser->at++)
		if (value <= UINT32_MAX)
			value = value * base + digit(*parser->at);
	if (parser->at == start)
		return fail(parser, "a number is missing");
	if (value < min || value > max)
		return fail(parser, "the number is out of range");
	*number = (uint32_t)value;
	return true;
}

/* Decimal or, after 0x, hexadecimal. */
static bool parse_number(struct parser *parser, uint32_t min, uint32_t max, uint32_t *number)
{
	bool hex = parser->end - parser->at >= 2 && !memcmp(parser->at, "0x", 2);

	parser->at += hex ? 2 : 0;
	return parse_digits(parser, hex ? 16 : 10, min, max, number);
}

static bool parse_range(struct parser *parser, uint32_t *first, uint32_t *last)
{
	uint32_t min = parser->option->min, max = parser->option->max;

	if (!parse_digits(parser, 10, min, max, first))
		return false;
	*last = *first;
	if (skip(parser, '-') && !parse_digits(parser, 10, min, max, last))
		return false;
	return *first <= *last || fail(parser, "a range runs backwards");
}

static bool parse_list(struct parser *parser, struct options_list *list)
{
	uint32_t first, last;

	list->count = 0;
	do {
		if (list->count == OPTIONS_RANGES)
			return fail(parser, "more ranges than the table holds");
		if (!parse_range(parser, &first, &last))
			return false;
		list->range[list->count].first = (uint16_t)first;
		list->range[list->count++].last = (uint16_t)last;
	} while (skip(parser, ','));
	return true;
}

/* The value's position among the words of the option's form, which are separated by '|'. */
static bool parse_choice(struct parser *parser, unsigned *choice)
{
	const char *word = parser->option->form;

	for (*choice = 0;; ++*choice) {
		size_t length = 0;
		while (word[length] && word[length] != '|')
			length++;
		if (skip_all(parser, word, length))
			return true;
		if (!word[length])
			return fail(parser, "the value is none of the choices");
		word += length + 1;
	}
}

static bool parse_exp(struct parser *parser)
{
	return parse_list(parser, &parser->options->experiments);
}

static bool parse_not(struct parser *parser)
{
	return parse_list(parser, &parser->options->excluded);
}

static bool parse_cpus(struct parser *parser)
{
	parser->options->cpus.count = 0;
	parser->options->all_cpus = skip_all(parser, "all", 3);
	return parser->options->all_cpus || parse_list(parser, &parser->options->cpus);
}

static bool parse_repeat(struct parser *parser)
{
	const struct option *option = parser->option;

	parser->options->repeat = 0;
	return skip_all(parser, "forever", 7) ||
	       parse_digits(parser, 10, option->min, option->max, &parser->options->repeat);
}

static bool parse_order(struct parser *parser)
{
	unsigned choice;

	if (!parse_choice(parser, &choice))
		return false;
	parser->options->random_order = choice == 1;
	return true;
}

static bool parse_seed(struct parser *parser)
{
	parser->options->seed_given = true;
	return parse_number(parser, 0, UINT32_MAX, &parser->options->seed);
}

static bool parse_verbose(struct parser *parser)
{
	parser->options->verbose = true;
	return true;
}

static bool parse_ticks(struct parser *parser)
{
	parser->options->ticks = true;
	return true;
}

static bool parse_com(struct parser *parser)
{
	uint32_t port = DEFAULT_COM_PORT, baud = UART_CLOCK;
	bool pci = parser->end - parser->at >= 3 && !memcmp(parser->at, "pci", 3);

	parser->options->com_pci = pci;
	if (skip_all(parser, "none", 4)) {
		parser->options->com_port = 0;
		return true;
	}
	if (pci)
		parser->at += 3;
	else if (!parse_number(parser, 1, LAST_COM_PORT, &port))
		return false;
	if (skip(parser, ',') && !parse_digits(parser, 10, SLOWEST_BAUD, UART_CLOCK, &baud))
		return false;
	if (UART_CLOCK % baud)
		return fail(parser, "the baud rate does not divide 115200");
	parser->options->com_port = (uint16_t)port;
	parser->options->com_baud = baud;
	return true;
}

static bool parse_exit(struct parser *parser)
{
	unsigned choice;

	if (!parse_choice(parser, &choice))
		return false;
	parser->options->exit = EXIT_QEMU + choice;
	return true;
}

static bool parse_timeout(struct parser *parser)
{
	const struct option *option = parser->option;

	return parse_digits(parser, 10, option->min, option->max, &parser->options->timeout);
}

static bool parse_explore(struct parser *parser)
{
	struct options_explore *explore = &parser->options->explore;

	explore->wanted = true;
	explore->programs = explore->all = 0;
	if (skip_all(parser, "forever", 7))
		return true;
	if (parser->end - parser->at > 4 && !memcmp(parser->at, "all,", 4)) {
		parser->at += 4;
		return parse_digits(parser, 10, 1, 8, &explore->all);
	}
	return parse_digits(parser, 10, 1, UINT32_MAX, &explore->programs);
}

/* The value as it is, without quotes around it. */
static bool parse_text(struct parser *parser, char *text, size_t size)
{
	const char *from = parser->at, *to = parser->end;

	parser->at = parser->end;
	if (to - from >= 2 && (*from == '\'' || *from == '"') && to[-1] == *from) {
		from++;
		to--;
	}
	if (from == to || (size_t)(to - from) >= size)
		return fail(parser, from == to ? "a text is missing" : "the text is too long");
	memcpy(text, from, (size_t)(to - from));
	text[to - from] = 0;
	return true;
}

static bool parse_prog(struct parser *parser)
{
	struct options_explore *explore = &parser->options->explore;

	return parse_text(parser, explore->program, sizeof(explore->program));
}

static bool parse_known(struct parser *parser)
{
	struct options_explore *explore = &parser->options->explore;

	return parse_text(parser, explore->known, sizeof(explore->known));
}

static bool parse_catalogue(struct parser *parser)
{
	unsigned choice;

	if (!parse_choice(parser, &choice))
		return false;
	parser->options->explore.without_seeds = choice == 1;
	return true;
}

static bool parse_time(struct parser *parser)
{
	const struct option *option = parser->option;

	return parse_digits(parser, 10, option->min, option->max,
			    &parser->options->explore.seconds);
}

static const struct option table[] = {
	{"exp", "LIST", parse_exp, 1, 999},
	{"not", "LIST", parse_not, 1, 999},
	{"cpus", "all|LIST", parse_cpus, 0, 4095},
	{"repeat", "1..1000000|forever", parse_repeat, 1, 1000000},
	{"order", "number|random", parse_order, 0, 0},
	{"seed", "NUMBER", parse_seed, 0, 0},
	{"verbose", NULL, parse_verbose, 0, 0},
	{"ticks", NULL, parse_ticks, 0, 0},
	{"com", "none|pci[,BAUD]|PORT[,BAUD]", parse_com, 0, 0},
	{"exit", "qemu|bochs|poweroff|reboot|halt", parse_exit, 0, 0},
	{"timeout", NULL, parse_timeout, 1, 3600},
	{"explore", "NUMBER|all,OPERATIONS|forever", parse_explore, 0, 0},
	{"catalogue", "yes|no", parse_catalogue, 0, 0},
	{"prog", "PROGRAM", parse_prog, 0, 0},
	{"known", "NAMES|auto|none", parse_known, 0, 0},
	{"time", NULL, parse_time, 1, 1000000},
};

enum { KNOWN = sizeof(table) / sizeof(table[0]) };

static bool takes_value(const struct option *option)
{
	return option->form || option->max;
}

/* One option at the end of a line of length used; returns the new length. */
static size_t describe(const struct option *option, char *error, size_t size, size_t used)
{
	char *end = used < size ? error + used : error;
	size_t left = used < size ? size - used : 0;

	if (option->form)
		return used + print_to(end, left, " %s=%s", option->name, option->form);
	if (takes_value(option))
		return used +
		       print_to(end, left, " %s=%u..%u", option->name, option->min, option->max);
	return used + print_to(end, left, " %s", option->name);
}

static void explain(char *error, size_t size, const char *word, size_t length, const char *why)
{
	char shown[WORD_SHOWN + 1];
	size_t kept = length < WORD_SHOWN ? length : WORD_SHOWN;

	memcpy(shown, word, kept);
	shown[kept] = 0;
	size_t used = print_to(error, size, "\"%s%s\": %s; known:", shown,
			       kept < length ? "..." : "", why);
	for (unsigned i = 0; i < KNOWN; i++)
		used = describe(&table[i], error, size, used);
}

static const struct option *find(const char *name, size_t length)
{
	for (unsigned i = 0; i < KNOWN; i++)
		if (strlen(table[i].name) == length && !memcmp(table[i].name, name, length))
			return &table[i];
	return NULL;
}

/* NULL, or why the word is bad. The options change only if all of it is good. */
static const char *parse_word(struct options *options, const char *word, const char *end)
{
	const char *equals = word;

	while (equals < end && *equals != '=')
		equals++;

	struct options changed = *options;
	struct parser parser = {.options = &changed, .end = end};
	parser.option = find(word, (size_t)(equals - word));
	if (!parser.option)
		return death_word(word, end) ? NULL : "unknown option";
	if (takes_value(parser.option) != (equals < end))
		return equals < end ? "takes no value" : "needs a value";
	parser.at = equals < end ? equals + 1 : end;
	if (!parser.option->parse(&parser))
		return parser.why;
	if (parser.at != end)
		return "the value goes on after its end";
	*options = changed;
	return NULL;
}

static bool is_file_name(const char *word, const char *end)
{
	bool name = false;

	for (; word < end; word++) {
		if (*word == '=')
			return false;
		name |= *word == '/' || *word == '.';
	}
	return name;
}

static bool is_blank(char c)
{
	return c && (unsigned char)c <= ' ';
}

/* Blanks within quotes are part of the word. */
static const char *end_of_word(const char *word)
{
	for (char quote = 0; *word && (quote || !is_blank(*word)); word++)
		if (*word == quote)
			quote = 0;
		else if (!quote && (*word == '\'' || *word == '"'))
			quote = *word;
	return word;
}

/* GRUB puts the whole word into quotes if it has a blank. */
static const char *parse_quoted_word(struct options *options, const char *word, const char *end)
{
	if (end - word >= 2 && *word == '"' && end[-1] == '"')
		return parse_word(options, word + 1, end - 1);
	return parse_word(options, word, end);
}

bool options_parse(struct options *options, const char *line, char *error, size_t size)
{
	bool good = true, first = true;

	*options = (struct options){.repeat = 1,
				    .com_port = DEFAULT_COM_PORT,
				    .com_baud = UART_CLOCK,
				    .timeout = 5};
	for (const char *end = line; *end; first = false) {
		const char *word = end;
		while (is_blank(*word))
			word++;
		end = end_of_word(word);
		if (word == end || (first && is_file_name(word, end)))
			continue;
		const char *why = parse_quoted_word(options, word, end);
		if (why && good)
			explain(error, size, word, (size_t)(end - word), why);
		good = good && !why;
	}
	return good;
}

static bool contains(const struct options_list *list, unsigned number)
{
	for (unsigned i = 0; i < list->count; i++)
		if (number >= list->range[i].first && number <= list->range[i].last)
			return true;
	return false;
}

bool options_selects(const struct options *options, unsigned number)
{
	if (contains(&options->excluded, number))
		return false;
	if (!options->experiments.count)
		return number < OPTIONS_SELF_TESTS;
	return contains(&options->experiments, number);
}

bool options_cpu(const struct options *options, unsigned index)
{
	if (options->all_cpus || !options->cpus.count)
		return options->all_cpus || index == 0;
	return contains(&options->cpus, index);
}
