/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <stdint.h>

/* In the place of the kernel's x86/io.h: the test that links a driver plays the device. */
uint8_t inb(uint16_t port);
uint16_t inw(uint16_t port);
uint32_t inl(uint16_t port);
void outb(uint16_t port, uint8_t value);
void outw(uint16_t port, uint16_t value);
void outl(uint16_t port, uint32_t value);
uint32_t mmio_read(volatile const void *address);
void mmio_write(volatile void *address, uint32_t value);
