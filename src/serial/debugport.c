/* SPDX-License-Identifier: BSD-2-Clause */
#include "serial/debugport.h"

#include "string.h"
#include "x86/cpu.h"
#include "x86/io.h"

enum { PORT = 0xe9 };

static bool enabled;
static bool by_line;   /* what has no end yet is nowhere */
static bool in_crumbs; /* the line that is open on the port is one of crumbs */

bool debugport_init(void)
{
	/* Xen before 4.19 lets nobody read it (hvm_print_line). */
	by_line = !strcmp(cpu_hypervisor(), "XenVMMXenVMM");
	enabled = by_line || inb(PORT) == PORT;
	return enabled;
}

static void write(const char *text, size_t length)
{
	for (size_t i = 0; enabled && i < length; i++)
		outb(PORT, (uint8_t)text[i]);
}

void debugport_write(const char *text, size_t length)
{
	if (in_crumbs)
		write("\n", 1);
	in_crumbs = false;
	write(text, length);
}

void debugport_crumb(const char *text)
{
	write(text, strlen(text));
	if (by_line && text[0] == '\n')
		write("\n", 1);
	in_crumbs = true;
}
