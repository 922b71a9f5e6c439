/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lhv-qr DIR
 *         The kernel's QR encoder: makes of the lines on stdin DIR/0000.pbm, 0001.pbm ..., of 4x4
 *         pixels a module, and prints how many modules a side has; 0: no code.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serial/qr.h"

enum { SCALE = 4 };

static void write_image(FILE *file, unsigned size)
{
	unsigned side = (size + 2 * QR_QUIET) * SCALE;

	fprintf(file, "P1 %u %u\n", side, side);
	for (unsigned y = 0; y < side; y++) {
		for (unsigned x = 0; x < side; x++) {
			unsigned column = x / SCALE - QR_QUIET, row = y / SCALE - QR_QUIET;
			bool inside = column < size && row < size;
			fputc(inside && qr_is_dark(column, row) ? '1' : '0', file);
		}
		fputc('\n', file);
	}
}

int main(int argc, char **argv)
{
	char line[4096], path[4096];

	for (unsigned n = 0; argc > 1 && fgets(line, sizeof(line), stdin); n++) {
		line[strcspn(line, "\n")] = 0;
		unsigned size = qr_encode(line);
		printf("%u\n", size);
		if (!size)
			continue;
		snprintf(path, sizeof(path), "%s/%04u.pbm", argv[1], n);
		FILE *file = fopen(path, "w");
		if (!file)
			return EXIT_FAILURE;
		write_image(file, size);
		fclose(file);
	}
	return argc > 1 ? EXIT_SUCCESS : EXIT_FAILURE;
}
