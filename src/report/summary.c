/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/summary.h"

#include "nmi/experiment.h"
#include "nmi/runner.h"
#include "report/ktap.h"
#include "report/outcome.h"
#include "serial/print.h"
#include "serial/qr.h"
#include "serial/screen.h"
#include "string.h"

enum {
	MARGIN = 1,     /* columns: not every screen shows its edge */
	TILE = 3,       /* columns of an experiment's number; one more keeps it from the next */
	LEFT_MIN = 25,  /* columns beside the QR code */
	TEXT_ROWS = 14, /* of an ERROR: an exception's registers, and some of its callers */
	FAMILY = 100,   /* numbers of a family of experiments */
	LINE = 512,
};

static const struct {
	uint8_t colours;
	const char *name;
} looks[OUTCOMES] = {
	[OUTCOME_NONE] = {SCREEN_COLOURS(DARK_GREY, BLACK), "not run"},
	[OUTCOME_PASS] = {SCREEN_COLOURS(WHITE, GREEN), "passed"},
	[OUTCOME_FAIL] = {SCREEN_COLOURS(WHITE, RED), "failed"},
	[OUTCOME_SKIP] = {SCREEN_COLOURS(BLACK, GREY), "skipped"},
	[OUTCOME_RECORD] = {SCREEN_COLOURS(WHITE, BLUE), "recorded"},
	[OUTCOME_FLAKY] = {SCREEN_COLOURS(WHITE, MAGENTA), "failed at times"},
};

static struct compact_machine machine;
static bool described;
static char line[LINE];

struct style {
	/* Modules around the QR code: half of QR_QUIET is enough for most readers. */
	unsigned quiet;
	unsigned gap;   /* rows between the parts */
	bool by_family; /* each family of experiments begins a row; rows are of 10 or 20 */
	bool ran_only;  /* no number for what was skipped */
};

/* From roomy to tight; the first is taken in which all failures have room. */
static const struct style styles[] = {
	{QR_QUIET, 1, true, false},
	{QR_QUIET, 1, false, false},
	{QR_QUIET / 2, 1, false, false},
	{QR_QUIET / 2, 0, false, false},
};
/* Where the numbers themselves have no room in any. */
static const struct style tightest = {QR_QUIET / 2, 0, false, true};

/* Where things are on the page. The QR code is in the upper right corner. */
static struct {
	const struct style *style;
	unsigned code;      /* modules of the QR code; 0: none */
	unsigned left;      /* columns beside it, with a margin on both sides */
	unsigned code_rows; /* of the QR code with its quiet zone */
	unsigned row;       /* the next one to be filled */
} page;

void summary_describe(const struct compact_machine *known)
{
	machine = *known;
	described = true;
}

static unsigned width_of_row(unsigned row)
{
	return (row < page.code_rows ? page.left : screen_columns()) - 2 * MARGIN;
}

/* --- text --- */

/* The next row's, cut to what is free; what was cut off shows. */
static void put_line(uint8_t colours)
{
	unsigned width = width_of_row(page.row);

	if (strlen(line) > width)
		memcpy(line + width - 2, "..", 3);
	screen_put(MARGIN, page.row++, colours, line);
}

/* In as many rows as it takes, broken at blanks. */
static void put_wrapped(const char *text)
{
	while (*text) {
		unsigned width = width_of_row(page.row), end = 0;
		for (unsigned i = 0; i <= width; i++) {
			if (text[i] == ' ' || !text[i])
				end = i;
			if (!text[i])
				break;
		}
		end = end ? end : width;
		memcpy(line, text, end);
		line[end] = 0;
		screen_put(MARGIN, page.row++, SCREEN_COLOURS(GREY, BLACK), line);
		text += end;
		text += *text == ' ';
	}
}

/* --- the QR code: two modules are one cell --- */

static unsigned make_code(enum verdict_code verdict)
{
	static char text[COMPACT_SIZE];
	const struct experiment *at = runner_current();
	unsigned error_in = at ? at->number : 0;

	return compact_write(text, sizeof(text), &machine, verdict, error_in) ? qr_encode(text) : 0;
}

/* False: it has no room. */
static bool place_code(void)
{
	unsigned side = page.code ? page.code + 2 * page.style->quiet : 0;

	page.left = screen_columns() - side;
	page.code_rows = (side + 1) / 2;
	return side + LEFT_MIN <= screen_columns() && page.code_rows <= screen_rows();
}

/* The quiet zone is light; a last half row below it is nothing. */
static bool is_light(unsigned x, unsigned y)
{
	unsigned column = x - page.style->quiet, row = y - page.style->quiet;

	if (y >= page.code + 2 * page.style->quiet)
		return false;
	return column >= page.code || row >= page.code || !qr_is_dark(column, row);
}

static void draw_code(void)
{
	static const uint8_t halves[2][2] = {{' ', SCREEN_LOWER_HALF},
					     {SCREEN_UPPER_HALF, SCREEN_BLOCK}};

	for (unsigned row = 0; row < page.code_rows; row++)
		for (unsigned x = 0; x < page.code + 2 * page.style->quiet; x++)
			screen_put_cell(page.left + x, row, SCREEN_COLOURS(WHITE, BLACK),
					halves[is_light(x, 2 * row)][is_light(x, 2 * row + 1)]);
}

/* --- the grid --- */

static enum outcome outcome(unsigned i)
{
	return outcome_of(runner_result(i));
}

static unsigned count_of(enum outcome wanted)
{
	unsigned count = 0;

	for (unsigned i = 0; i < runner_count(); i++)
		count += outcome(i) == wanted;
	return count;
}

static unsigned count_failures(void)
{
	return count_of(OUTCOME_FAIL) + count_of(OUTCOME_FLAKY);
}

/* A word of the page's head, in as many rows as the words take. */
static void put_label(unsigned *column, uint8_t colours, const char *text)
{
	unsigned length = (unsigned)strlen(text);

	if (*column + length > width_of_row(page.row)) {
		*column = 0;
		page.row++;
	}
	screen_put(MARGIN + *column, page.row, colours, text);
	*column += length + 1;
}

/* The verdict, and what the colours mean. */
static void draw_labels(enum verdict_code verdict)
{
	static const char *const names[] = {" LHV: PASS ", " LHV: FAIL ", " LHV: ERROR ",
					    " LHV: SKIP "};
	static const uint8_t colours[] = {GREEN, RED, RED, BLUE};
	unsigned column = 0;

	put_label(&column, SCREEN_COLOURS(WHITE, colours[verdict - VERDICT_PASS]),
		  names[verdict - VERDICT_PASS]);
	for (enum outcome o = OUTCOME_NONE; o < OUTCOMES; o++) {
		if (!count_of(o))
			continue;
		print_to(line, sizeof(line), " %u %s ", count_of(o), looks[o].name);
		put_label(&column, looks[o].colours, line);
	}
	page.row += 1 + page.style->gap;
}

static unsigned tiles_in_row(unsigned row)
{
	unsigned tiles = (width_of_row(row) + 1) / (TILE + 1);

	if (!page.style->by_family || tiles < 10)
		return tiles;
	return tiles < 20 ? 10 : 20;
}

static bool begins_family(unsigned i)
{
	return i && runner_selected(i)->number / FAMILY != runner_selected(i - 1)->number / FAMILY;
}

static void draw_grid(void)
{
	unsigned tile = 0;

	for (unsigned i = 0; i < runner_count(); i++) {
		if (page.style->ran_only && outcome(i) == OUTCOME_SKIP)
			continue;
		if (tile == tiles_in_row(page.row) ||
		    (tile && page.style->by_family && begins_family(i))) {
			page.row++;
			tile = 0;
		}
		print_to(line, sizeof(line), "%3u", runner_selected(i)->number);
		screen_put(MARGIN + tile++ * (TILE + 1), page.row, looks[outcome(i)].colours, line);
	}
	page.row += 1 + page.style->gap;
}

/* --- the failures --- */

static void describe_failure(unsigned i)
{
	const struct experiment *e = runner_selected(i);
	const struct result *r = runner_result(i);
	size_t length = print_to(line, sizeof(line), "%u %s", e->number, e->name);

	if (outcome(i) == OUTCOME_FLAKY)
		length += print_to(line + length, sizeof(line) - length, " (%u of %u times)",
				   r->failures, r->runs);
	length += print_to(line + length, sizeof(line) - length, ": ");
	const char *more = result_line(r->mismatches, line + length, sizeof(line) - length);
	if (more && *more)
		print_to(line + strlen(line), sizeof(line) - strlen(line), ", and more");
}

static void list_failures(void)
{
	unsigned left = count_failures();

	/* Below the QR code lines are longer. */
	if (page.row < page.code_rows && page.code_rows + left <= screen_rows())
		page.row = page.code_rows;
	for (unsigned i = 0; i < runner_count() && page.row < screen_rows(); i++) {
		if (outcome(i) != OUTCOME_FAIL && outcome(i) != OUTCOME_FLAKY)
			continue;
		if (page.row + 1 == screen_rows() && left > 1) {
			print_to(line, sizeof(line), "and %u more", left);
			put_line(SCREEN_COLOURS(BRIGHT_RED, BLACK));
			return;
		}
		describe_failure(i);
		put_line(SCREEN_COLOURS(BRIGHT_RED, BLACK));
		left--;
	}
}

/* --- the page --- */

static void draw_machine(void)
{
	char text[LINE];

	print_to(text, sizeof(text), "lhv " VERSION " (%u-bit) on %s, %s, %s, %u CPU%s %s, %s %s",
		 (unsigned)sizeof(long) * 8, machine.hypervisor, machine.cpu, machine.virt,
		 machine.cpus, machine.cpus == 1 ? "" : "s", machine.x2apic ? "x2APIC" : "xAPIC",
		 machine.protocol, machine.firmware);
	put_wrapped(text);
	page.row += page.style->gap;
}

/* Below all else: the text that tells of an ERROR, or the failures. Both may be longer than what
 * is left; this is what they want. */
static unsigned wanted_rows(enum verdict_code verdict)
{
	return verdict == VERDICT_ERROR ? TEXT_ROWS : count_failures();
}

static bool fits(enum verdict_code verdict, unsigned rows)
{
	return rows + wanted_rows(verdict) <= screen_rows();
}

/* Returns the rows that it takes, without what is below. */
static unsigned draw(enum verdict_code verdict)
{
	unsigned rows;

	page.row = 0;
	screen_clear();
	draw_labels(verdict);
	draw_machine();
	draw_grid();
	if (verdict == VERDICT_ERROR && page.row < page.code_rows)
		page.row = page.code_rows;
	rows = page.row;
	if (verdict == VERDICT_ERROR)
		screen_put_kept(rows);
	else
		list_failures();
	draw_code();
	return rows;
}

/* Sets *rows to draw()'s, unless the QR code has no room. Returns whether all has. */
static bool draw_in(const struct style *style, enum verdict_code verdict, unsigned *rows)
{
	page.style = style;
	if (!place_code())
		return false;
	*rows = draw(verdict);
	return fits(verdict, *rows);
}

/* In the first style in which all has room, or in the last one that has it for the numbers. */
static unsigned draw_in_a_style(enum verdict_code verdict, unsigned code)
{
	unsigned rows = screen_rows() + 1;

	page.code = code;
	for (unsigned i = 0; i < sizeof(styles) / sizeof(styles[0]); i++)
		if (draw_in(&styles[i], verdict, &rows))
			return rows;
	if (rows > screen_rows())
		draw_in(&tightest, verdict, &rows);
	return rows;
}

/* Failures may be cut off, but neither numbers nor an ERROR's text: they say more than the code. */
static void draw_page(enum verdict_code verdict)
{
	unsigned rows = draw_in_a_style(verdict, make_code(verdict));

	if (rows > screen_rows() || (verdict == VERDICT_ERROR && !fits(verdict, rows)))
		draw_in_a_style(verdict, 0);
}

void summary_show(enum verdict_code verdict)
{
	if (!described || count_of(OUTCOME_NONE) == runner_count() || !screen_columns())
		return; /* what was wrong is on the screen */
	screen_keep_text();
	draw_page(verdict);
	screen_show();
}
