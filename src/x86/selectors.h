/* SPDX-License-Identifier: BSD-2-Clause */
/* Segment selectors, for assembly and C. Host and guest share one GDT. */
#pragma once

#define HOST_CS   0x08
#define HOST_DS   0x10
#define GUEST_CS  0x18 /* same segment as HOST_CS: the pushed selector tells who was interrupted */
#define HOST_CS32 0x20 /* 32-bit code in both kernels, on the way in */
#define SMALL_DS  0x28 /* 4 KB of data, where no stack is */
#define HOST_TR   0x30 /* 16 bytes each in long mode */
#define GUEST_TR  0x40
#define FAULT_TR  0x50 /* 32-bit: the task of a double fault */
#define TASK_NMI  0x60 /* 32-bit: see task.h */
#define TASK_STEP 0x68
#define GUEST_CS3 0x73 /* the guest's in ring 3 */
#define RING_3_DS 0x7b
#define HOST_CS3  0x83
#define GDT_SIZE  0x88

/* The guest's LDT has two pages, and nothing is in it: the second is not mapped. */
#define LDT_SIZE     0x2000
#define LDT_MAPPED   0x000c
#define LDT_UNMAPPED 0x100c
