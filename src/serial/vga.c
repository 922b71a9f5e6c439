/* SPDX-License-Identifier: BSD-2-Clause */
#include "serial/vga.h"

#include "string.h"
#include "x86/io.h"

enum {
	VIDEO = 0xb8000,
	ROWS = 25,
	COLUMNS = 80,
	CELLS = ROWS * COLUMNS,
	TAB = 8,
	BLANK = 0x0720, /* grey on black */
	CRTC = 0x3d4,   /* index; the data port follows */
	CRTC_CURSOR_HIGH = 0x0e,
	CRTC_CURSOR_LOW = 0x0f,
};

/*
 * Below a hypervisor each access to video memory may be an exit, so it is never read, and only
 * written where the picture changes: the kernel draws into wanted, and knows what is shown.
 */
static uint16_t wanted[CELLS], shown[CELLS];
static unsigned cursor; /* the next cell; CELLS: scroll first */
static bool enabled;

static void fill(uint16_t *cells, unsigned count, uint16_t cell)
{
	for (unsigned i = 0; i < count; i++)
		cells[i] = cell;
}

static void refresh(void)
{
	volatile uint16_t *video = (volatile uint16_t *)VIDEO;

	for (unsigned i = 0; i < CELLS; i++)
		if (shown[i] != wanted[i])
			video[i] = shown[i] = wanted[i];
}

static void place_cursor(void)
{
	unsigned cell = cursor < CELLS ? cursor : CELLS - 1;

	outw(CRTC, (uint16_t)(CRTC_CURSOR_HIGH | (cell & 0xff00)));
	outw(CRTC, (uint16_t)(CRTC_CURSOR_LOW | (cell & 0xff) << 8));
}

static void scroll(void)
{
	memmove(wanted, wanted + COLUMNS, (CELLS - COLUMNS) * sizeof(wanted[0]));
	fill(wanted + CELLS - COLUMNS, COLUMNS, BLANK);
	cursor -= COLUMNS;
}

static void put(char c)
{
	if (c == '\r') {
		cursor -= cursor % COLUMNS;
	} else if (c == '\n') {
		cursor += COLUMNS - cursor % COLUMNS;
	} else if (c == '\t') {
		cursor += TAB - cursor % TAB;
	} else {
		wanted[cursor++] = (uint16_t)((BLANK & 0xff00) | (uint8_t)c);
	}
	/* At once, so that the last line of a full screen is not the summary's end but empty. */
	if (cursor >= CELLS)
		scroll();
}

void vga_init(bool present)
{
	enabled = present;
	if (!present)
		return;
	cursor = 0;
	fill(wanted, CELLS, BLANK);
	fill(shown, CELLS, (uint16_t)~BLANK);
	refresh();
	place_cursor();
}

void vga_write(const char *text, size_t length)
{
	if (!enabled)
		return;
	for (size_t i = 0; i < length; i++)
		put(text[i]);
	refresh();
	place_cursor();
}
