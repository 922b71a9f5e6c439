/* SPDX-License-Identifier: BSD-2-Clause */
#include "serial/screen.h"

#include "serial/framebuffer.h"
#include "serial/vga.h"
#include "string.h"

enum { COLUMNS_MAX = 240, ROWS_MAX = 80, TAB = 8, COLOUR_BITS = 8 };

/* Lines that a reader looks for, by how they begin. */
static const struct {
	const char *start;
	enum colour colour;
} highlights[] = {
	{"not ok ", BRIGHT_RED},     {"Bail out!", BRIGHT_RED}, {"# warning: ", YELLOW},
	{"LHV: PASS", BRIGHT_GREEN}, {"LHV: SKIP", YELLOW},     {"LHV: ", BRIGHT_RED},
};

static const struct screen_device *device; /* NULL: there is no screen */
static uint16_t wanted[COLUMNS_MAX * ROWS_MAX], shown[COLUMNS_MAX * ROWS_MAX];
static uint16_t kept[COLUMNS_MAX * ROWS_MAX]; /* text, while there is a page */
static unsigned kept_rows;
static unsigned columns, rows, cells;
static unsigned cursor;               /* the next cell; cells: scroll first */
static unsigned line_start;           /* the cell where the line began */
static unsigned dirty_from, dirty_to; /* cells that may differ from what is shown */

static void blank(unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++)
		wanted[i] = SCREEN_BLANK;
}

static void touch(unsigned from, unsigned to)
{
	dirty_from = from < dirty_from ? from : dirty_from;
	dirty_to = to > dirty_to ? to : dirty_to;
}

static void refresh(void)
{
	for (unsigned i = dirty_from; i < dirty_to; i++) {
		if (shown[i] == wanted[i])
			continue;
		shown[i] = wanted[i];
		device->draw(i % columns, i / columns, wanted[i]);
	}
	dirty_from = cells;
	dirty_to = 0;
	if (device->place_cursor)
		device->place_cursor(cursor);
}

static unsigned at_most(unsigned value, unsigned limit)
{
	return value < limit ? value : limit;
}

static void use(const struct screen_device *found)
{
	device = found;
	columns = found ? at_most(found->columns, COLUMNS_MAX) : 0;
	rows = found ? at_most(found->rows, ROWS_MAX) : 0;
	cells = columns * rows;
	cursor = line_start = dirty_to = 0;
	dirty_from = cells;
	blank(0, cells);
	memcpy(shown, wanted, sizeof(shown));
	if (!found)
		return;
	device->clear();
	refresh();
}

/* Multiboot 1 does not say whether the firmware is UEFI, where VGA may not be there; a framebuffer
 * is then all that we can believe in. */
void screen_init(const struct boot_info *info)
{
	bool text = info->framebuffer.type == FRAMEBUFFER_NONE ||
		    info->framebuffer.type == FRAMEBUFFER_TEXT;

	if (text)
		use(strcmp(info->firmware, "BIOS") ? NULL : vga_device());
	else
		use(framebuffer_device(&info->framebuffer));
}

static void scroll(void)
{
	unsigned by = at_most(device->scroll, (rows + 1) / 2) * columns; /* rows may be fewer */

	memmove(wanted, wanted + by, (cells - by) * sizeof(wanted[0]));
	blank(cells - by, cells);
	cursor -= by;
	line_start = line_start < by ? 0 : line_start - by;
	touch(0, cells);
}

static bool line_begins_with(const char *start)
{
	unsigned i = line_start;

	for (; *start; start++, i++)
		if (i >= cursor || (char)wanted[i] != *start)
			return false;
	return true;
}

static void highlight_line(void)
{
	for (unsigned i = 0; i < sizeof(highlights) / sizeof(highlights[0]); i++) {
		if (!line_begins_with(highlights[i].start))
			continue;
		for (unsigned cell = line_start; cell < cursor; cell++)
			wanted[cell] = (uint16_t)(highlights[i].colour << COLOUR_BITS |
						  (wanted[cell] & 0xff));
		touch(line_start, cursor);
		return;
	}
}

static void put(char c)
{
	if (cursor >= cells)
		scroll();
	if (c == '\r') {
		cursor -= cursor % columns;
	} else if (c == '\n') {
		highlight_line();
		cursor += columns - cursor % columns;
		line_start = cursor;
	} else if (c == '\t') {
		cursor += TAB - cursor % TAB;
	} else {
		wanted[cursor] = (uint16_t)((SCREEN_BLANK & 0xff00) | (uint8_t)c);
		touch(cursor, cursor + 1);
		cursor++;
	}
	/* At once, so that the last line of a full screen is not the summary's end but empty. */
	if (cursor >= cells)
		scroll();
}

void screen_write(const char *text, size_t length)
{
	if (!device)
		return;
	for (size_t i = 0; i < length; i++)
		put(text[i]);
	refresh();
}

unsigned screen_columns(void)
{
	return columns;
}

unsigned screen_rows(void)
{
	return rows;
}

void screen_keep_text(void)
{
	memcpy(kept, wanted, sizeof(kept));
	kept_rows = cells ? (cursor + columns - 1) / columns : 0;
}

void screen_put_kept(unsigned row)
{
	unsigned room = row < rows ? rows - row : 0, count = at_most(kept_rows, room);

	memcpy(wanted + row * columns, kept + (kept_rows - count) * columns,
	       count * columns * sizeof(wanted[0]));
	touch(0, cells);
}

void screen_clear(void)
{
	blank(0, cells);
	touch(0, cells);
	cursor = line_start = cells;
}

void screen_put_cell(unsigned column, unsigned row, uint8_t colours, uint8_t character)
{
	if (column >= columns || row >= rows)
		return;
	unsigned cell = row * columns + column;
	wanted[cell] = (uint16_t)(colours << COLOUR_BITS | character);
	touch(cell, cell + 1);
}

void screen_put(unsigned column, unsigned row, uint8_t colours, const char *text)
{
	for (; *text; text++)
		screen_put_cell(column++, row, colours, (uint8_t)*text);
}

void screen_show(void)
{
	if (device)
		refresh();
}
