/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* ACPI Specification 6.4. Everything here is read once, by acpi_init. */

/*
 * Finds the tables. rsdp_hint: a copy of the RSDP from the boot loader, whole by its own length,
 * or NULL; without a good one, the BIOS areas are searched. Tables that are damaged are ignored.
 */
void acpi_init(const void *rsdp_hint);

/* The first thing that is wrong or missing, one line such as "MADT: bad checksum"; or NULL. */
const char *acpi_warning(void);

/*
 * Writes the APIC IDs of the enabled processors, in the MADT's order and each once, to apic_ids,
 * which has room for max. Returns how many were written; *found is how many there are (duplicates
 * among those that had no room are not seen). 0 without a MADT.
 */
unsigned acpi_cpus(uint32_t *apic_ids, unsigned max, unsigned *found);

/* Physical address of the local APICs; the architectural 0xfee00000 without a MADT. */
uint64_t acpi_lapic_address(void);

/* Physical address of the index-th I/O APIC; 0: there is none. */
uint32_t acpi_io_apic(unsigned index);

/* Are there two 8259 interrupt controllers? Without a MADT there may be. */
bool acpi_has_pic(void);

/* Physical address of the HPET's registers; 0: none. */
uint64_t acpi_hpet(void);

/* I/O port of the power management timer, 3579545 Hz, at least 24 bits; 0: none. */
uint16_t acpi_pm_timer(void);

/* Into S5, soft off. Returns, with false, only if there is no way or it had no effect. */
bool acpi_poweroff(void);

/* By the FADT's reset register. Returns false, if there is none, or before the reset happens. */
bool acpi_reset(void);
