/* SPDX-License-Identifier: BSD-2-Clause */
#include "serial/qr_codewords.h"

#include "serial/qr.h"
#include "string.h"

enum {
	MODE_ALPHANUMERIC = 2,
	MODE_BITS = 4,
	TERMINATOR_BITS = 4,
	PAIR_BITS = 11,
	SINGLE_BITS = 6,
	ALPHABET = 45,
	CORRECTION_MAX = 30, /* codewords of a block */
};

/* "Error correction characteristics": codewords in all, those for error correction in each block,
 * and blocks. */
static const struct {
	uint16_t total;
	struct {
		uint8_t correction, blocks;
	} level[QR_LEVELS];
} versions[QR_VERSION_MAX + 1] = {
	[1] = {26, {{7, 1}, {10, 1}}},     [2] = {44, {{10, 1}, {16, 1}}},
	[3] = {70, {{15, 1}, {26, 1}}},    [4] = {100, {{20, 1}, {18, 2}}},
	[5] = {134, {{26, 1}, {24, 2}}},   [6] = {172, {{18, 2}, {16, 4}}},
	[7] = {196, {{20, 2}, {18, 4}}},   [8] = {242, {{24, 2}, {22, 4}}},
	[9] = {292, {{30, 2}, {22, 5}}},   [10] = {346, {{18, 4}, {26, 5}}},
	[11] = {404, {{20, 4}, {30, 5}}},  [12] = {466, {{24, 4}, {22, 8}}},
	[13] = {532, {{26, 4}, {22, 9}}},  [14] = {581, {{30, 4}, {24, 9}}},
	[15] = {655, {{22, 6}, {24, 10}}}, [16] = {733, {{24, 6}, {28, 10}}},
	[17] = {815, {{28, 6}, {28, 11}}}, [18] = {901, {{30, 6}, {26, 13}}},
	[19] = {991, {{28, 7}, {26, 14}}}, [20] = {1085, {{28, 8}, {26, 16}}},
};

static unsigned correction(const struct qr_codewords *c)
{
	return versions[c->version].level[c->level].correction;
}

static unsigned blocks(const struct qr_codewords *c)
{
	return versions[c->version].level[c->level].blocks;
}

static unsigned data_count(const struct qr_codewords *c)
{
	return versions[c->version].total - correction(c) * blocks(c);
}

/* --- the data --- */

static unsigned count_bits(unsigned version)
{
	return version < 10 ? 9 : 11;
}

static unsigned data_bits(unsigned version, size_t length)
{
	return MODE_BITS + count_bits(version) + (unsigned)(length / 2) * PAIR_BITS +
	       (unsigned)(length % 2) * SINGLE_BITS;
}

static bool fits(const struct qr_codewords *c, size_t length)
{
	return data_bits(c->version, length) <= 8 * data_count(c);
}

/* "Alphanumeric mode"; ALPHABET: none of it. */
static unsigned value_of(char c)
{
	static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
	unsigned value = 0;

	while (value < ALPHABET && alphabet[value] != c)
		value++;
	return value;
}

struct bits {
	uint8_t *to;
	unsigned used;
};

static void put(struct bits *bits, unsigned value, unsigned count)
{
	while (count--) {
		uint8_t *byte = &bits->to[bits->used / 8];
		if (bits->used % 8 == 0)
			*byte = 0;
		*byte |= (uint8_t)((value >> count & 1) << (7 - bits->used % 8));
		bits->used++;
	}
}

static void put_text(struct bits *bits, const char *text, size_t length)
{
	for (; length >= 2; length -= 2, text += 2)
		put(bits, value_of(text[0]) * ALPHABET + value_of(text[1]), PAIR_BITS);
	if (length)
		put(bits, value_of(text[0]), SINGLE_BITS);
}

/* "Bit stream to codeword conversion": the terminator is cut off at the end of the room. */
static void put_padding(struct bits *bits, unsigned count)
{
	unsigned room = 8 * count - bits->used;

	put(bits, 0, room < TERMINATOR_BITS ? room : TERMINATOR_BITS);
	put(bits, 0, -bits->used % 8);
	for (unsigned pad = 0xec; bits->used < 8 * count; pad ^= 0xec ^ 0x11)
		put(bits, pad, 8);
}

/* --- error correction --- */

/* In GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1. */
static uint8_t multiply(uint8_t a, uint8_t b)
{
	unsigned product = 0;

	for (unsigned bit = 8; bit--;) {
		product = product << 1 ^ (product & 0x80 ? 0x11d : 0);
		if (b >> bit & 1)
			product ^= a;
	}
	return (uint8_t)product;
}

/* "Generating the error correction codewords": (x - 1)(x - 2)(x - 4)... with degree factors,
 * highest power first, without the leading 1. */
static void make_generator(uint8_t *generator, unsigned degree)
{
	uint8_t root = 1;

	memset(generator, 0, degree);
	generator[degree - 1] = 1;
	for (unsigned factor = 0; factor < degree; factor++) {
		for (unsigned i = 0; i < degree; i++)
			generator[i] = (uint8_t)(multiply(generator[i], root) ^
						 (i + 1 < degree ? generator[i + 1] : 0));
		root = multiply(root, 2);
	}
}

/* The remainder of the data, as a polynomial, divided by the generator. */
static void divide(const uint8_t *data, unsigned count, const uint8_t *generator, unsigned degree,
		   uint8_t *remainder)
{
	memset(remainder, 0, degree);
	for (unsigned n = 0; n < count; n++) {
		uint8_t factor = data[n] ^ remainder[0];
		memmove(remainder, remainder + 1, degree - 1);
		remainder[degree - 1] = 0;
		for (unsigned i = 0; i < degree; i++)
			remainder[i] ^= multiply(generator[i], factor);
	}
}

/* "Constructing the final message codeword sequence": the first codeword of each block, the second
 * of each, and so on; the last blocks may have one data codeword more. */
static void interleave(struct qr_codewords *c, const uint8_t *data)
{
	uint8_t generator[CORRECTION_MAX], remainder[CORRECTION_MAX];
	unsigned degree = correction(c), count = blocks(c), all = data_count(c);
	unsigned size = all / count, is_short = count - all % count;

	make_generator(generator, degree);
	for (unsigned block = 0; block < count; block++) {
		bool is_long = block >= is_short;
		for (unsigned i = 0; i < size; i++)
			c->at[i * count + block] = data[i];
		if (is_long)
			c->at[size * count + block - is_short] = data[size];
		divide(data, size + is_long, generator, degree, remainder);
		for (unsigned i = 0; i < degree; i++)
			c->at[all + i * count + block] = remainder[i];
		data += size + is_long;
	}
}

static bool choose_version(struct qr_codewords *c, size_t length)
{
	c->level = QR_LEVEL_L;
	for (c->version = 1; c->version <= QR_VERSION_MAX; c->version++) {
		if (!fits(c, length))
			continue;
		c->level = QR_LEVEL_M;
		if (!fits(c, length))
			c->level = QR_LEVEL_L;
		return true;
	}
	return false;
}

bool qr_codewords(struct qr_codewords *c, const char *text)
{
	static uint8_t data[QR_CODEWORDS_MAX];
	struct bits bits = {.to = data};
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i++)
		if (value_of(text[i]) == ALPHABET)
			return false;
	if (!choose_version(c, length))
		return false;
	put(&bits, MODE_ALPHANUMERIC, MODE_BITS);
	put(&bits, (unsigned)length, count_bits(c->version));
	put_text(&bits, text, length);
	put_padding(&bits, data_count(c));
	c->count = versions[c->version].total;
	interleave(c, data);
	return true;
}
