/* SPDX-License-Identifier: BSD-2-Clause */
#include "serial/debugport.h"

#include "string.h"
#include "x86/io.h"

enum { PORT = 0xe9 };

static bool enabled;

bool debugport_init(void)
{
	enabled = inb(PORT) == PORT;
	return enabled;
}

void debugport_write(const char *text, size_t length)
{
	if (!enabled)
		return;
	for (size_t i = 0; i < length; i++)
		outb(PORT, (uint8_t)text[i]);
}

void debugport_crumb(const char *text)
{
	debugport_write(text, strlen(text));
}
