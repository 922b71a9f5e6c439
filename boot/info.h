/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum framebuffer_type {
	FRAMEBUFFER_NONE, /* nothing said: with "BIOS", that is the 80x25 text mode */
	FRAMEBUFFER_INDEXED,
	FRAMEBUFFER_RGB,
	FRAMEBUFFER_TEXT, /* width and height in characters */
};

struct framebuffer_colour {
	uint8_t position, size; /* bits of a pixel */
};

struct framebuffer {
	enum framebuffer_type type;
	uint64_t address;
	uint32_t pitch; /* bytes per line */
	uint32_t width, height;
	uint8_t bits; /* per pixel */
	struct framebuffer_colour red, green, blue;
};

/* What the boot loader has told, as pointers into its memory. Strings are "" when absent. */
struct boot_info {
	const char *protocol; /* "multiboot", "multiboot2", "PVH" */
	const char *loader;
	const char *command_line;
	/* "BIOS", "UEFI", "none"; multiboot 1 does not tell, and counts as BIOS, PVH as none */
	const char *firmware;
	const void *rsdp; /* multiboot 2's copy or PVH's own, whole by its length; or NULL */
	/* The largest range of RAM in 1 MB .. 4 GB. Where the kernel is, under a BIOS; under UEFI
	 * there may be something of the firmware's between. This information may lie in it. */
	uint64_t usable_base, usable_size;
	uint32_t low_page; /* below 640 kB, to start CPUs from: RAM, if there is a memory map */
	struct framebuffer framebuffer;
	const char *error; /* why info_parse returned false */
};

/*
 * magic and address: EAX and EBX at the entry (Multiboot Specification 0.6.96, "Machine state";
 * Multiboot2 Specification 2.0, "I386 machine state"; boot/pvh.S). False: info->error says why;
 * what had been understood until then is there.
 */
bool info_parse(struct boot_info *info, uint32_t magic, uintptr_t address);
