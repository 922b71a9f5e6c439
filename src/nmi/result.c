/* SPDX-License-Identifier: BSD-2-Clause */
#include "nmi/result.h"

const char *result_line(const char *lines, char *line, size_t size)
{
	size_t length = 0;

	if (!*lines)
		return NULL;
	for (; *lines && *lines != '\n'; lines++)
		if (length + 1 < size)
			line[length++] = *lines;
	line[length] = 0;
	return *lines ? lines + 1 : lines;
}
