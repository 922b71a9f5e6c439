/* SPDX-License-Identifier: BSD-2-Clause */
#include "serial/vga.h"

#include "x86/io.h"

enum {
	VIDEO = 0xb8000,
	ROWS = 25,
	COLUMNS = 80,
	CRTC = 0x3d4, /* index; the data port follows */
	CRTC_CURSOR_HIGH = 0x0e,
	CRTC_CURSOR_LOW = 0x0f,
};

static void draw(unsigned column, unsigned row, uint16_t cell)
{
	volatile uint16_t *video = (volatile uint16_t *)VIDEO;

	video[row * COLUMNS + column] = cell;
}

static void clear(void)
{
	for (unsigned row = 0; row < ROWS; row++)
		for (unsigned column = 0; column < COLUMNS; column++)
			draw(column, row, SCREEN_BLANK);
}

/* Behind the last cell it cannot be seen. */
static void place_cursor(unsigned cell)
{
	outw(CRTC, (uint16_t)(CRTC_CURSOR_HIGH | (cell & 0xff00)));
	outw(CRTC, (uint16_t)(CRTC_CURSOR_LOW | (cell & 0xff) << 8));
}

const struct screen_device *vga_device(void)
{
	static const struct screen_device vga = {
		.columns = COLUMNS,
		.rows = ROWS,
		.scroll = 1,
		.clear = clear,
		.draw = draw,
		.place_cursor = place_cursor,
	};
	return &vga;
}
