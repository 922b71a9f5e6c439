/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/x86/aml.c */
#include "x86/aml.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *code = fuzz_copy(data, size, false), types[2] = {0xaa, 0xbb};

	if (aml_soft_off(code, size, types))
		require(types[0] < 8 && types[1] < 8);
	else
		require(types[0] == 0xaa && types[1] == 0xbb);
	free(code);
	return 0;
}
