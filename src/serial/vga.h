/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include "serial/screen.h"

/* The 80x25 text mode of a PC's BIOS. Under UEFI nothing, or something else, is at its address. */
const struct screen_device *vga_device(void);
