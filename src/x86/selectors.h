/* SPDX-License-Identifier: BSD-2-Clause */
/* Segment selectors, for assembly and C. Host and guest share one GDT. */
#pragma once

#define HOST_CS   0x08
#define HOST_DS   0x10
#define GUEST_CS  0x18 /* same segment as HOST_CS: the pushed selector tells who was interrupted */
#define HOST_CS32 0x20 /* 32-bit code in both kernels, on the way in */
#define HOST_TR   0x28 /* 16 bytes each in long mode */
#define GUEST_TR  0x38
#define FAULT_TR  0x48 /* 32-bit: the task of a double fault */
#define GDT_SIZE  0x58
