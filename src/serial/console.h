/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * Finds the UART at the I/O port com_port (0: none wanted) and the debug port. The screen has an
 * init of its own, screen_init, because only the boot information knows whether there is one.
 * May be called again, with another port.
 */
void console_init(uint16_t com_port, unsigned baud);

/* To everything that was found; never waits for long. A line is one CPU's,
 * unless that CPU does not finish it. */
void console_write(const char *text, size_t length);

/* If the last line has no end, for a CPU that died in the midst of it. */
void console_end_line(void);

/* Until the last character is on the wire, or the UART seems stuck. Call before an exit. */
void console_flush(void);
