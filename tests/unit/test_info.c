/* SPDX-License-Identifier: BSD-2-Clause */
/* links: boot/info.c */
#include "boot/info.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { MAGIC_1 = 0x2badb002, MAGIC_2 = 0x36d76289, MB = 1 << 20 };

/* --- building what a boot loader leaves --- */

struct bytes {
	uint8_t data[1024];
	uint32_t size;
};

static void put(struct bytes *to, uint64_t value, unsigned size)
{
	memcpy(to->data + to->size, &value, size);
	to->size += size;
}

static void put_text(struct bytes *to, const char *text)
{
	memcpy(to->data + to->size, text, strlen(text) + 1);
	to->size += (uint32_t)strlen(text) + 1;
}

static void set32(struct bytes *to, uint32_t offset, uint32_t value)
{
	memcpy(to->data + offset, &value, sizeof(value));
}

/* The tags are 8-aligned; their size is set by end_tag. */
static uint32_t begin_tag(struct bytes *to, uint32_t type)
{
	to->size = (to->size + 7) & ~7u;
	put(to, type, 4);
	put(to, 0, 4);
	return to->size - 8;
}

static void end_tag(struct bytes *to, uint32_t tag)
{
	set32(to, tag + 4, to->size - tag);
}

static void string_tag(struct bytes *to, uint32_t type, const char *text)
{
	uint32_t tag = begin_tag(to, type);

	put_text(to, text);
	end_tag(to, tag);
}

static void begin_info(struct bytes *to)
{
	memset(to, 0, sizeof(*to));
	to->size = 8;
}

static void end_info(struct bytes *to)
{
	end_tag(to, begin_tag(to, 0));
	set32(to, 0, to->size);
}

static void map_entry(struct bytes *to, uint64_t base, uint64_t length, uint32_t type)
{
	put(to, base, 8);
	put(to, length, 8);
	put(to, type, 4);
	put(to, 0, 4);
}

static void map_tag(struct bytes *to)
{
	uint32_t tag = begin_tag(to, 6);

	put(to, 24, 4);
	put(to, 0, 4);
	map_entry(to, 0, 0x9f000, 1);
	map_entry(to, MB, 15 * MB, 1);
	map_entry(to, 16 * MB, 500ull * MB, 2);
	map_entry(to, 0x40000000, 64 * MB, 1);
	map_entry(to, 1ull << 32, 1ull << 40, 1);
	end_tag(to, tag);
}

static void framebuffer_tag(struct bytes *to, uint8_t type)
{
	uint32_t tag = begin_tag(to, 8);

	put(to, 0xfd000000, 8);
	put(to, 4096, 4);
	put(to, 1024, 4);
	put(to, 768, 4);
	put(to, 32, 1);
	put(to, type, 1);
	put(to, 0, 2);
	if (type == 1)
		put(to, 0x080008080810ull, 6); /* red 16+8, green 8+8, blue 0+8 */
	end_tag(to, tag);
}

static void rsdp_tag(struct bytes *to, uint32_t type, uint8_t revision, uint32_t length,
		     uint32_t size)
{
	uint32_t tag = begin_tag(to, type), start = to->size;

	put_text(to, "RSD PTR LHV...");
	put(to, revision, 1);
	put(to, 0xa000, 4);
	put(to, length, 4);
	to->size = start + size;
	end_tag(to, tag);
}

static void full_info(struct bytes *to)
{
	begin_info(to);
	string_tag(to, 1, "exp=1 verbose");
	string_tag(to, 2, "GRUB 2.06");
	uint32_t memory = begin_tag(to, 4);
	put(to, 640, 4);
	put(to, 15 * 1024, 4);
	end_tag(to, memory);
	map_tag(to);
	framebuffer_tag(to, 1);
	rsdp_tag(to, 14, 0, 0, 20);
	rsdp_tag(to, 15, 2, 36, 36);
	string_tag(to, 12, "pointer");
	end_info(to);
}

/* Parses a copy of its own exact size, so that ASan sees any step outside. Keep until freed. */
static void *copy;

static bool parse(struct boot_info *info, const struct bytes *from)
{
	free(copy);
	copy = malloc(from->size);
	memcpy(copy, from->data, from->size);
	return info_parse(info, MAGIC_2, (uintptr_t)copy);
}

static int free_copy(void **state)
{
	(void)state;
	free(copy);
	copy = NULL;
	return 0;
}

/* --- multiboot 2 --- */

static void multiboot2_tags_fill_the_info(void **state)
{
	struct bytes bytes;
	struct boot_info info;

	(void)state;
	full_info(&bytes);
	assert_true(parse(&info, &bytes));
	assert_null(info.error);
	assert_string_equal(info.protocol, "multiboot2");
	assert_string_equal(info.command_line, "exp=1 verbose");
	assert_string_equal(info.loader, "GRUB 2.06");
	assert_string_equal(info.firmware, "UEFI");
	assert_int_equal(info.usable_base, 0x40000000);
	assert_int_equal(info.usable_size, 64 * MB);
	assert_memory_equal(info.rsdp, "RSD PTR ", 8);
	assert_int_equal(((const uint8_t *)info.rsdp)[15], 2); /* the newer of the two copies */
}

static void multiboot2_framebuffer_has_geometry_and_colours(void **state)
{
	struct bytes bytes;
	struct boot_info info;

	(void)state;
	full_info(&bytes);
	assert_true(parse(&info, &bytes));
	assert_int_equal(info.framebuffer.type, FRAMEBUFFER_RGB);
	assert_int_equal(info.framebuffer.address, 0xfd000000);
	assert_int_equal(info.framebuffer.pitch, 4096);
	assert_int_equal(info.framebuffer.width, 1024);
	assert_int_equal(info.framebuffer.height, 768);
	assert_int_equal(info.framebuffer.bits, 32);
	assert_int_equal(info.framebuffer.red.position, 16);
	assert_int_equal(info.framebuffer.green.position, 8);
	assert_int_equal(info.framebuffer.blue.position, 0);
	assert_int_equal(info.framebuffer.blue.size, 8);
}

static void framebuffer_types_are_told_apart(void **state)
{
	static const enum framebuffer_type expected[] = {FRAMEBUFFER_INDEXED, FRAMEBUFFER_RGB,
							 FRAMEBUFFER_TEXT, FRAMEBUFFER_NONE};
	struct bytes bytes;
	struct boot_info info;

	(void)state;
	for (uint8_t type = 0; type < 4; type++) {
		begin_info(&bytes);
		framebuffer_tag(&bytes, type);
		end_info(&bytes);
		assert_true(parse(&info, &bytes));
		assert_int_equal(info.framebuffer.type, expected[type]);
	}
}

static void absent_tags_leave_empty_values(void **state)
{
	struct bytes bytes;
	struct boot_info info;

	(void)state;
	begin_info(&bytes);
	end_info(&bytes);
	assert_true(parse(&info, &bytes));
	assert_string_equal(info.command_line, "");
	assert_string_equal(info.loader, "");
	assert_string_equal(info.firmware, "BIOS");
	assert_null(info.rsdp);
	assert_int_equal(info.usable_size, 0);
	assert_int_equal(info.framebuffer.type, FRAMEBUFFER_NONE);
}

static void each_efi_tag_means_uefi(void **state)
{
	static const uint32_t types[] = {11, 12, 17, 18, 19, 20};
	struct bytes bytes;
	struct boot_info info;

	(void)state;
	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		begin_info(&bytes);
		string_tag(&bytes, types[i], "pointer");
		end_info(&bytes);
		assert_true(parse(&info, &bytes));
		assert_string_equal(info.firmware, "UEFI");
	}
}

static void memory_is_clipped_to_1_mb_and_4_gb(void **state)
{
	static const struct {
		uint64_t base, length, expected_base, expected_size;
	} rows[] = {
		{0, 8 * MB, MB, 7 * MB},
		{0, MB, 0, 0},
		{0xf0000000, 1ull << 40, 0xf0000000, 0x10000000},
		{0xf0000000, UINT64_MAX, 0xf0000000, 0x10000000},
		{1ull << 32, 1ull << 30, 0, 0},
		{UINT64_MAX, UINT64_MAX, 0, 0},
		{2 * MB, 0, 0, 0},
		{2 * MB, 1, 2 * MB, 1},
	};
	struct bytes bytes;
	struct boot_info info;

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin_info(&bytes);
		uint32_t tag = begin_tag(&bytes, 6);
		put(&bytes, 24, 4);
		put(&bytes, 0, 4);
		map_entry(&bytes, rows[i].base, rows[i].length, 1);
		end_tag(&bytes, tag);
		end_info(&bytes);
		assert_true(parse(&info, &bytes));
		assert_int_equal(info.usable_base, rows[i].expected_base);
		assert_int_equal(info.usable_size, rows[i].expected_size);
	}
}

/* A range of RAM or of something else, and then another of RAM at 50000h. */
static void the_page_that_starts_cpus_is_ram(void **state)
{
	static const struct {
		uint64_t base, length;
		uint32_t type, expected;
	} rows[] = {
		{0, 0x9fc00, 1, 0x8000}, /* a BIOS's */
		{0x8000, 0x1000, 1, 0x8000},
		{0x8001, 0x2000, 1, 0x9000},
		{0x1000, 0x7fff, 1, 0x1000},
		{0, 0x1000, 1, 0x50000}, /* page 0 is not for this */
		{0, 0x1fff, 1, 0x50000},
		{0, 0x2000, 1, 0x1000},
		{0x3800, 0x2000, 1, 0x4000},
		{0x9f000, 0x1000, 1, 0x9f000},
		{0x9f000, UINT64_MAX, 1, 0x9f000},
		{0xa0000, 0x10000, 1, 0x50000},
		{0, 0x9fc00, 2, 0x50000},
		{UINT64_MAX, UINT64_MAX, 1, 0x50000},
	};
	struct bytes bytes;
	struct boot_info info;

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin_info(&bytes);
		uint32_t tag = begin_tag(&bytes, 6);
		put(&bytes, 24, 4);
		put(&bytes, 0, 4);
		map_entry(&bytes, rows[i].base, rows[i].length, rows[i].type);
		map_entry(&bytes, 0x50000, 0x2000, 1);
		end_tag(&bytes, tag);
		end_info(&bytes);
		assert_true(parse(&info, &bytes));
		assert_int_equal(info.low_page, rows[i].expected);
	}
}

static void without_a_map_cpus_start_from_the_usual_page(void **state)
{
	struct bytes bytes;
	struct boot_info info;

	(void)state;
	begin_info(&bytes);
	end_info(&bytes);
	assert_true(parse(&info, &bytes));
	assert_int_equal(info.low_page, 0x8000);
}

static void a_map_with_tiny_entries_is_ignored(void **state)
{
	struct bytes bytes;
	struct boot_info info;

	(void)state;
	for (uint32_t size = 0; size < 25; size++) {
		begin_info(&bytes);
		uint32_t tag = begin_tag(&bytes, 6);
		put(&bytes, size, 4);
		put(&bytes, 0, 4);
		map_entry(&bytes, MB, 5 * MB, 1);
		end_tag(&bytes, tag);
		end_info(&bytes);
		assert_true(parse(&info, &bytes));
		assert_int_equal(info.usable_size, size < 20 ? 0 : 5 * MB);
	}
}

static void without_a_map_upper_memory_counts(void **state)
{
	struct bytes bytes;
	struct boot_info info;

	(void)state;
	begin_info(&bytes);
	uint32_t tag = begin_tag(&bytes, 4);
	put(&bytes, 640, 4);
	put(&bytes, 7 * 1024, 4);
	end_tag(&bytes, tag);
	end_info(&bytes);
	assert_true(parse(&info, &bytes));
	assert_int_equal(info.usable_base, MB);
	assert_int_equal(info.usable_size, 7 * MB);
}

static void an_rsdp_must_be_whole(void **state)
{
	static const struct {
		uint32_t type, length, size;
		uint8_t revision;
		bool whole;
	} rows[] = {
		{14, 0, 20, 0, true},   {14, 0, 19, 0, false},  {14, 36, 20, 2, false},
		{15, 36, 36, 2, true},  {15, 37, 36, 2, false}, {15, UINT32_MAX, 36, 2, false},
		{15, 20, 35, 2, false}, {15, 40, 40, 3, true},
	};
	struct bytes bytes;
	struct boot_info info;

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		begin_info(&bytes);
		rsdp_tag(&bytes, rows[i].type, rows[i].revision, rows[i].length, rows[i].size);
		end_info(&bytes);
		assert_true(parse(&info, &bytes));
		assert_int_equal(info.rsdp != NULL, rows[i].whole);
	}
}

static void an_older_rsdp_does_not_replace_the_newer(void **state)
{
	struct bytes bytes;
	struct boot_info info;

	(void)state;
	begin_info(&bytes);
	rsdp_tag(&bytes, 15, 2, 36, 36);
	rsdp_tag(&bytes, 14, 0, 0, 20);
	end_info(&bytes);
	assert_true(parse(&info, &bytes));
	assert_int_equal(((const uint8_t *)info.rsdp)[15], 2);
}

static void an_unterminated_string_is_ignored(void **state)
{
	struct bytes bytes;
	struct boot_info info;

	(void)state;
	begin_info(&bytes);
	uint32_t tag = begin_tag(&bytes, 1);
	put(&bytes, 0x3d707865, 4); /* "exp=" */
	end_tag(&bytes, tag);
	end_info(&bytes);
	assert_true(parse(&info, &bytes));
	assert_string_equal(info.command_line, "");
}

static void damaged_lists_of_tags_are_errors(void **state)
{
	struct bytes bytes;
	struct boot_info info;

	(void)state;
	full_info(&bytes);
	set32(&bytes, 0, bytes.size - 8); /* cuts off the end tag */
	assert_false(parse(&info, &bytes));
	assert_string_equal(info.error, "multiboot2: no end tag");
	assert_string_equal(info.command_line, "exp=1 verbose");

	static const uint32_t sizes[] = {0, 7, 0x10000, UINT32_MAX};
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		full_info(&bytes);
		set32(&bytes, 12, sizes[i]); /* of the first tag */
		assert_false(parse(&info, &bytes));
		assert_string_equal(info.error, "multiboot2: a tag with a wrong size");
	}
	full_info(&bytes);
	set32(&bytes, 0, UINT32_MAX);
	set32(&bytes, 8, 99);
	set32(&bytes, 12, UINT32_MAX - 8); /* with its padding, it ends at 4 GB */
	assert_false(parse(&info, &bytes));
	assert_string_equal(info.error, "multiboot2: no end tag");
	for (uint32_t total = 0; total < 16; total++) {
		full_info(&bytes);
		set32(&bytes, 0, total);
		assert_false(parse(&info, &bytes));
	}
}

static void an_unknown_magic_is_an_error(void **state)
{
	struct bytes bytes;
	struct boot_info info;

	(void)state;
	full_info(&bytes);
	assert_false(info_parse(&info, 0x12345678, (uintptr_t)bytes.data));
	assert_string_equal(info.error, "not started by a multiboot, multiboot2 or PVH loader");
	assert_string_equal(info.protocol, "");
	assert_string_equal(info.command_line, "");
	assert_string_equal(info.firmware, "");
	assert_false(info_parse(&info, MAGIC_1, 0));
	assert_false(info_parse(&info, MAGIC_2, 0));
	assert_non_null(info.error);
}

/* --- multiboot 1: pointers of 32 bits, so its memory must be below 4 GB --- */

enum { PAGE = 4096, COMMAND_LINE = 512, LOADER = 600, MAP_SIZE = 76, MAP = PAGE - MAP_SIZE };

static uint8_t *low;

static int map_low(void **state)
{
	(void)state;
	low = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT,
		   -1, 0);
	if (low == MAP_FAILED)
		return -1;
	return mprotect(low + PAGE, PAGE, PROT_NONE); /* the map ends where the page does */
}

static int unmap_low(void **state)
{
	(void)state;
	return munmap(low, 2 * PAGE);
}

static void low32(uint32_t offset, uint32_t value)
{
	memcpy(low + offset, &value, sizeof(value));
}

static uint32_t low_address(uint32_t offset)
{
	return (uint32_t)(uintptr_t)(low + offset);
}

static void map_range(uint32_t *at, uint32_t size, uint64_t base, uint64_t length, uint32_t type)
{
	low32(*at, size);
	memcpy(low + *at + 4, &base, 8);
	memcpy(low + *at + 12, &length, 8);
	low32(*at + 20, type);
	*at += size + 4;
}

static void fill_low(void)
{
	uint32_t end = MAP;

	memset(low, 0, PAGE);
	low32(0, 1 << 0 | 1 << 2 | 1 << 6 | 1 << 9 | 1 << 12);
	low32(8, 7 * 1024);
	low32(16, low_address(COMMAND_LINE));
	low32(64, low_address(LOADER));
	strcpy((char *)low + COMMAND_LINE, "lhv.elf exp=2");
	strcpy((char *)low + LOADER, "qemu");
	map_range(&end, 20, 0, 640 << 10, 1);
	map_range(&end, 24, MB, 32 * MB, 1); /* an entry may be longer */
	map_range(&end, 20, 64 * MB, 256 * MB, 2);
	low32(44, end - MAP);
	low32(48, low_address(MAP));
	low32(88, 0xb8000);
	low32(96, 160);
	low32(100, 80);
	low32(104, 25);
	low[108] = 16;
	low[109] = 2;
}

static void multiboot1_fields_fill_the_info(void **state)
{
	struct boot_info info;

	(void)state;
	fill_low();
	assert_true(info_parse(&info, MAGIC_1, (uintptr_t)low));
	assert_string_equal(info.protocol, "multiboot");
	assert_string_equal(info.firmware, "BIOS");
	assert_string_equal(info.command_line, "lhv.elf exp=2");
	assert_string_equal(info.loader, "qemu");
	assert_int_equal(info.usable_base, MB);
	assert_int_equal(info.usable_size, 32 * MB);
	assert_int_equal(info.framebuffer.type, FRAMEBUFFER_TEXT);
	assert_int_equal(info.framebuffer.width, 80);
	assert_int_equal(info.framebuffer.address, 0xb8000);
	assert_null(info.rsdp);
	assert_null(info.error);
}

static void multiboot1_flags_say_what_is_valid(void **state)
{
	struct boot_info info;

	(void)state;
	fill_low();
	low32(0, 0);
	assert_true(info_parse(&info, MAGIC_1, (uintptr_t)low));
	assert_string_equal(info.command_line, "");
	assert_string_equal(info.loader, "");
	assert_int_equal(info.usable_size, 0);
	assert_int_equal(info.framebuffer.type, FRAMEBUFFER_NONE);
	low32(0, 1 << 0);
	assert_true(info_parse(&info, MAGIC_1, (uintptr_t)low));
	assert_int_equal(info.usable_size, 7 * MB);
	low32(0, 1 << 2);
	low32(16, 0);
	assert_true(info_parse(&info, MAGIC_1, (uintptr_t)low));
	assert_string_equal(info.command_line, "");
}

static void a_damaged_multiboot1_map_ends_the_walk(void **state)
{
	static const uint32_t sizes[] = {0, 19, 0x1000, UINT32_MAX - 3, UINT32_MAX};
	struct boot_info info;

	(void)state;
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		fill_low();
		low32(MAP + 24, sizes[i]); /* the second entry's */
		assert_true(info_parse(&info, MAGIC_1, (uintptr_t)low));
		assert_int_equal(info.usable_size, 7 * MB);
	}
}

/* --- PVH: its pointers have 64 bits, and are below 4 GB too --- */

enum { PVH_MAGIC = 0x336ec578, RSDP = 700, PVH_MAP = PAGE - 2 * 24 };

static void low64(uint32_t offset, uint64_t value)
{
	memcpy(low + offset, &value, sizeof(value));
}

static void fill_pvh(uint32_t version)
{
	memset(low, 0, PAGE);
	low32(0, PVH_MAGIC);
	low32(4, version);
	low64(24, low_address(COMMAND_LINE));
	low64(32, low_address(RSDP));
	low64(40, low_address(PVH_MAP));
	low32(48, 2);
	strcpy((char *)low + COMMAND_LINE, "exp=3");
	strcpy((char *)low + RSDP, "RSD PTR ");
	low64(PVH_MAP, 0);
	low64(PVH_MAP + 8, 0xa0000);
	low32(PVH_MAP + 16, 1);
	low64(PVH_MAP + 24, MB);
	low64(PVH_MAP + 32, 63 * MB);
	low32(PVH_MAP + 40, 1);
}

static bool parse_pvh(struct boot_info *info)
{
	return info_parse(info, PVH_MAGIC, (uintptr_t)low);
}

static void pvh_fields_fill_the_info(void **state)
{
	struct boot_info info;

	(void)state;
	fill_pvh(1);
	assert_true(parse_pvh(&info));
	assert_null(info.error);
	assert_string_equal(info.protocol, "PVH");
	assert_string_equal(info.firmware, "none");
	assert_string_equal(info.loader, "");
	assert_string_equal(info.command_line, "exp=3");
	assert_memory_equal(info.rsdp, "RSD PTR ", 8);
	assert_int_equal(info.usable_base, MB);
	assert_int_equal(info.usable_size, 63 * MB);
	assert_int_equal(info.low_page, 0x8000);
	assert_int_equal(info.framebuffer.type, FRAMEBUFFER_NONE);
}

static void pvh_version_0_has_no_map(void **state)
{
	struct boot_info info;

	(void)state;
	fill_pvh(0);
	assert_true(parse_pvh(&info));
	assert_int_equal(info.usable_size, 0);
	assert_string_equal(info.command_line, "exp=3");
	fill_pvh(1);
	low32(48, 0); /* or an empty one, whose address does not matter */
	low64(40, UINT64_MAX);
	assert_true(parse_pvh(&info));
	assert_int_equal(info.usable_size, 0);
}

static void what_pvh_puts_above_4_gb_is_not_read(void **state)
{
	static const uint64_t high[] = {0, 1ull << 32, UINT64_MAX};
	struct boot_info info;

	(void)state;
	for (unsigned i = 0; i < sizeof(high) / sizeof(high[0]); i++) {
		fill_pvh(1);
		low64(24, high[i]);
		low64(32, high[i]);
		assert_true(parse_pvh(&info));
		assert_string_equal(info.command_line, "");
		assert_null(info.rsdp);
		low64(40, high[i]);
		assert_false(parse_pvh(&info));
		assert_string_equal(info.error, "PVH: the memory map is not below 4 GB");
	}
	fill_pvh(1);
	low32(48, UINT32_MAX); /* its end is not */
	assert_false(parse_pvh(&info));
	fill_pvh(1);
	low[RSDP + 15] = 2;
	low32(RSDP + 20, UINT32_MAX);
	assert_true(parse_pvh(&info));
	assert_null(info.rsdp);
}

static void pvh_has_a_magic_number_of_its_own(void **state)
{
	struct boot_info info;

	(void)state;
	fill_pvh(1);
	low32(0, 1);
	assert_false(parse_pvh(&info));
	assert_string_equal(info.error, "PVH: the start info has another magic number");
	assert_false(info_parse(&info, PVH_MAGIC, 0));
}

/* --- fuzzing --- */

static void check_invariants(const struct boot_info *info)
{
	assert_true(strlen(info->command_line) < 1024 && strlen(info->loader) < 1024);
	assert_true(info->usable_size == 0 || info->usable_base >= MB);
	assert_true(info->usable_base + info->usable_size <= 1ull << 32);
	assert_true(info->framebuffer.type <= FRAMEBUFFER_TEXT);
}

static void random_tags_neither_crash_nor_break_invariants(void **state)
{
	struct bytes original, bytes;
	uint32_t seed = 7, parsed = 0;

	(void)state;
	full_info(&original);
	for (unsigned i = 0; i < 200000; i++) {
		struct boot_info info;
		bytes = original;
		for (unsigned n = unit_random(&seed) % 4; n; n--) {
			uint32_t at = unit_random(&seed) % bytes.size;
			/* small values: lengths and types that nearly fit */
			bytes.data[at] = (uint8_t)(unit_random(&seed) >> unit_random(&seed) % 8);
		}
		/* The real size stays the block's: total_size must be trusted, it is all there is.
		 */
		set32(&bytes, 0, unit_random(&seed) % 8 ? bytes.size : bytes.size - i % 64);
		parsed += parse(&info, &bytes);
		check_invariants(&info);
	}
	assert_in_range(parsed, 50000, 199000);
}

static void random_multiboot1_maps_stay_inside(void **state)
{
	uint32_t seed = 9;

	(void)state;
	fill_low();
	for (unsigned i = 0; i < 100000; i++) {
		struct boot_info info;
		uint32_t length = unit_random(&seed) % (MAP_SIZE + 1);
		low[MAP + unit_random(&seed) % MAP_SIZE] = (uint8_t)(unit_random(&seed) % 64);
		low32(44, length);
		low32(48, low_address(PAGE - length));
		assert_true(info_parse(&info, MAGIC_1, (uintptr_t)low));
		check_invariants(&info);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(multiboot2_tags_fill_the_info, free_copy),
		cmocka_unit_test_teardown(multiboot2_framebuffer_has_geometry_and_colours,
					  free_copy),
		cmocka_unit_test_teardown(framebuffer_types_are_told_apart, free_copy),
		cmocka_unit_test_teardown(absent_tags_leave_empty_values, free_copy),
		cmocka_unit_test_teardown(each_efi_tag_means_uefi, free_copy),
		cmocka_unit_test_teardown(memory_is_clipped_to_1_mb_and_4_gb, free_copy),
		cmocka_unit_test_teardown(the_page_that_starts_cpus_is_ram, free_copy),
		cmocka_unit_test_teardown(without_a_map_cpus_start_from_the_usual_page, free_copy),
		cmocka_unit_test_teardown(a_map_with_tiny_entries_is_ignored, free_copy),
		cmocka_unit_test_teardown(without_a_map_upper_memory_counts, free_copy),
		cmocka_unit_test_teardown(an_rsdp_must_be_whole, free_copy),
		cmocka_unit_test_teardown(an_older_rsdp_does_not_replace_the_newer, free_copy),
		cmocka_unit_test_teardown(an_unterminated_string_is_ignored, free_copy),
		cmocka_unit_test_teardown(damaged_lists_of_tags_are_errors, free_copy),
		cmocka_unit_test(an_unknown_magic_is_an_error),
		cmocka_unit_test_setup_teardown(multiboot1_fields_fill_the_info, map_low,
						unmap_low),
		cmocka_unit_test_setup_teardown(multiboot1_flags_say_what_is_valid, map_low,
						unmap_low),
		cmocka_unit_test_setup_teardown(a_damaged_multiboot1_map_ends_the_walk, map_low,
						unmap_low),
		cmocka_unit_test_setup_teardown(pvh_fields_fill_the_info, map_low, unmap_low),
		cmocka_unit_test_setup_teardown(pvh_version_0_has_no_map, map_low, unmap_low),
		cmocka_unit_test_setup_teardown(what_pvh_puts_above_4_gb_is_not_read, map_low,
						unmap_low),
		cmocka_unit_test_setup_teardown(pvh_has_a_magic_number_of_its_own, map_low,
						unmap_low),
		cmocka_unit_test_teardown(random_tags_neither_crash_nor_break_invariants,
					  free_copy),
		cmocka_unit_test_setup_teardown(random_multiboot1_maps_stay_inside, map_low,
						unmap_low),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
