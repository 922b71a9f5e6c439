/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/acpi_tables.h"

#include "serial/print.h"
#include "string.h"

/* ACPI Specification, "Root System Description Pointer (RSDP) Structure". */
enum {
	RSDP_REVISION = 15,
	RSDP_RSDT = 16,
	RSDP_1_SIZE = 20,
	RSDP_LENGTH = 20,
	RSDP_XSDT = 24,
	RSDP_2_SIZE = 36,
	RSDP_SIZE_MAX = 128, /* later revisions may add to it */
	RSDP_ALIGNMENT = 16,
};

/* "Finding the RSDP on IA-PC Systems". */
enum {
	EBDA_SEGMENT = 0x40e, /* BIOS data area: where the extended one is, a segment */
	EBDA_SIZE = 1024,     /* of which the RSDP is looked for */
	BIOS_AREA = 0xe0000,
	BIOS_AREA_SIZE = 0x20000,
};

/* "System Description Table Header". */
enum { TABLE_LENGTH = 4, HEADER_SIZE = 36, TABLE_SIZE_MAX = 16 << 20 };

static struct {
	struct acpi_table root;
	unsigned width; /* of the root's entries */
	char warning[40];
} acpi;

static void *identity(uint64_t physical, size_t size)
{
	const uint64_t limit = 1ull << 32;

	if (physical >= limit || size > limit - physical)
		return NULL;
	return (void *)(uintptr_t)physical;
}

void *(*acpi_memory)(uint64_t physical, size_t size) = identity;

static void warn(const char *what, const char *problem)
{
	if (!acpi.warning[0])
		print_to(acpi.warning, sizeof(acpi.warning), "%s: %s", what, problem);
}

static void warn_missing(const char *what)
{
	if (!acpi.warning[0])
		print_to(acpi.warning, sizeof(acpi.warning), "no %s", what);
}

const char *acpi_tables_warning(void)
{
	return acpi.warning[0] ? acpi.warning : NULL;
}

uint64_t acpi_tables_load(const uint8_t *from, unsigned size)
{
	uint64_t value = 0;

	memcpy(&value, from, size);
	return value;
}

uint64_t acpi_tables_field(const struct acpi_table *table, uint32_t offset, unsigned size)
{
	if (offset + size > table->length)
		return 0;
	return acpi_tables_load(table->data + offset, size);
}

static bool sums_to_zero(const uint8_t *data, uint32_t length)
{
	uint8_t sum = 0;

	for (uint32_t i = 0; i < length; i++)
		sum += data[i];
	return !sum;
}

static bool rsdp_is_good(const uint8_t *rsdp, size_t room)
{
	if (!sums_to_zero(rsdp, RSDP_1_SIZE)) {
		warn("RSDP", "bad checksum");
		return false;
	}
	if (rsdp[RSDP_REVISION] < 2)
		return true;

	uint64_t length = room < RSDP_2_SIZE ? 0 : acpi_tables_load(rsdp + RSDP_LENGTH, 4);
	if (length < RSDP_2_SIZE || length > RSDP_SIZE_MAX || length > room) {
		warn("RSDP", "bad length");
		return false;
	}
	if (!sums_to_zero(rsdp, (uint32_t)length)) {
		warn("RSDP", "bad checksum");
		return false;
	}
	return true;
}

static const uint8_t *find_rsdp_in(uint64_t physical, size_t size)
{
	const uint8_t *area = acpi_memory(physical, size);

	if (!area)
		return NULL;
	for (size_t at = 0; at + RSDP_1_SIZE <= size; at += RSDP_ALIGNMENT)
		if (!memcmp(area + at, "RSD PTR ", 8) && rsdp_is_good(area + at, size - at))
			return area + at;
	return NULL;
}

static const uint8_t *find_rsdp(const uint8_t *hint)
{
	if (hint && !memcmp(hint, "RSD PTR ", 8) && rsdp_is_good(hint, RSDP_SIZE_MAX))
		return hint;

	const uint8_t *segment = acpi_memory(EBDA_SEGMENT, 2);
	uint64_t ebda = segment ? acpi_tables_load(segment, 2) << 4 : 0;
	const uint8_t *rsdp = ebda ? find_rsdp_in(ebda, EBDA_SIZE) : NULL;
	return rsdp ? rsdp : find_rsdp_in(BIOS_AREA, BIOS_AREA_SIZE);
}

struct acpi_table acpi_tables_open(uint64_t physical, const char *signature, const char *name)
{
	const uint8_t *header = acpi_memory(physical, HEADER_SIZE);
	uint32_t length = header ? (uint32_t)acpi_tables_load(header + TABLE_LENGTH, 4) : 0;
	const uint8_t *data = NULL;

	if (!header)
		warn(name, "out of reach");
	else if (memcmp(header, signature, 4))
		warn(name, "bad signature");
	else if (length < HEADER_SIZE || length > TABLE_SIZE_MAX)
		warn(name, "bad length");
	else if (!(data = acpi_memory(physical, length)))
		warn(name, "out of reach");
	else if (sums_to_zero(data, length))
		return (struct acpi_table){data, length};
	else
		warn(name, "bad checksum");
	return (struct acpi_table){NULL, 0};
}

/* The XSDT if there is a good one, else the RSDT; they differ in the width of their entries. */
static void open_root(uint64_t xsdt, uint64_t rsdt)
{
	acpi.width = 8;
	if (xsdt)
		acpi.root = acpi_tables_open(xsdt, "XSDT", "XSDT");
	if (acpi.root.data)
		return;
	acpi.width = 4;
	acpi.root = acpi_tables_open(rsdt, "RSDT", "RSDT");
}

bool acpi_tables_init(const void *rsdp_hint)
{
	memset(&acpi, 0, sizeof(acpi));
	const uint8_t *rsdp = find_rsdp(rsdp_hint);
	if (!rsdp) {
		warn_missing("RSDP");
		return false;
	}
	acpi.warning[0] = 0; /* of others, such as a stray signature in the BIOS */
	open_root(rsdp[RSDP_REVISION] >= 2 ? acpi_tables_load(rsdp + RSDP_XSDT, 8) : 0,
		  acpi_tables_load(rsdp + RSDP_RSDT, 4));
	return acpi.root.data;
}

static struct acpi_table find(const char *signature, const char *name)
{
	for (uint32_t at = HEADER_SIZE; at + acpi.width <= acpi.root.length; at += acpi.width) {
		uint64_t physical = acpi_tables_field(&acpi.root, at, acpi.width);
		const uint8_t *header = physical ? acpi_memory(physical, HEADER_SIZE) : NULL;
		if (!header || memcmp(header, signature, 4))
			continue;
		struct acpi_table table = acpi_tables_open(physical, signature, name);
		if (table.data)
			return table;
	}
	return (struct acpi_table){NULL, 0};
}

struct acpi_table acpi_tables_find(const char *signature, const char *name)
{
	struct acpi_table table = find(signature, name);

	if (!table.data)
		warn_missing(name);
	return table;
}

struct acpi_table acpi_tables_find_optional(const char *signature)
{
	return find(signature, signature);
}
