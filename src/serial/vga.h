/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Clears the 80x25 text screen. Pass true only if the boot information speaks of a BIOS text mode:
 * under UEFI nothing, or something else, is at 0xb8000. With false, vga_write does nothing.
 */
void vga_init(bool present);
void vga_write(const char *text, size_t length);
