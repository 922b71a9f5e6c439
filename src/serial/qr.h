/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QR codes, ISO/IEC 18004:2015: text of the alphanumeric alphabet in versions 1 to 20, with error
 * correction level M where the version that level L needs has room for it. The section titles in
 * qr.c and qr_codewords.c are that standard's.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum {
	QR_VERSION_MAX = 20,
	QR_SIZE_MAX = 17 + 4 * QR_VERSION_MAX, /* modules of a side */
	QR_QUIET = 4,                          /* light modules wanted around it */
};

/* Makes the symbol, of which there is one; returns the modules of a side. 0: the text is too long,
 * or has a character that is none of 0-9 A-Z $%*+-./: and space. */
unsigned qr_encode(const char *text);

/* From the upper left corner; x and y are less than what qr_encode returned. */
bool qr_is_dark(unsigned x, unsigned y);
