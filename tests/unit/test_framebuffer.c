/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/serial/screen.c src/serial/vga.c src/serial/framebuffer.c src/serial/font.c */
#include "serial/framebuffer.h"

#include "serial/font.h"
#include "serial/screen.h"
#include "unit.h"
#include "x86/io.h"
#include "x86/paging.h"

#include <string.h>
#include <sys/mman.h>

/* Below 4 GB, with room around it that must stay as it is. */
enum { SIZE = 32 << 20, MARGIN = 4096, UNTOUCHED = 0x5a };

static uint8_t *const memory = (uint8_t *)0x70000000;
static uint8_t *const pixels = (uint8_t *)0x70000000 + MARGIN;

void outw(uint16_t port, uint16_t value)
{
	(void)port, (void)value;
	fail(); /* there is no VGA here */
}

/* The one place above 4 GB that there is; below, memory is at its own address. */
#define FAR 0x8000001000ULL

static size_t mapped;

void *paging_map_device(uint64_t physical, size_t size)
{
	mapped = size;
	if (physical == FAR)
		return pixels;
	return physical >> 32 || size > 1 << 30 ? NULL : (void *)(uintptr_t)physical;
}

/* --- a framebuffer --- */

static struct boot_info info;

/* Its depth in bits, and bytes behind each line that are nobody's. */
static void plug_in(unsigned width, unsigned height, unsigned bits, unsigned padding)
{
	static const struct framebuffer_colour colours[][3] = {
		[15] = {{10, 5}, {5, 5}, {0, 5}},
		[16] = {{11, 5}, {5, 6}, {0, 5}},
		[24] = {{16, 8}, {8, 8}, {0, 8}},
		[32] = {{16, 8}, {8, 8}, {0, 8}},
	};

	info = (struct boot_info){
		.firmware = "UEFI",
		.framebuffer =
			{
				.type = FRAMEBUFFER_RGB,
				.address = (uintptr_t)pixels,
				.pitch = width * ((bits + 7) / 8) + padding,
				.width = width,
				.height = height,
				.bits = (uint8_t)bits,
				.red = colours[bits][0],
				.green = colours[bits][1],
				.blue = colours[bits][2],
			},
	};
	assert_true(info.framebuffer.pitch * height + 2 * MARGIN < SIZE);
	memset(memory, UNTOUCHED, SIZE);
	screen_init(&info);
}

static int map_memory(void **state)
{
	(void)state;
	return mmap(memory, SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != memory;
}

static int unmap_memory(void **state)
{
	(void)state;
	return munmap(memory, SIZE);
}

static const uint8_t *pixel_at(unsigned x, unsigned y)
{
	return pixels + y * info.framebuffer.pitch + x * ((info.framebuffer.bits + 7) / 8);
}

static uint32_t pixel(unsigned x, unsigned y)
{
	uint32_t value = 0;

	memcpy(&value, pixel_at(x, y), (info.framebuffer.bits + 7) / 8);
	return value;
}

static void say(const char *text)
{
	screen_write(text, strlen(text));
}

/* The cell in the column and row shows this glyph, in any colour on black. */
static bool shows(unsigned column, unsigned row, char c)
{
	const uint8_t *glyph = font_glyphs[c - FONT_FIRST];

	for (unsigned y = 0; y < FONT_HEIGHT; y++)
		for (unsigned x = 0; x < FONT_WIDTH; x++) {
			bool lit = pixel(column * FONT_WIDTH + x, row * FONT_HEIGHT + y);
			if (lit != (glyph[y] >> (7 - x) & 1))
				return false;
		}
	return true;
}

/* Nothing outside of width x height pixels was written. */
static void expect_padding_untouched(void)
{
	const struct framebuffer *f = &info.framebuffer;
	unsigned line = f->width * ((f->bits + 7) / 8);

	for (unsigned i = 0; i < MARGIN; i++)
		assert_int_equal(memory[i], UNTOUCHED);
	for (unsigned y = 0; y < f->height; y++)
		for (unsigned i = line; i < f->pitch; i++)
			assert_int_equal(pixels[y * f->pitch + i], UNTOUCHED);
	for (unsigned i = 0; i < MARGIN; i++)
		assert_int_equal(pixels[f->height * f->pitch + i], UNTOUCHED);
}

/* --- the tests --- */

static const unsigned depths[] = {15, 16, 24, 32};

static void text_is_drawn_at_every_depth_and_pitch(void **state)
{
	(void)state;
	for (unsigned i = 0; i < sizeof(depths) / sizeof(*depths); i++) {
		for (unsigned padding = 0; padding < 100; padding += 33) {
			plug_in(640, 480, depths[i], padding);
			assert_int_equal(screen_columns(), 80);
			assert_int_equal(screen_rows(), 30);
			say("Ag\n~ ");
			assert_true(shows(0, 0, 'A') && shows(1, 0, 'g') && shows(0, 1, '~'));
			assert_true(shows(2, 0, ' ') && shows(79, 29, ' '));
			expect_padding_untouched();
		}
	}
}

static void what_has_no_glyph_is_a_question_mark(void **state)
{
	(void)state;
	plug_in(640, 480, 32, 0);
	say("\x01\x7f\xff");
	assert_true(shows(0, 0, '?') && shows(1, 0, '?') && shows(2, 0, '?'));
}

static void colours_are_where_the_masks_are(void **state)
{
	(void)state;
	plug_in(640, 480, 32, 0);
	screen_put_cell(0, 0, SCREEN_COLOURS(WHITE, RED), SCREEN_BLOCK);
	screen_put_cell(1, 0, SCREEN_COLOURS(WHITE, RED), ' ');
	screen_show();
	assert_int_equal(pixel(0, 0), 0xffffff);
	uint32_t red = pixel(8, 0);
	assert_int_equal(red & 0xffff, 0);
	assert_in_range(red, 0x800000, 0xff0000);

	plug_in(640, 480, 32, 0);
	info.framebuffer.red.position = 0;
	info.framebuffer.blue.position = 16;
	screen_init(&info);
	screen_put_cell(1, 0, SCREEN_COLOURS(WHITE, RED), ' ');
	screen_show();
	assert_int_equal(pixel(8, 0), red >> 16);

	plug_in(640, 480, 16, 0);
	screen_put_cell(0, 0, SCREEN_COLOURS(WHITE, BLACK), SCREEN_BLOCK);
	screen_put_cell(1, 0, SCREEN_COLOURS(WHITE, RED), ' ');
	screen_show();
	assert_int_equal(pixel(0, 0), 0xffff);
	assert_int_equal(pixel(8, 0), (red >> 19) << 11);
}

static void ten_bits_per_colour(void **state)
{
	(void)state;
	plug_in(640, 480, 32, 0);
	info.framebuffer.red = (struct framebuffer_colour){20, 10};
	info.framebuffer.green = (struct framebuffer_colour){10, 10};
	info.framebuffer.blue = (struct framebuffer_colour){0, 10};
	screen_init(&info);
	screen_put_cell(0, 0, SCREEN_COLOURS(WHITE, BLACK), SCREEN_BLOCK);
	screen_show();
	assert_int_equal(pixel(0, 0), 0x3fcu << 20 | 0x3fc << 10 | 0x3fc);
}

static void half_blocks_are_halves(void **state)
{
	(void)state;
	plug_in(640, 480, 24, 0);
	screen_put_cell(0, 0, SCREEN_COLOURS(WHITE, BLACK), SCREEN_UPPER_HALF);
	screen_put_cell(1, 0, SCREEN_COLOURS(WHITE, BLACK), SCREEN_LOWER_HALF);
	screen_show();
	for (unsigned y = 0; y < FONT_HEIGHT; y++) {
		assert_int_equal(pixel(0, y), y < 8 ? 0xffffff : 0);
		assert_int_equal(pixel(15, y), y < 8 ? 0 : 0xffffff);
	}
}

static void large_screens_have_large_cells_in_the_middle(void **state)
{
	static const struct {
		unsigned width, height, columns, rows;
	} sizes[] = {
		{640, 480, 80, 30},   {800, 600, 100, 37},   {1024, 768, 128, 48},
		{1366, 768, 170, 48}, {1920, 1080, 120, 33}, {2560, 1440, 106, 30},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		plug_in(sizes[i].width, sizes[i].height, 32, 64);
		assert_int_equal(screen_columns(), sizes[i].columns);
		assert_int_equal(screen_rows(), sizes[i].rows);
		screen_put_cell(0, 0, SCREEN_COLOURS(WHITE, BLACK), SCREEN_BLOCK);
		screen_put_cell(sizes[i].columns - 1, sizes[i].rows - 1,
				SCREEN_COLOURS(WHITE, BLACK), SCREEN_BLOCK);
		screen_show();
		expect_padding_untouched();
		unsigned scale = sizes[i].width / sizes[i].columns / FONT_WIDTH;
		unsigned left = sizes[i].width % (FONT_WIDTH * scale) / 2;
		unsigned top = sizes[i].height % (FONT_HEIGHT * scale) / 2;
		assert_int_equal(pixel(left, top), 0xffffff);
		assert_int_equal(pixel(left + 8 * scale - 1, top + 16 * scale - 1), 0xffffff);
		assert_int_equal(pixel(left + 8 * scale, top), 0);
		if (top)
			assert_int_equal(pixel(left, top - 1), 0);
	}
}

/* By spoiling what is there: what is written anew did not come from reading it. */
static void scrolling_never_reads(void **state)
{
	(void)state;
	plug_in(640, 480, 32, 128);
	for (unsigned i = 0; i < 29; i++) {
		char line[] = {(char)('a' + i % 26), '\n', 0};
		say(line);
	}
	assert_true(shows(0, 28, 'c'));
	memset(pixels, UNTOUCHED, info.framebuffer.pitch * info.framebuffer.height);
	say("z\n"); /* half of the screen at once */
	assert_true(shows(0, 0, 'p') && shows(0, 13, 'c') && shows(0, 14, 'z'));
	memset(pixels, UNTOUCHED, 2 * FONT_HEIGHT * info.framebuffer.pitch);
	say("y\n"); /* and then only what is new */
	assert_int_equal(pixel(0, 0), 0x5a5a5a5a);
	assert_true(shows(0, 15, 'y'));
}

/* Tablets and telephones have more rows than we use. */
static void a_tall_screen_scrolls_by_rows_that_there_are(void **state)
{
	static const unsigned sizes[][2] = {{1080, 2592}, {1440, 2960}, {1440, 3120}};

	(void)state;
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		plug_in(sizes[i][0], sizes[i][1], 16, 0);
		for (unsigned line = 0; line < 400; line++)
			say("a line of text\n");
		expect_padding_untouched();
	}
}

static void above_4_gb_it_is_mapped(void **state)
{
	(void)state;
	plug_in(640, 480, 32, 64);
	info.framebuffer.address = FAR;
	screen_init(&info);
	assert_int_equal(mapped, 480 * (640 * 4 + 64));
	say("A");
	assert_true(shows(0, 0, 'A'));
}

static void what_contradicts_itself_is_not_used(void **state)
{
	static const struct framebuffer good = {
		.type = FRAMEBUFFER_RGB,
		.address = 0x70000000 + MARGIN,
		.pitch = 2560,
		.width = 640,
		.height = 480,
		.bits = 32,
		.red = {16, 8},
		.green = {8, 8},
		.blue = {0, 8},
	};
	struct framebuffer bad[13];

	(void)state;
	assert_non_null(framebuffer_device(&good));
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		bad[i] = good;
	bad[0].type = FRAMEBUFFER_INDEXED;
	bad[1].address = 0;
	bad[2].pitch = 2559;
	bad[3].bits = 8;
	bad[4].bits = 40;
	bad[5].width = 0;
	bad[6].height = 100;
	bad[7].red.size = 0;
	bad[8].blue.position = 30;
	bad[9].width = bad[9].pitch = UINT32_MAX;
	bad[10].address = UINT64_MAX - 100;
	bad[11].height = UINT32_MAX;
	bad[12].address = FAR + 1;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_null(framebuffer_device(&bad[i]));
	info = (struct boot_info){.firmware = "BIOS", .framebuffer = bad[0]};
	screen_init(&info);
	say("lost");
	assert_int_equal(screen_columns(), 0);
}

static void any_text_and_any_size_stay_inside(void **state)
{
	uint32_t seed = 5;

	(void)state;
	for (unsigned i = 0; i < 30; i++) {
		plug_in(320 + unit_random(&seed) % 1700, 160 + unit_random(&seed) % 1100,
			depths[unit_random(&seed) % 4], unit_random(&seed) % 200);
		for (unsigned n = 0; n < 2000; n++) {
			char text[2] = {(char)unit_random(&seed)};
			say(text);
		}
		expect_padding_untouched();
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, map_memory, unmap_memory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(text_is_drawn_at_every_depth_and_pitch),
		TEST(what_has_no_glyph_is_a_question_mark),
		TEST(colours_are_where_the_masks_are),
		TEST(ten_bits_per_colour),
		TEST(half_blocks_are_halves),
		TEST(large_screens_have_large_cells_in_the_middle),
		TEST(scrolling_never_reads),
		TEST(above_4_gb_it_is_mapped),
		TEST(what_contradicts_itself_is_not_used),
		TEST(a_tall_screen_scrolls_by_rows_that_there_are),
		TEST(any_text_and_any_size_stay_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
