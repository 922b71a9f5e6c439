/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <stdint.h>

/* Port I/O. Host tests put a file of the same name first, with ports of their own. */

static inline uint8_t inb(uint16_t port)
{
	uint8_t value;

	asm volatile("inb %w1, %b0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline uint16_t inw(uint16_t port)
{
	uint16_t value;

	asm volatile("inw %w1, %w0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline uint32_t inl(uint16_t port)
{
	uint32_t value;

	asm volatile("inl %w1, %k0" : "=a"(value) : "Nd"(port) : "memory");
	return value;
}

static inline void outb(uint16_t port, uint8_t value)
{
	asm volatile("outb %b0, %w1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void outw(uint16_t port, uint16_t value)
{
	asm volatile("outw %w0, %w1" : : "a"(value), "Nd"(port) : "memory");
}

static inline void outl(uint16_t port, uint32_t value)
{
	asm volatile("outl %k0, %w1" : : "a"(value), "Nd"(port) : "memory");
}

/* A device's register in memory. */
static inline uint32_t mmio_read(volatile const void *address)
{
	return *(volatile const uint32_t *)address;
}

static inline void mmio_write(volatile void *address, uint32_t value)
{
	*(volatile uint32_t *)address = value;
}
