/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <stdbool.h>

/*
 * Has a key been pressed since the last call, on the PC's keyboard or at the other end of the
 * serial line? Which one does not matter. A USB keyboard counts if the firmware makes it look like
 * a PC's, as a BIOS does; under UEFI it is silent once the loader has left.
 */
bool keys_pressed(void);
