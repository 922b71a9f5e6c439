/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot/info.h"

#include "string.h"

#include <stddef.h>

#define PACKED __attribute__((packed))

enum {
	MULTIBOOT_MAGIC = 0x2badb002,
	MULTIBOOT2_MAGIC = 0x36d76289,
	PVH_MAGIC = 0x336ec578,
	MEMORY_AVAILABLE = 1, /* in both memory maps */
	ONE_MB = 1 << 20,
	LOW_END = 0xa0000,
	LOW_PAGE = 0x8000, /* if it is RAM: what BIOS and loaders keep is below and above */
	PAGE = 0x1000,
};

#define FOUR_GB (1ull << 32)

/* Multiboot Specification, "Boot information format": which fields are valid. */
enum {
	FLAG_MEMORY = 1 << 0,
	FLAG_COMMAND_LINE = 1 << 2,
	FLAG_MEMORY_MAP = 1 << 6,
	FLAG_LOADER = 1 << 9,
	FLAG_FRAMEBUFFER = 1 << 12,
};

/* The end of a framebuffer's description: the same bytes in both protocols when it is RGB. */
struct PACKED rgb {
	uint8_t red_position, red_size, green_position, green_size, blue_position, blue_size;
};

struct PACKED multiboot {
	uint32_t flags;
	uint32_t memory_lower, memory_upper; /* kB; upper from 1 MB to the first hole */
	uint32_t boot_device;
	uint32_t command_line;
	uint32_t modules_count, modules;
	uint32_t symbols[4];
	uint32_t map_length, map;
	uint32_t drives_length, drives;
	uint32_t config_table;
	uint32_t loader;
	uint32_t apm_table;
	uint32_t vbe_control, vbe_mode_info;
	uint16_t vbe_mode, vbe_segment, vbe_offset, vbe_length;
	uint64_t framebuffer_address;
	uint32_t framebuffer_pitch, framebuffer_width, framebuffer_height;
	uint8_t framebuffer_bits, framebuffer_type;
	struct rgb framebuffer_rgb;
};
_Static_assert(offsetof(struct multiboot, map) == 48, "multiboot: map");
_Static_assert(offsetof(struct multiboot, framebuffer_address) == 88, "multiboot: framebuffer");
_Static_assert(sizeof(struct multiboot) == 116, "multiboot: size");

struct PACKED memory_range {
	uint64_t base, length;
	uint32_t type;
};

/* Multiboot2 Specification, "Boot information format". */
enum tag_type {
	TAG_END = 0,
	TAG_COMMAND_LINE = 1,
	TAG_LOADER = 2,
	TAG_MEMORY = 4,
	TAG_MEMORY_MAP = 6,
	TAG_FRAMEBUFFER = 8,
	TAG_EFI32_SYSTEM = 11,
	TAG_EFI64_SYSTEM = 12,
	TAG_RSDP_1 = 14,
	TAG_RSDP_2 = 15,
	TAG_EFI_MAP = 17,
	TAG_EFI_BOOT_SERVICES = 18,
	TAG_EFI32_IMAGE = 19,
	TAG_EFI64_IMAGE = 20,
	TAG_ALIGNMENT = 8,
};

struct PACKED tag {
	uint32_t type, size; /* size with this header, without the padding behind */
};

struct PACKED tag_memory {
	struct tag tag;
	uint32_t lower, upper; /* kB */
};

struct PACKED tag_map {
	struct tag tag;
	uint32_t entry_size, entry_version;
};

struct PACKED tag_framebuffer {
	struct tag tag;
	uint64_t address;
	uint32_t pitch, width, height;
	uint8_t bits, type;
	uint16_t reserved;
	struct rgb rgb;
};
_Static_assert(sizeof(struct tag_framebuffer) == 38, "multiboot2: framebuffer");

/* Xen's "x86/HVM direct boot ABI": struct hvm_start_info. Its map's entries are memory_range's,
 * with four bytes behind. */
enum { PVH_ENTRY_SIZE = 24 };

struct PACKED start_info {
	uint32_t magic, version, flags, modules_count;
	uint64_t modules;
	uint64_t command_line, rsdp;
	uint64_t map; /* from version 1 on */
	uint32_t map_count, reserved;
};
_Static_assert(offsetof(struct start_info, map_count) == 48, "PVH: map");

/* ACPI Specification, "Root System Description Pointer Structure". */
enum { RSDP_REVISION = 15, RSDP_LENGTH = 20, RSDP_1_SIZE = 20, RSDP_2_SIZE = 36 };

static bool fail(struct boot_info *info, const char *error)
{
	info->error = error;
	return false;
}

static void add_memory(struct boot_info *info, uint64_t base, uint64_t length)
{
	uint64_t end = base + length < base ? UINT64_MAX : base + length;

	base = base < ONE_MB ? ONE_MB : base;
	end = end > FOUR_GB ? FOUR_GB : end;
	if (base >= end || end - base <= info->usable_size)
		return;
	info->usable_base = base;
	info->usable_size = end - base;
}

/* Under UEFI any page may be the firmware's. Not page 0: a SIPI's vector 0 is for nobody. */
static void add_low_memory(struct boot_info *info, uint64_t base, uint64_t length)
{
	uint64_t first, end = length > LOW_END - base ? LOW_END : base + length;

	if (base >= LOW_END)
		return;
	first = base < PAGE ? PAGE : (base + PAGE - 1) & ~(PAGE - 1ull);
	if (first + PAGE > end)
		return;
	if (first <= LOW_PAGE && LOW_PAGE + PAGE <= end)
		info->low_page = LOW_PAGE;
	else if (!info->low_page)
		info->low_page = (uint32_t)first;
}

static void add_range(struct boot_info *info, const void *entry)
{
	struct memory_range range;

	memcpy(&range, entry, sizeof(range));
	if (range.type != MEMORY_AVAILABLE)
		return;
	add_memory(info, range.base, range.length);
	add_low_memory(info, range.base, range.length);
}

static void set_colours(struct framebuffer *framebuffer, uint8_t type, const struct rgb *rgb)
{
	if (type > 2) {
		framebuffer->type = FRAMEBUFFER_NONE;
		return;
	}
	framebuffer->type = FRAMEBUFFER_INDEXED + type;
	if (framebuffer->type != FRAMEBUFFER_RGB)
		return;
	framebuffer->red = (struct framebuffer_colour){rgb->red_position, rgb->red_size};
	framebuffer->green = (struct framebuffer_colour){rgb->green_position, rgb->green_size};
	framebuffer->blue = (struct framebuffer_colour){rgb->blue_position, rgb->blue_size};
}

static const char *low_string(uint32_t address)
{
	return address ? (const char *)(uintptr_t)address : "";
}

/* Each entry is preceded by its size, which does not count itself. */
static void walk_map(struct boot_info *info, const uint8_t *map, uint32_t length)
{
	uint32_t at = 0, size;

	while (length - at >= sizeof(size) + sizeof(struct memory_range)) {
		memcpy(&size, map + at, sizeof(size));
		at += sizeof(size);
		if (size < sizeof(struct memory_range) || size > length - at)
			return;
		add_range(info, map + at);
		at += size;
	}
}

static bool parse_multiboot(struct boot_info *info, const struct multiboot *from)
{
	info->protocol = "multiboot";
	info->firmware = "BIOS";
	if (from->flags & FLAG_COMMAND_LINE)
		info->command_line = low_string(from->command_line);
	if (from->flags & FLAG_LOADER)
		info->loader = low_string(from->loader);
	if (from->flags & FLAG_MEMORY)
		add_memory(info, ONE_MB, (uint64_t)from->memory_upper << 10);
	if (from->flags & FLAG_MEMORY_MAP && from->map)
		walk_map(info, (const uint8_t *)(uintptr_t)from->map, from->map_length);
	if (from->flags & FLAG_FRAMEBUFFER) {
		info->framebuffer = (struct framebuffer){
			.address = from->framebuffer_address,
			.pitch = from->framebuffer_pitch,
			.width = from->framebuffer_width,
			.height = from->framebuffer_height,
			.bits = from->framebuffer_bits,
		};
		set_colours(&info->framebuffer, from->framebuffer_type, &from->framebuffer_rgb);
	}
	return true;
}

/* The string of a tag, or "" if it does not end within. */
static const char *tag_string(const struct tag *tag)
{
	const char *text = (const char *)(tag + 1);

	for (uint32_t i = 0; i < tag->size - sizeof(*tag); i++)
		if (!text[i])
			return text;
	return "";
}

static void tag_memory_map(struct boot_info *info, const struct tag *tag)
{
	const struct tag_map *map = (const struct tag_map *)tag;
	uint32_t at = sizeof(*map);

	if (tag->size < sizeof(*map) || map->entry_size < sizeof(struct memory_range))
		return;
	for (; tag->size - at >= map->entry_size; at += map->entry_size)
		add_range(info, (const uint8_t *)tag + at);
}

static void tag_framebuffer(struct boot_info *info, const struct tag *tag)
{
	const struct tag_framebuffer *from = (const struct tag_framebuffer *)tag;
	static const struct rgb none;
	bool has_colours = tag->size >= sizeof(*from);

	if (tag->size < offsetof(struct tag_framebuffer, rgb))
		return;
	info->framebuffer = (struct framebuffer){
		.address = from->address,
		.pitch = from->pitch,
		.width = from->width,
		.height = from->height,
		.bits = from->bits,
	};
	set_colours(&info->framebuffer, from->type, has_colours ? &from->rgb : &none);
}

static void tag_rsdp(struct boot_info *info, const struct tag *tag)
{
	const uint8_t *rsdp = (const uint8_t *)(tag + 1);
	uint32_t room = tag->size - sizeof(*tag);
	uint32_t length = RSDP_1_SIZE;

	if (room < RSDP_1_SIZE || (rsdp[RSDP_REVISION] >= 2 && room < RSDP_2_SIZE))
		return;
	if (rsdp[RSDP_REVISION] >= 2)
		memcpy(&length, rsdp + RSDP_LENGTH, sizeof(length));
	if (length <= room && (tag->type == TAG_RSDP_2 || !info->rsdp))
		info->rsdp = rsdp;
}

static void parse_tag(struct boot_info *info, const struct tag *tag)
{
	switch (tag->type) {
	case TAG_COMMAND_LINE:
		info->command_line = tag_string(tag);
		break;
	case TAG_LOADER:
		info->loader = tag_string(tag);
		break;
	case TAG_MEMORY:
		if (tag->size >= sizeof(struct tag_memory))
			add_memory(info, ONE_MB,
				   (uint64_t)((const struct tag_memory *)tag)->upper << 10);
		break;
	case TAG_MEMORY_MAP:
		tag_memory_map(info, tag);
		break;
	case TAG_FRAMEBUFFER:
		tag_framebuffer(info, tag);
		break;
	case TAG_RSDP_1:
	case TAG_RSDP_2:
		tag_rsdp(info, tag);
		break;
	case TAG_EFI32_SYSTEM:
	case TAG_EFI64_SYSTEM:
	case TAG_EFI_MAP:
	case TAG_EFI_BOOT_SERVICES:
	case TAG_EFI32_IMAGE:
	case TAG_EFI64_IMAGE:
		info->firmware = "UEFI";
		break;
	}
}

static bool parse_multiboot2(struct boot_info *info, const uint8_t *from)
{
	uint32_t total, at = TAG_ALIGNMENT; /* behind total_size and a reserved word */

	info->protocol = "multiboot2";
	info->firmware = "BIOS";
	memcpy(&total, from, sizeof(total));
	while (total >= at && total - at >= sizeof(struct tag)) {
		const struct tag *tag = (const struct tag *)(from + at);
		if (tag->type == TAG_END)
			return true;
		if (tag->size < sizeof(*tag) || tag->size > total - at)
			return fail(info, "multiboot2: a tag with a wrong size");
		parse_tag(info, tag);
		/* The padding of the last tag may be outside of total, but never wraps. */
		uint32_t padding = -tag->size % TAG_ALIGNMENT;
		if (padding > total - at - tag->size)
			break;
		at += tag->size + padding;
	}
	return fail(info, "multiboot2: no end tag");
}

/* Whether `length` bytes from there on are below 4 GB, and there are any. */
static bool is_low(uint64_t address, uint64_t length)
{
	return address && address < FOUR_GB && length <= FOUR_GB - address;
}

static const void *low_rsdp(uint64_t address)
{
	const uint8_t *rsdp = (const uint8_t *)(uintptr_t)address;
	uint32_t length = RSDP_1_SIZE;

	if (!is_low(address, RSDP_2_SIZE))
		return NULL;
	if (rsdp[RSDP_REVISION] >= 2)
		memcpy(&length, rsdp + RSDP_LENGTH, sizeof(length));
	return is_low(address, length) ? rsdp : NULL;
}

static bool parse_pvh(struct boot_info *info, const struct start_info *from)
{
	info->protocol = "PVH";
	info->firmware = "none";
	if (from->magic != PVH_MAGIC)
		return fail(info, "PVH: the start info has another magic number");
	if (is_low(from->command_line, 1))
		info->command_line = low_string((uint32_t)from->command_line);
	info->rsdp = low_rsdp(from->rsdp);
	if (!from->version)
		return true;
	if (from->map_count && !is_low(from->map, (uint64_t)from->map_count * PVH_ENTRY_SIZE))
		return fail(info, "PVH: the memory map is not below 4 GB");
	for (uint32_t i = 0; i < from->map_count; i++)
		add_range(info, (const uint8_t *)(uintptr_t)from->map + i * PVH_ENTRY_SIZE);
	return true;
}

bool info_parse(struct boot_info *info, uint32_t magic, uintptr_t address)
{
	*info = (struct boot_info){.protocol = "",
				   .loader = "",
				   .command_line = "",
				   .firmware = ""};
	if (magic != MULTIBOOT_MAGIC && magic != MULTIBOOT2_MAGIC && magic != PVH_MAGIC)
		return fail(info, "not started by a multiboot, multiboot2 or PVH loader");
	if (!address)
		return fail(info, "the boot loader gave no information");
	bool good;
	if (magic == MULTIBOOT_MAGIC)
		good = parse_multiboot(info, (const struct multiboot *)address);
	else if (magic == MULTIBOOT2_MAGIC)
		good = parse_multiboot2(info, (const uint8_t *)address);
	else
		good = parse_pvh(info, (const struct start_info *)address);
	if (!info->low_page)
		info->low_page = LOW_PAGE;
	return good;
}
