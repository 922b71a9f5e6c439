/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <stdint.h>

enum {
	FONT_WIDTH = 8,
	FONT_HEIGHT = 16,
	FONT_FIRST = 0x20, /* ASCII, without the control characters */
	FONT_LAST = 0x7e,
};

/* A glyph's rows from the top; the left pixel is bit 7. */
extern const uint8_t font_glyphs[FONT_LAST - FONT_FIRST + 1][FONT_HEIGHT];
