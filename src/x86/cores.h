/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What kind of core a CPU is, and whether it is a hyper-thread: for the reader of a report, who
 * may find that only one kind fails. Nothing here depends on it. SDM Vol. 2 "CPUID", "Hybrid
 * Information Enumeration Leaf" and "Extended Topology Enumeration Leaf".
 */
#pragma once

#include <stdint.h>

/* CPUID 1Ah EAX[31:24] of the CPU that calls: 20h efficient, 40h performance; 0: not hybrid. */
uint8_t cores_kind(void);

/* A line, if there are hyper-threads or several kinds of cores. */
void cores_report(void);
