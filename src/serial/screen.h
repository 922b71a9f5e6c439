/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The screen: text cells in the kernel's memory, and what shows them, VGA's text mode or a
 * framebuffer. Below a hypervisor each access to video memory may be an exit, and a framebuffer
 * is slow anywhere: it is never read, and only written where the picture changes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot/info.h"

/* VGA's colours: background << 4 | foreground. A background has no bright colours (it would
 * blink). */
enum colour {
	BLACK,
	BLUE,
	GREEN,
	CYAN,
	RED,
	MAGENTA,
	BROWN,
	GREY,
	DARK_GREY,
	BRIGHT_BLUE,
	BRIGHT_GREEN,
	BRIGHT_CYAN,
	BRIGHT_RED,
	BRIGHT_MAGENTA,
	YELLOW,
	WHITE,
	COLOURS,
};
#define SCREEN_COLOURS(foreground, background) ((uint8_t)((background) << 4 | (foreground)))

/* Characters beyond ASCII that every screen has, by their codes in VGA's code page 437. */
enum { SCREEN_BLOCK = 0xdb, SCREEN_LOWER_HALF = 0xdc, SCREEN_UPPER_HALF = 0xdf };

/* As VGA's text mode has it: colours << 8 | character. */
enum { SCREEN_BLANK = GREY << 8 | ' ' };

struct screen_device {
	unsigned columns, rows;
	unsigned scroll;     /* rows at a time */
	void (*clear)(void); /* all cells are SCREEN_BLANK then */
	void (*draw)(unsigned column, unsigned row, uint16_t cell);
	void (*place_cursor)(unsigned cell); /* columns * rows: nowhere. NULL: there is none */
};

/* Clears the screen that the boot loader speaks of. Without one, all else here does nothing. */
void screen_init(const struct boot_info *info);

/* Text, as on a terminal. A line that tells of a failure or the verdict gets its colour when it
 * ends. */
void screen_write(const char *text, size_t length);

/* 0: there is no screen. */
unsigned screen_columns(void);
unsigned screen_rows(void);

/* A page instead of the text: keep, clear, put, show. What is outside of the screen is cut off. */
void screen_keep_text(void);
void screen_clear(void);
void screen_put(unsigned column, unsigned row, uint8_t colours, const char *text);
void screen_put_cell(unsigned column, unsigned row, uint8_t colours, uint8_t character);
void screen_put_kept(unsigned row); /* the text's last rows, from this row to the end */
void screen_show(void);
