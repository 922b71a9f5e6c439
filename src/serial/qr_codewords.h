/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { QR_CODEWORDS_MAX = 1085 }; /* of version 20 */
enum qr_level { QR_LEVEL_L, QR_LEVEL_M, QR_LEVELS };

/* The codewords of a symbol, in the order in which they are placed. */
struct qr_codewords {
	unsigned version;
	enum qr_level level;
	unsigned count;
	uint8_t at[QR_CODEWORDS_MAX];
};

/* False: text is too long, or has a character outside of the alphabet. */
bool qr_codewords(struct qr_codewords *codewords, const char *text);
