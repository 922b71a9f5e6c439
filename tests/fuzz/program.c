/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/explore/text.c src/explore/program.c src/explore/alphabet.c src/nmi/places.c */
/* links: src/virt.c src/serial/print.c tests/unit/fake/console.c */
/* prog=: what is understood is printed so that it is understood in the same way. */
#include "explore/text.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size, true), printed[TEXT_MAX];
	struct program program, again;
	size_t place = 0;

	virt_features = ~0UL;
	if (text_parse(&program, text, &place)) {
		require(place <= size);
	} else {
		text_print(printed, sizeof(printed), &program);
		require(strlen(printed) + 1 < sizeof(printed));
		require(!text_parse(&again, printed, &place));
		require(program_is_same(&program, &again));
	}
	free(text);
	return 0;
}
