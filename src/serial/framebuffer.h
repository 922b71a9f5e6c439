/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include "boot/info.h"
#include "serial/screen.h"

/*
 * A linear framebuffer of 15, 16, 24 or 32 bits per pixel with colours in bit fields, shown in a
 * font of 8x16 pixels or, on large screens, multiples of it. NULL: it is none of these, it
 * contradicts itself, or it cannot be reached. The memory is written line by line, in words from
 * the left to the right, and never read.
 */
const struct screen_device *framebuffer_device(const struct framebuffer *framebuffer);
