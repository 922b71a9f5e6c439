/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One function per instruction C has no word for, named after it. Words are `unsigned long`:
 * 32 bits in the 32-bit kernel, 64 in the other.
 */
#pragma once

#include <stdint.h>

struct cpuid {
	uint32_t a, b, c, d;
};

/* A descriptor-table register as LGDT, LIDT, SGDT and SIDT want it in memory. */
struct table_register {
	uint16_t limit;
	unsigned long base;
} __attribute__((packed));

static inline struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid r;
	asm volatile("cpuid"
		     : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d)
		     : "a"(leaf), "c"(subleaf));
	return r;
}

static inline uint64_t rdtsc(void)
{
	uint32_t low, high;
	asm volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

static inline uint64_t rdmsr(uint32_t msr)
{
	uint32_t low, high;
	asm volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static inline void wrmsr(uint32_t msr, uint64_t value)
{
	asm volatile("wrmsr" ::"a"((uint32_t)value), "d"((uint32_t)(value >> 32)), "c"(msr)
		     : "memory");
}

#define CONTROL_REGISTER(name)                                                                     \
	static inline unsigned long read_##name(void)                                              \
	{                                                                                          \
		unsigned long value;                                                               \
		asm volatile("mov %%" #name ", %0" : "=r"(value));                                 \
		return value;                                                                      \
	}                                                                                          \
	static inline void write_##name(unsigned long value)                                       \
	{                                                                                          \
		asm volatile("mov %0, %%" #name ::"r"(value) : "memory");                          \
	}

CONTROL_REGISTER(cr0)
CONTROL_REGISTER(cr2)
CONTROL_REGISTER(cr3)
CONTROL_REGISTER(cr4)
CONTROL_REGISTER(dr0)
CONTROL_REGISTER(dr6)
CONTROL_REGISTER(dr7)

static inline void pause(void)
{
	asm volatile("pause" ::: "memory");
}

/*
 * Between two looks at a variable that another CPU writes, where the answer is near. No PAUSE here:
 * a hypervisor may exit at each, and QEMU's TCG leaves its CPU loop and takes a global lock, for
 * which two CPUs that wait for each other then compete.
 */
static inline void spin(void)
{
	asm volatile("" ::: "memory");
}

static inline void cli(void)
{
	asm volatile("cli" ::: "memory");
}

/* Let maskable interrupts in for as long as one instruction: what is pending comes now. */
static inline void sti_nop_cli(void)
{
	asm volatile("sti; nop; nop; cli" ::: "memory");
}

static inline void hlt(void)
{
	asm volatile("hlt" ::: "memory");
}

static inline void clts(void)
{
	asm volatile("clts");
}

static inline void lgdt(const struct table_register *table)
{
	asm volatile("lgdt %0" ::"m"(*table));
}

static inline void lidt(const struct table_register *table)
{
	asm volatile("lidt %0" ::"m"(*table));
}

static inline void lldt(uint16_t selector)
{
	asm volatile("lldt %0" ::"r"(selector));
}

static inline void ltr(uint16_t selector)
{
	asm volatile("ltr %0" ::"r"(selector));
}
