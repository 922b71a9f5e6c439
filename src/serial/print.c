/* SPDX-License-Identifier: BSD-2-Clause */
#include "serial/print.h"

#include "div64.h"
#include "serial/console.h"
#include "string.h"

#include <stdbool.h>
#include <stdint.h>

enum { PIECE = 128, DIGITS = 24 };

/* Where the text goes: a buffer which is either emptied to the console when full, or overflows. */
struct output {
	char *buffer;
	size_t size, used, wanted;
	bool to_console;
};

/* A va_list may be an array type; inside of a struct it can be passed by address. */
struct arguments {
	va_list list;
};

struct conversion {
	bool left, zero, alternate, has_precision;
	unsigned width, precision;
	unsigned bytes; /* of an integer */
};

static void drain(struct output *out)
{
	console_write(out->buffer, out->used);
	out->used = 0;
}

static void put(struct output *out, char c)
{
	out->wanted++;
	if (out->to_console && out->used == out->size)
		drain(out);
	if (out->used < out->size)
		out->buffer[out->used++] = c;
}

static void put_text(struct output *out, const char *text, size_t length)
{
	while (length--)
		put(out, *text++);
}

static void put_fill(struct output *out, char c, unsigned width, size_t length)
{
	for (size_t i = length; i < width; i++)
		put(out, c);
}

/* Prefix and body in their field; the zeros of the 0 flag go between the two. */
static void put_field(struct output *out, const struct conversion *conversion, const char *prefix,
		      const char *body, size_t body_length)
{
	size_t length = strlen(prefix) + body_length;

	if (!conversion->left && !conversion->zero)
		put_fill(out, ' ', conversion->width, length);
	put_text(out, prefix, strlen(prefix));
	if (!conversion->left && conversion->zero)
		put_fill(out, '0', conversion->width, length);
	put_text(out, body, body_length);
	if (conversion->left)
		put_fill(out, ' ', conversion->width, length);
}

static void put_string(struct output *out, struct conversion *conversion, const char *text)
{
	size_t length = 0;

	if (!text)
		text = "(null)";
	while ((!conversion->has_precision || length < conversion->precision) && text[length])
		length++;
	conversion->zero = false;
	put_field(out, conversion, "", text, length);
}

static void put_number(struct output *out, struct conversion *conversion, const char *prefix,
		       uint64_t value, unsigned base, const char *digit)
{
	char digits[DIGITS];
	unsigned first = DIGITS;

	do
		digits[--first] = digit[div64(&value, base)];
	while (value);
	/* A precision is the least number of digits; more than fit here is nobody's need. */
	while (conversion->has_precision && DIGITS - first < conversion->precision && first)
		digits[--first] = '0';
	if (conversion->has_precision)
		conversion->zero = false;
	put_field(out, conversion, prefix, digits + first, DIGITS - first);
}

static uint64_t take(struct arguments *arguments, unsigned bytes)
{
	return bytes == 8 ? va_arg(arguments->list, uint64_t) : va_arg(arguments->list, uint32_t);
}

static void put_signed(struct output *out, struct conversion *conversion,
		       struct arguments *arguments)
{
	unsigned unused = 64 - 8 * conversion->bytes;
	int64_t value = (int64_t)(take(arguments, conversion->bytes) << unused) >> unused;
	uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;

	put_number(out, conversion, value < 0 ? "-" : "", size, 10, "0123456789");
}

static void put_unsigned(struct output *out, struct conversion *conversion,
			 struct arguments *arguments, char letter)
{
	unsigned unused = 64 - 8 * conversion->bytes;
	uint64_t value = take(arguments, conversion->bytes) << unused >> unused;
	const char *digit = letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	const char *prefix = letter == 'X' ? "0X" : "0x";
	bool prefixed = letter == 'p' || (conversion->alternate && letter != 'u' && value);

	put_number(out, conversion, prefixed ? prefix : "", value, letter == 'u' ? 10 : 16, digit);
}

static unsigned parse_unsigned(const char **format)
{
	unsigned value = 0;

	while (**format >= '0' && **format <= '9')
		value = value * 10 + (unsigned)(*(*format)++ - '0');
	return value;
}

static bool skip(const char **format, char c)
{
	if (**format != c)
		return false;
	(*format)++;
	return true;
}

static void parse_flags(const char **format, struct conversion *conversion)
{
	for (;;) {
		if (skip(format, '-'))
			conversion->left = true;
		else if (skip(format, '0'))
			conversion->zero = true;
		else if (skip(format, '#'))
			conversion->alternate = true;
		else
			return;
	}
}

static unsigned parse_length(const char **format)
{
	if (skip(format, 'h'))
		return skip(format, 'h') ? 1 : 2;
	if (skip(format, 'l'))
		return skip(format, 'l') ? 8 : sizeof(long);
	if (skip(format, 'z'))
		return sizeof(size_t);
	return sizeof(int);
}

/* From behind the % up to the letter. */
static struct conversion parse(const char **format)
{
	struct conversion conversion = {0};

	parse_flags(format, &conversion);
	conversion.width = parse_unsigned(format);
	if (skip(format, '.')) {
		conversion.has_precision = true;
		conversion.precision = parse_unsigned(format);
	}
	conversion.bytes = parse_length(format);
	return conversion;
}

/* False: the letter is none of ours, and nothing has been taken or printed. */
static bool convert(struct output *out, struct conversion *conversion, char letter,
		    struct arguments *arguments)
{
	char c;

	switch (letter) {
	case 's':
		put_string(out, conversion, va_arg(arguments->list, const char *));
		return true;
	case 'c':
		c = (char)va_arg(arguments->list, int);
		conversion->zero = false;
		put_field(out, conversion, "", &c, 1);
		return true;
	case 'd':
	case 'i':
		put_signed(out, conversion, arguments);
		return true;
	case 'p':
		conversion->bytes = sizeof(void *);
		put_unsigned(out, conversion, arguments, letter);
		return true;
	case 'u':
	case 'x':
	case 'X':
		put_unsigned(out, conversion, arguments, letter);
		return true;
	case '%':
		put(out, '%');
		return true;
	default:
		return false;
	}
}

static void format_all(struct output *out, const char *format, struct arguments *arguments)
{
	while (*format) {
		const char *start = format++;

		if (*start != '%') {
			put(out, *start);
			continue;
		}
		struct conversion conversion = parse(&format);
		if (!convert(out, &conversion, *format, arguments)) {
			put_text(out, start, strlen(start));
			return;
		}
		format++;
	}
}

size_t vprint_to(char *buffer, size_t size, const char *format, va_list list)
{
	struct output out = {.buffer = buffer, .size = size ? size - 1 : 0};
	struct arguments arguments;

	va_copy(arguments.list, list);
	format_all(&out, format, &arguments);
	va_end(arguments.list);
	if (size)
		buffer[out.used] = 0;
	return out.wanted;
}

size_t print_to(char *buffer, size_t size, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	size_t length = vprint_to(buffer, size, format, list);
	va_end(list);
	return length;
}

void print(const char *format, ...)
{
	char piece[PIECE];
	struct output out = {.buffer = piece, .size = sizeof(piece), .to_console = true};
	struct arguments arguments;

	va_start(arguments.list, format);
	format_all(&out, format, &arguments);
	va_end(arguments.list);
	drain(&out);
}
