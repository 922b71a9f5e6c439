/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of ACPI as such: where they are, and whether they are whole. What they say: acpi.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACPI_HEADER_SIZE 36 /* "System Description Table Header" */

/* A table whose length and checksum are good; without data, none. */
struct acpi_table {
	const uint8_t *data;
	uint32_t length;
};

/*
 * How physical memory is read: a pointer to size bytes of it, or NULL if they are out of reach.
 * The default is the identity below 4 GB; the kernel puts in paging_map_device, host tests their
 * own.
 */
extern void *(*acpi_memory)(uint64_t physical, size_t size);

/* Finds the root table; the hint as for acpi_init. False: there is none. The loader's RSDP is not
 * looked at again. */
bool acpi_tables_init(const void *rsdp_hint);

/* The table at an address; an empty one, and a warning under this name, if it is damaged. */
struct acpi_table acpi_tables_open(uint64_t physical, const char *signature, const char *name);

/* The first good table with this signature; an empty one, and a warning, if there is none. */
struct acpi_table acpi_tables_find(const char *signature, const char *name);

/* The same for a table that many machines do not have: no warning. */
struct acpi_table acpi_tables_find_optional(const char *signature);

/* Little endian, at most eight bytes, at any alignment. */
uint64_t acpi_tables_load(const uint8_t *from, unsigned size);

/* Fields that the table is too short for read as 0, which means "absent" for all of ours. */
uint64_t acpi_tables_field(const struct acpi_table *table, uint32_t offset, unsigned size);

/* The first thing that is wrong or missing; or NULL. */
const char *acpi_tables_warning(void);
