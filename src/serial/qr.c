/* SPDX-License-Identifier: BSD-2-Clause */
#include "serial/qr.h"

#include <stdint.h>

#include "serial/qr_codewords.h"
#include "string.h"

enum {
	DARK = 1,
	FUNCTION = 2, /* not data: masking leaves it alone */
	FINDER = 7,   /* modules of a side */
	TIMING = 6,   /* row and column of the timing patterns */
	MASKS = 8,
};

static uint8_t modules[QR_SIZE_MAX][QR_SIZE_MAX]; /* [y][x] */
static unsigned size;
static struct qr_codewords codewords;

bool qr_is_dark(unsigned x, unsigned y)
{
	return modules[y][x] & DARK;
}

static void set_function(unsigned x, unsigned y, bool dark)
{
	modules[y][x] = FUNCTION | (dark ? DARK : 0);
}

/* --- "Function patterns" --- */

/* Squares in each other around a centre, up to a radius; of these, light is the ring. What is
 * outside of the symbol is left out. */
static void draw_squares(int x, int y, int radius, int light_ring, int outer_light)
{
	for (int dy = -radius; dy <= radius; dy++) {
		for (int dx = -radius; dx <= radius; dx++) {
			int ring = (dx < 0 ? -dx : dx) > (dy < 0 ? -dy : dy) ? dx : dy;
			ring = ring < 0 ? -ring : ring;
			if (x + dx >= 0 && x + dx < (int)size && y + dy >= 0 && y + dy < (int)size)
				set_function((unsigned)(x + dx), (unsigned)(y + dy),
					     ring != light_ring && ring != outer_light);
		}
	}
}

/* "Finder pattern", with its "Separator". */
static void draw_finders(void)
{
	int near = FINDER / 2, far = (int)size - 1 - FINDER / 2;

	draw_squares(near, near, 4, 2, 4);
	draw_squares(far, near, 4, 2, 4);
	draw_squares(near, far, 4, 2, 4);
}

static void draw_timing(void)
{
	for (unsigned i = 0; i < size; i++) {
		set_function(i, TIMING, i % 2 == 0);
		set_function(TIMING, i, i % 2 == 0);
	}
}

/* "Row/column coordinates of centre modules of alignment patterns": the second one; the first is
 * 6, the last 6 from the other side, the others are between them at equal distances. */
static unsigned alignment(unsigned i)
{
	static const uint8_t second[QR_VERSION_MAX + 1] = {
		[2] = 18,  [3] = 22,  [4] = 26,  [5] = 30,  [6] = 34,  [7] = 22,  [8] = 24,
		[9] = 26,  [10] = 28, [11] = 30, [12] = 32, [13] = 34, [14] = 26, [15] = 26,
		[16] = 26, [17] = 30, [18] = 30, [19] = 30, [20] = 34,
	};
	unsigned distances = codewords.version / 7; /* behind the second */
	unsigned at = second[codewords.version];

	if (i == 0)
		return TIMING;
	return i == 1 ? at : at + (i - 1) * ((size - 1 - TIMING - at) / distances);
}

static void draw_alignments(void)
{
	unsigned count = codewords.version == 1 ? 0 : codewords.version / 7 + 2;

	for (unsigned row = 0; row < count; row++) {
		for (unsigned column = 0; column < count; column++) {
			bool finder = (!row && !column) || (!row && column == count - 1) ||
				      (!column && row == count - 1);
			if (!finder)
				draw_squares((int)alignment(column), (int)alignment(row), 2, 1, -1);
		}
	}
}

/* The value, shifted, and the remainder of its division by the generator: a BCH code. */
static unsigned bch(unsigned value, unsigned generator, unsigned degree)
{
	unsigned rest = value << degree;

	for (unsigned bit = 18; bit-- > degree;)
		if (rest >> bit & 1)
			rest ^= generator << (bit - degree);
	return value << degree | rest;
}

/* "Format information", twice; and the module that is always dark. */
static void draw_format(unsigned mask)
{
	unsigned level = codewords.level == QR_LEVEL_L ? 1 : 0;
	unsigned bits = bch(level << 3 | mask, 0x537, 10) ^ 0x5412;

	for (unsigned i = 0; i < 15; i++) {
		bool dark = bits >> i & 1;
		unsigned near = i < 6 ? i : i < 8 ? i + 1 : 14 - i; /* past the timing patterns */
		if (i < 8) {
			set_function(8, near, dark);
			set_function(size - 1 - i, 8, dark);
		} else {
			set_function(i == 8 ? 7 : near, 8, dark);
			set_function(8, size - 15 + i, dark);
		}
	}
	set_function(8, size - 8, true);
}

/* "Version information", from version 7 on, twice. */
static void draw_version(void)
{
	unsigned bits = bch(codewords.version, 0x1f25, 12);

	for (unsigned i = 0; codewords.version >= 7 && i < 18; i++) {
		set_function(size - 11 + i % 3, i / 3, bits >> i & 1);
		set_function(i / 3, size - 11 + i % 3, bits >> i & 1);
	}
}

/* --- the data --- */

/* "Symbol character placement": upwards and downwards in columns of two modules, from the right,
 * but for the vertical timing pattern. */
static void place_codewords(void)
{
	unsigned bit = 0, end = 8 * codewords.count;
	bool up = true;

	for (int right = (int)size - 1; right > 0; right -= 2, up = !up) {
		if (right == TIMING)
			right--;
		for (unsigned i = 0; i < 2 * size; i++) {
			unsigned y = up ? size - 1 - i / 2 : i / 2, x = (unsigned)right - i % 2;
			if (modules[y][x] & FUNCTION)
				continue;
			/* The last bits of some versions belong to no codeword. */
			if (bit < end)
				modules[y][x] = codewords.at[bit / 8] >> (7 - bit % 8) & 1;
			bit++;
		}
	}
}

/* "Data mask patterns" */
static bool is_masked(unsigned mask, unsigned x, unsigned y)
{
	switch (mask) {
	case 0:
		return (x + y) % 2 == 0;
	case 1:
		return y % 2 == 0;
	case 2:
		return x % 3 == 0;
	case 3:
		return (x + y) % 3 == 0;
	case 4:
		return (x / 3 + y / 2) % 2 == 0;
	case 5:
		return x * y % 2 + x * y % 3 == 0;
	case 6:
		return (x * y % 2 + x * y % 3) % 2 == 0;
	default:
		return ((x + y) % 2 + x * y % 3) % 2 == 0;
	}
}

/* The second time undoes the first. */
static void apply_mask(unsigned mask)
{
	for (unsigned y = 0; y < size; y++)
		for (unsigned x = 0; x < size; x++)
			if (!(modules[y][x] & FUNCTION) && is_masked(mask, x, y))
				modules[y][x] ^= DARK;
}

/* --- "Evaluation of data masking results": what would be hard to read, in points --- */

static bool dark_in(bool columns, unsigned line, unsigned i)
{
	return columns ? qr_is_dark(line, i) : qr_is_dark(i, line);
}

/* Runs of five and more, and what looks like a finder pattern with its quiet zone. */
static unsigned penalty_of_line(bool columns, unsigned line)
{
	enum { WINDOW = 0x7ff, FINDER_LEFT = 0x5d0, FINDER_RIGHT = 0x05d };
	unsigned points = 0, run = 0, window = 0;

	for (unsigned i = 0; i < size; i++) {
		bool dark = dark_in(columns, line, i);
		run = i && dark == (window & 1) ? run + 1 : 1;
		points += run == 5 ? 3 : run > 5 ? 1 : 0;
		window = (window << 1 | dark) & WINDOW;
		if (i >= 10 && (window == FINDER_LEFT || window == FINDER_RIGHT))
			points += 40;
	}
	return points;
}

static bool is_block(unsigned x, unsigned y)
{
	bool dark = qr_is_dark(x, y);

	return qr_is_dark(x + 1, y) == dark && qr_is_dark(x, y + 1) == dark &&
	       qr_is_dark(x + 1, y + 1) == dark;
}

/* 10 points for each 5 % that the share of dark modules is away from one half. */
static unsigned penalty_of_share(void)
{
	unsigned dark = 0, all = size * size;

	for (unsigned y = 0; y < size; y++)
		for (unsigned x = 0; x < size; x++)
			dark += qr_is_dark(x, y);
	unsigned off = 2 * dark > all ? 2 * dark - all : all - 2 * dark;
	return off * 10 / all * 10;
}

static unsigned penalty(void)
{
	unsigned points = penalty_of_share();

	for (unsigned i = 0; i < size; i++)
		points += penalty_of_line(false, i) + penalty_of_line(true, i);
	for (unsigned y = 0; y + 1 < size; y++)
		for (unsigned x = 0; x + 1 < size; x++)
			points += is_block(x, y) ? 3 : 0;
	return points;
}

static void choose_mask(void)
{
	unsigned best = 0, least = ~0U;

	for (unsigned mask = 0; mask < MASKS; mask++) {
		draw_format(mask);
		apply_mask(mask);
		unsigned points = penalty();
		if (points < least) {
			best = mask;
			least = points;
		}
		apply_mask(mask);
	}
	draw_format(best);
	apply_mask(best);
}

unsigned qr_encode(const char *text)
{
	if (!qr_codewords(&codewords, text))
		return 0;
	size = 17 + 4 * codewords.version;
	memset(modules, 0, sizeof(modules));
	draw_timing();
	draw_finders();
	draw_alignments();
	draw_format(0); /* reserves its modules */
	draw_version();
	place_codewords();
	choose_mask();
	return size;
}
