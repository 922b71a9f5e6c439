/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI configuration space by ports 0xcf8 and 0xcfc: all that a serial port needs. PCI Local Bus
 * Specification 3.0, "Configuration Mechanism #1", "Configuration Space Organization".
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct pci_function {
	uint8_t bus, device, function;
	uint16_t vendor, product;
	uint32_t class; /* class, subclass and programming interface: 0x070002 */
};

/* A base address register. */
struct pci_bar {
	bool is_io;
	uint64_t base; /* 0: the firmware gave it none */
	uint64_t size; /* 0: there is no such register */
};

/* Call found() for every function there is, on all of the 256 buses. False: there is no PCI that
 * answers to these ports. */
bool pci_walk(void (*found)(const struct pci_function *function));

/* The base address register with this index, 0 to 5. *next: the index behind it. */
struct pci_bar pci_bar(const struct pci_function *function, unsigned index, unsigned *next);

/* Let the function answer to accesses in I/O and memory space. */
void pci_enable(const struct pci_function *function);
