/* SPDX-License-Identifier: BSD-2-Clause */
#include "serial/framebuffer.h"

#include "serial/font.h"
#include "x86/paging.h"

enum {
	PIXEL_MAX = 4, /* bytes */
	SIZE_LIMIT = 1 << 30,
	SCALE_MAX = 8,
	/* A scale of 2 from here on: 80 columns remain, and 25 rows. */
	SCALE_WIDTH = 800,
	SCALE_HEIGHT = 450,
	CELL_MIN_COLUMNS = 40,
	CELL_MIN_ROWS = 10,
};

/* VGA's colours, but of a green and a blue on which text can be read, as 8-bit red, green, blue. */
static const uint32_t palette[COLOURS] = {
	0x000000, 0x0040c0, 0x00a000, 0x00aaaa, 0xc00000, 0xaa00aa, 0xaa5500, 0xaaaaaa,
	0x606060, 0x5588ff, 0x55ff55, 0x55ffff, 0xff6060, 0xff55ff, 0xffff55, 0xffffff,
};

/* What is written to the framebuffer at once; lines may begin at any byte. */
struct __attribute__((packed, may_alias)) word {
	unsigned long value;
};

static struct {
	uint8_t *memory; /* of the cell in the upper left corner */
	uint32_t pitch;
	unsigned bytes; /* per pixel */
	unsigned scale;
	uint32_t colours[COLOURS];
} screen;

static struct screen_device device;

static uint32_t field(uint32_t value, const struct framebuffer_colour *colour)
{
	unsigned size = colour->size;

	value &= 0xff;
	value = size < 8 ? value >> (8 - size) : value << (size - 8);
	return value << colour->position;
}

static void choose_colours(const struct framebuffer *from)
{
	for (unsigned i = 0; i < COLOURS; i++)
		screen.colours[i] = field(palette[i] >> 16, &from->red) |
				    field(palette[i] >> 8, &from->green) |
				    field(palette[i], &from->blue);
}

/* Bytes that are a multiple of 8, such as those of 8 pixels. */
static void write_words(uint8_t *to, const uint8_t *from, size_t size)
{
	for (size_t at = 0; at < size; at += sizeof(struct word))
		((volatile struct word *)(to + at))->value =
			((const struct word *)(from + at))->value;
}

/* Appends scale pixels to a line; returns its new end. */
static uint8_t *put_pixels(uint8_t *line, uint32_t colour)
{
	for (unsigned i = 0; i < screen.scale; i++)
		for (unsigned byte = 0; byte < screen.bytes; byte++)
			*line++ = (uint8_t)(colour >> 8 * byte);
	return line;
}

static uint8_t glyph_row(uint8_t character, unsigned row)
{
	bool upper = row < FONT_HEIGHT / 2;

	switch (character) {
	case SCREEN_BLOCK:
		return 0xff;
	case SCREEN_LOWER_HALF:
		return upper ? 0 : 0xff;
	case SCREEN_UPPER_HALF:
		return upper ? 0xff : 0;
	}
	if (character < FONT_FIRST || character > FONT_LAST)
		character = '?';
	return font_glyphs[character - FONT_FIRST][row];
}

static void draw(unsigned column, unsigned row, uint16_t cell)
{
	uint8_t line[FONT_WIDTH * SCALE_MAX * PIXEL_MAX];
	size_t size = FONT_WIDTH * screen.scale * screen.bytes;
	uint8_t *to = screen.memory + (size_t)row * FONT_HEIGHT * screen.scale * screen.pitch +
		      column * size;
	uint32_t foreground = screen.colours[cell >> 8 & 15];
	uint32_t background = screen.colours[cell >> 12];

	for (unsigned y = 0; y < FONT_HEIGHT; y++) {
		uint8_t bits = glyph_row((uint8_t)cell, y), *end = line;
		for (unsigned x = 0; x < FONT_WIDTH; x++, bits = (uint8_t)(bits << 1))
			end = put_pixels(end, bits & 0x80 ? foreground : background);
		for (unsigned i = 0; i < screen.scale; i++, to += screen.pitch)
			write_words(to, line, size);
	}
}

static void clear_line(uint8_t *line, size_t size)
{
	static const uint8_t black[8];

	for (; size >= sizeof(black); size -= sizeof(black), line += sizeof(black))
		write_words(line, black, sizeof(black));
	while (size--)
		*(volatile uint8_t *)line++ = 0;
}

/* Also what is around the cells: the loader's picture may be there. */
static struct {
	uint8_t *memory;
	size_t line; /* bytes */
	uint32_t height;
} all;

static void clear(void)
{
	for (uint32_t y = 0; y < all.height; y++)
		clear_line(all.memory + (size_t)y * screen.pitch, all.line);
}

static bool has_field(const struct framebuffer *from, const struct framebuffer_colour *colour)
{
	return colour->size && colour->size <= 16 && colour->position + colour->size <= from->bits;
}

static bool is_usable(const struct framebuffer *from, unsigned bytes)
{
	return from->type == FRAMEBUFFER_RGB && from->address && bytes >= 2 && bytes <= PIXEL_MAX &&
	       has_field(from, &from->red) && has_field(from, &from->green) &&
	       has_field(from, &from->blue) && from->width <= UINT16_MAX &&
	       from->height <= UINT16_MAX && from->pitch >= from->width * bytes &&
	       from->pitch <= UINT16_MAX * PIXEL_MAX &&
	       (uint64_t)from->pitch * from->height <= SIZE_LIMIT &&
	       from->width >= CELL_MIN_COLUMNS * FONT_WIDTH &&
	       from->height >= CELL_MIN_ROWS * FONT_HEIGHT;
}

static unsigned choose_scale(const struct framebuffer *from)
{
	unsigned scale = 1;

	while (scale < SCALE_MAX && from->width / (scale + 1) >= SCALE_WIDTH &&
	       from->height / (scale + 1) >= SCALE_HEIGHT)
		scale++;
	return scale;
}

/* In the middle, if the pixels are not a multiple of the cells. */
static void lay_out(const struct framebuffer *from)
{
	unsigned width = FONT_WIDTH * screen.scale, height = FONT_HEIGHT * screen.scale;

	screen.memory = all.memory + (size_t)(from->height % height / 2) * screen.pitch +
			from->width % width / 2 * screen.bytes;
	device = (struct screen_device){
		.columns = from->width / width,
		.rows = from->height / height,
		/* Each cell that differs is many pixels: scroll rarely. */
		.scroll = from->height / height / 2,
		.clear = clear,
		.draw = draw,
	};
}

const struct screen_device *framebuffer_device(const struct framebuffer *from)
{
	screen.bytes = (from->bits + 7) / 8;
	if (!is_usable(from, screen.bytes))
		return NULL;
	all.memory = paging_map_device(from->address, (size_t)from->pitch * from->height);
	if (!all.memory)
		return NULL;
	all.line = (size_t)from->width * screen.bytes;
	all.height = from->height;
	screen.pitch = from->pitch;
	screen.scale = choose_scale(from);
	choose_colours(from);
	lay_out(from);
	return &device;
}
