/* SPDX-License-Identifier: BSD-2-Clause */
/* Instructions whose results the tests make up. */
#pragma once

#include <stdint.h>

struct cpuid {
	uint32_t a, b, c, d;
};

struct table_register {
	uint16_t limit;
	unsigned long base;
} __attribute__((packed));

struct cpuid cpuid(uint32_t leaf, uint32_t subleaf);
uint64_t rdmsr(uint32_t msr);
uint64_t rdtsc(void);
void wrmsr(uint32_t msr, uint64_t value);
unsigned long read_cr3(void);
unsigned long read_cr4(void);
void write_cr3(unsigned long value);
void pause(void);

static inline void spin(void)
{
}
