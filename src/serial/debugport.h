/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Port 0xe9 as in Bochs (port_e9_hack) and QEMU (isa-debugcon): it is there if it reads as 0xe9;
 * and in every guest of Xen's, which puts it into its log. */
bool debugport_init(void);
void debugport_write(const char *text, size_t length);

/* A breadcrumb for the host's script: the text as it is, to this port and nowhere else. What the
 * console writes next begins a new line. */
void debugport_crumb(const char *text);
