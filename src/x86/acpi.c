/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/acpi.h"

#include "serial/print.h"
#include "string.h"
#include "x86/aml.h"
#include "x86/io.h"

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

/* "Multiple APIC Description Table (MADT)". */
enum {
	MADT_LAPIC_ADDRESS = 36,
	MADT_ENTRIES = 44,
	MADT_LOCAL_APIC = 0,
	MADT_LAPIC_OVERRIDE = 5,
	MADT_LOCAL_X2APIC = 9,
	MADT_ENABLED = 1 << 0,
	LAPIC_ADDRESS_DEFAULT = (int)0xfee00000,
};

/* "Fixed ACPI Description Table (FADT)". The X_ fields are generic addresses. */
enum {
	FADT_DSDT = 40,
	FADT_SMI_COMMAND = 48,
	FADT_ACPI_ENABLE = 52,
	FADT_PM1A_CONTROL = 64,
	FADT_PM1B_CONTROL = 68,
	FADT_PM_TIMER = 76,
	FADT_FLAGS = 112,
	FADT_RESET_REGISTER = 116,
	FADT_RESET_VALUE = 128,
	FADT_X_DSDT = 140,
	FADT_X_PM1A_CONTROL = 172,
	FADT_X_PM1B_CONTROL = 184,
	FADT_X_PM_TIMER = 208,
	FLAG_RESET_REGISTER = 1 << 10,
	GENERIC_SPACE = 0, /* offsets in a generic address */
	GENERIC_ADDRESS = 4,
	SPACE_MEMORY = 0,
	SPACE_IO = 1,
};

/* "PM1 Control Registers". */
enum {
	PM1_SCI_ENABLE = 1 << 0,
	PM1_SLEEP_TYPE_SHIFT = 10,
	PM1_SLEEP_TYPE = 7 << PM1_SLEEP_TYPE_SHIFT,
	PM1_SLEEP_ENABLE = 1 << 13,
	PM1_TRIES = 100000, /* port reads until a transition counts as failed: 0.1 s */
};

/* A table whose length and checksum are good; without data, none. */
struct table {
	const uint8_t *data;
	uint32_t length;
};

static struct {
	struct table madt, fadt;
	bool has_soft_off;
	uint8_t sleep_types[2]; /* of \_S5, for PM1a and PM1b */
	char warning[40];
} acpi;

static const void *identity(uint64_t physical, size_t size)
{
	const uint64_t limit = 1ull << 32;

	if (physical >= limit || size > limit - physical)
		return NULL;
	return (const void *)(uintptr_t)physical;
}

const void *(*acpi_memory)(uint64_t physical, size_t size) = identity;

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

const char *acpi_warning(void)
{
	return acpi.warning[0] ? acpi.warning : NULL;
}

/* Little endian, at most eight bytes, at any alignment. */
static uint64_t load(const uint8_t *from, unsigned size)
{
	uint64_t value = 0;

	memcpy(&value, from, size);
	return value;
}

/* Fields that the table is too short for read as 0, which means "absent" for all of ours. */
static uint64_t field(const struct table *table, uint32_t offset, unsigned size)
{
	if (offset + size > table->length)
		return 0;
	return load(table->data + offset, size);
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

	uint64_t length = room < RSDP_2_SIZE ? 0 : load(rsdp + RSDP_LENGTH, 4);
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
	uint64_t ebda = segment ? load(segment, 2) << 4 : 0;
	const uint8_t *rsdp = ebda ? find_rsdp_in(ebda, EBDA_SIZE) : NULL;
	return rsdp ? rsdp : find_rsdp_in(BIOS_AREA, BIOS_AREA_SIZE);
}

/* The table at an address; an empty one, and a warning under this name, if it is damaged. */
static struct table open_table(uint64_t physical, const char *signature, const char *name)
{
	const uint8_t *header = acpi_memory(physical, HEADER_SIZE);
	uint32_t length = header ? (uint32_t)load(header + TABLE_LENGTH, 4) : 0;
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
		return (struct table){data, length};
	else
		warn(name, "bad checksum");
	return (struct table){NULL, 0};
}

/* The XSDT if there is a good one, else the RSDT; they differ in the width of their entries. */
static struct table open_root(const uint8_t *rsdp, unsigned *width)
{
	uint64_t xsdt = rsdp[RSDP_REVISION] >= 2 ? load(rsdp + RSDP_XSDT, 8) : 0;
	struct table root = {NULL, 0};

	*width = 8;
	if (xsdt)
		root = open_table(xsdt, "XSDT", "XSDT");
	if (root.data)
		return root;
	*width = 4;
	return open_table(load(rsdp + RSDP_RSDT, 4), "RSDT", "RSDT");
}

static struct table find_table(const struct table *root, unsigned width, const char *signature,
			       const char *name)
{
	for (uint32_t at = HEADER_SIZE; at + width <= root->length; at += width) {
		uint64_t physical = field(root, at, width);
		const uint8_t *header = physical ? acpi_memory(physical, HEADER_SIZE) : NULL;
		if (!header || memcmp(header, signature, 4))
			continue;
		struct table table = open_table(physical, signature, name);
		if (table.data)
			return table;
	}
	warn_missing(name);
	return (struct table){NULL, 0};
}

static void open_dsdt(void)
{
	uint64_t physical = field(&acpi.fadt, FADT_X_DSDT, 8);

	if (!physical)
		physical = field(&acpi.fadt, FADT_DSDT, 4);
	struct table dsdt = open_table(physical, "DSDT", "DSDT");
	if (dsdt.data)
		acpi.has_soft_off = aml_soft_off(dsdt.data + HEADER_SIZE, dsdt.length - HEADER_SIZE,
						 acpi.sleep_types);
}

void acpi_init(const void *rsdp_hint)
{
	unsigned width;

	memset(&acpi, 0, sizeof(acpi));
	const uint8_t *rsdp = find_rsdp(rsdp_hint);
	if (!rsdp) {
		warn_missing("RSDP");
		return;
	}
	acpi.warning[0] = 0; /* of others, such as a stray signature in the BIOS */
	struct table root = open_root(rsdp, &width);
	if (!root.data)
		return;
	acpi.madt = find_table(&root, width, "APIC", "MADT");
	acpi.fadt = find_table(&root, width, "FACP", "FADT");
	if (acpi.fadt.data)
		open_dsdt();
}

/*
 * The MADT's entry behind this one, NULL for the first; each starts with type and length. NULL at
 * the end, and where the lengths stop making sense.
 */
static const uint8_t *next_entry(const uint8_t *entry)
{
	const struct table *madt = &acpi.madt;
	uint32_t at = entry ? (uint32_t)(entry - madt->data) + entry[1] : MADT_ENTRIES;

	if (at + 2 > madt->length || madt->data[at + 1] < 2 ||
	    madt->data[at + 1] > madt->length - at)
		return NULL;
	return madt->data + at;
}

/* The APIC ID, if the entry is one of an enabled processor; the broadcast IDs are none. */
static bool entry_is_cpu(const uint8_t *entry, uint32_t *apic_id)
{
	if (entry[0] == MADT_LOCAL_APIC && entry[1] >= 8) {
		*apic_id = entry[3];
		return load(entry + 4, 4) & MADT_ENABLED && *apic_id != 0xff;
	}
	if (entry[0] == MADT_LOCAL_X2APIC && entry[1] >= 16) {
		*apic_id = (uint32_t)load(entry + 4, 4);
		return load(entry + 8, 4) & MADT_ENABLED && *apic_id != UINT32_MAX;
	}
	return false;
}

static bool contains(const uint32_t *ids, unsigned count, uint32_t id)
{
	for (unsigned i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

unsigned acpi_cpus(uint32_t *apic_ids, unsigned max, unsigned *found)
{
	unsigned count = 0;
	uint32_t id;

	*found = 0;
	for (const uint8_t *entry = next_entry(NULL); entry; entry = next_entry(entry)) {
		if (!entry_is_cpu(entry, &id) || contains(apic_ids, count, id))
			continue;
		if (count < max)
			apic_ids[count++] = id;
		++*found;
	}
	return count;
}

uint64_t acpi_lapic_address(void)
{
	uint64_t address = field(&acpi.madt, MADT_LAPIC_ADDRESS, 4);

	for (const uint8_t *entry = next_entry(NULL); entry; entry = next_entry(entry))
		if (entry[0] == MADT_LAPIC_OVERRIDE && entry[1] >= 12)
			address = load(entry + 4, 8);
	return address ? address : (uint32_t)LAPIC_ADDRESS_DEFAULT;
}

/* The extended field counts if it is set and in I/O space. 0: no such register. */
static uint16_t port(uint32_t offset, uint32_t extended_offset)
{
	uint64_t address = field(&acpi.fadt, extended_offset + GENERIC_ADDRESS, 8);

	if (!address || field(&acpi.fadt, extended_offset + GENERIC_SPACE, 1) != SPACE_IO)
		address = field(&acpi.fadt, offset, 4);
	return address <= UINT16_MAX ? (uint16_t)address : 0;
}

uint16_t acpi_pm_timer(void)
{
	return port(FADT_PM_TIMER, FADT_X_PM_TIMER);
}

/* "Legacy/ACPI Select and the SCI Interrupt": the PM1 registers may do nothing until asked for. */
static void enable_acpi_mode(uint16_t control)
{
	uint64_t command = field(&acpi.fadt, FADT_SMI_COMMAND, 4);
	uint8_t enable = (uint8_t)field(&acpi.fadt, FADT_ACPI_ENABLE, 1);

	if (!command || command > UINT16_MAX || !enable || inw(control) & PM1_SCI_ENABLE)
		return;
	outb((uint16_t)command, enable);
	for (unsigned i = 0; i < PM1_TRIES && !(inw(control) & PM1_SCI_ENABLE);)
		i++;
}

static void enter_sleep(uint16_t control, uint8_t type)
{
	uint16_t value = inw(control) & (uint16_t) ~(PM1_SLEEP_TYPE | PM1_SLEEP_ENABLE);

	outw(control, value | (uint16_t)(type << PM1_SLEEP_TYPE_SHIFT) | PM1_SLEEP_ENABLE);
}

bool acpi_poweroff(void)
{
	uint16_t a = port(FADT_PM1A_CONTROL, FADT_X_PM1A_CONTROL);
	uint16_t b = port(FADT_PM1B_CONTROL, FADT_X_PM1B_CONTROL);

	if (!a || !acpi.has_soft_off)
		return false;
	enable_acpi_mode(a);
	enter_sleep(a, acpi.sleep_types[0]);
	if (b)
		enter_sleep(b, acpi.sleep_types[1]);
	for (unsigned i = 0; i < PM1_TRIES; i++) /* it need not be instantaneous */
		inw(a);
	return false;
}

bool acpi_reset(void)
{
	uint64_t address = field(&acpi.fadt, FADT_RESET_REGISTER + GENERIC_ADDRESS, 8);
	uint8_t space = (uint8_t)field(&acpi.fadt, FADT_RESET_REGISTER + GENERIC_SPACE, 1);
	uint8_t value = (uint8_t)field(&acpi.fadt, FADT_RESET_VALUE, 1);

	if (!(field(&acpi.fadt, FADT_FLAGS, 4) & FLAG_RESET_REGISTER) || !address)
		return false;
	if (space == SPACE_IO && address <= UINT16_MAX)
		outb((uint16_t)address, value);
	else if (space == SPACE_MEMORY && acpi_memory(address, 1))
		*(volatile uint8_t *)(uintptr_t)acpi_memory(address, 1) = value;
	return false;
}
