/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/serial/qr.c src/serial/qr_codewords.c */
#include "serial/qr.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
	char *text = fuzz_copy(data, size, true);
	unsigned side;

	/* Nearly all of it in the alphabet: others are refused at once. */
	for (size_t i = 0; i < size; i++)
		if ((uint8_t)text[i] < 0xf0)
			text[i] = alphabet[(uint8_t)text[i] % (sizeof(alphabet) - 1)];
	side = qr_encode(text);
	require(side <= QR_SIZE_MAX && (!side || (side - 17) % 4 == 0));
	for (unsigned i = 0; i < side; i++)
		qr_is_dark(i, side - 1 - i);
	free(text);
	return 0;
}
