/* SPDX-License-Identifier: BSD-2-Clause */
/* links: boot/info.c */
/*
 * Multiboot 2's information, which tells its own size: it is where the kernel finds it, and the
 * size is put right. (Multiboot 1's has pointers to anywhere.)
 */
#include "boot/info.h"

#include "fuzz.h"

#include <stdio.h>
#include <sys/mman.h>

enum { MAGIC_2 = 0x36d76289, AREA = 1 << 16 };

static uint8_t *area(void)
{
	static uint8_t *low;

	if (!low)
		low = mmap(NULL, AREA, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	require(low != MAP_FAILED);
	return low;
}

/* At the area's end, so that the next byte is not there. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct boot_info info;
	uint32_t length = (uint32_t)(size & ~7ULL);

	if (length < 16 || length > AREA)
		return 0;
	uint8_t *at = area() + AREA - length;
	memcpy(at, data, length);
	memcpy(at, &length, sizeof(length));
	if (info_parse(&info, MAGIC_2, (uintptr_t)at)) {
		require(strlen(info.command_line) < length && strlen(info.loader) < length);
		require(info.usable_base + info.usable_size >= info.usable_base);
		require(info.low_page < 0xa0000);
	} else {
		require(info.error != NULL);
	}
	return 0;
}
