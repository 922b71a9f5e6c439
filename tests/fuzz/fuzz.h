/* SPDX-License-Identifier: BSD-2-Clause */
/* A fuzz target: what reads bytes that others have made, with any bytes. See fuzz.mk. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold whatever the bytes are. */
static inline void require(bool condition)
{
	if (!condition)
		abort();
}

/* A copy that ASan knows the end of; with a 0 behind it if text. The caller frees it. */
static inline void *fuzz_copy(const uint8_t *data, size_t size, bool text)
{
	uint8_t *copy = malloc(size + text + !size);

	if (size)
		memcpy(copy, data, size);
	if (text)
		copy[size] = 0;
	return copy;
}
