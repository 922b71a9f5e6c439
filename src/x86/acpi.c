/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/acpi.h"

#include "string.h"
#include "x86/acpi_tables.h"
#include "x86/aml.h"
#include "x86/io.h"

/* "Multiple APIC Description Table (MADT)". */
enum {
	MADT_LAPIC_ADDRESS = 36,
	MADT_FLAGS = 40,
	MADT_PCAT_COMPAT = 1 << 0, /* there are two 8259s */
	MADT_ENTRIES = 44,
	MADT_LOCAL_APIC = 0,
	MADT_IO_APIC = 1,
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
	FADT_SLEEP_CONTROL = 244,
	FLAG_RESET_REGISTER = 1 << 10,
	FLAG_HARDWARE_REDUCED = 1 << 20,
	GENERIC_SPACE = 0, /* offsets in a generic address */
	GENERIC_ADDRESS = 4,
	SPACE_MEMORY = 0,
	SPACE_IO = 1,
};

/* IA-PC HPET Specification, "The ACPI 2.0 HPET Description Table". */
enum { HPET_SPACE = 40, HPET_ADDRESS = 44 };

/* "PM1 Control Registers". */
enum {
	PM1_SCI_ENABLE = 1 << 0,
	PM1_SLEEP_TYPE_SHIFT = 10,
	PM1_SLEEP_TYPE = 7 << PM1_SLEEP_TYPE_SHIFT,
	PM1_SLEEP_ENABLE = 1 << 13,
	SLEEP_TYPE_SHIFT = 2, /* in the sleep control register */
	SLEEP_ENABLE = 1 << 5,
	PM1_TRIES = 100000, /* port reads until a transition counts as failed: 0.1 s */
};

static struct {
	struct acpi_table madt, fadt, hpet;
	bool has_soft_off;
	uint8_t sleep_types[2]; /* of \_S5, for PM1a and PM1b */
} acpi;

static uint64_t field(const struct acpi_table *table, uint32_t offset, unsigned size)
{
	return acpi_tables_field(table, offset, size);
}

const char *acpi_warning(void)
{
	return acpi_tables_warning();
}

static void open_dsdt(void)
{
	uint64_t physical = field(&acpi.fadt, FADT_X_DSDT, 8);

	if (!physical)
		physical = field(&acpi.fadt, FADT_DSDT, 4);
	struct acpi_table dsdt = acpi_tables_open(physical, "DSDT", "DSDT");
	if (dsdt.data)
		acpi.has_soft_off = aml_soft_off(dsdt.data + ACPI_HEADER_SIZE,
						 dsdt.length - ACPI_HEADER_SIZE, acpi.sleep_types);
}

void acpi_init(const void *rsdp_hint)
{
	memset(&acpi, 0, sizeof(acpi));
	if (!acpi_tables_init(rsdp_hint))
		return;
	acpi.madt = acpi_tables_find("APIC", "MADT");
	acpi.fadt = acpi_tables_find("FACP", "FADT");
	acpi.hpet = acpi_tables_find_optional("HPET");
	if (acpi.fadt.data)
		open_dsdt();
}

/*
 * The MADT's entry behind this one, NULL for the first; each starts with type and length. NULL at
 * the end, and where the lengths stop making sense.
 */
static const uint8_t *next_entry(const uint8_t *entry)
{
	const struct acpi_table *madt = &acpi.madt;
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
		return acpi_tables_load(entry + 4, 4) & MADT_ENABLED && *apic_id != 0xff;
	}
	if (entry[0] == MADT_LOCAL_X2APIC && entry[1] >= 16) {
		*apic_id = (uint32_t)acpi_tables_load(entry + 4, 4);
		return acpi_tables_load(entry + 8, 4) & MADT_ENABLED && *apic_id != UINT32_MAX;
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
			address = acpi_tables_load(entry + 4, 8);
	return address ? address : (uint32_t)LAPIC_ADDRESS_DEFAULT;
}

uint32_t acpi_io_apic(unsigned index)
{
	for (const uint8_t *entry = next_entry(NULL); entry; entry = next_entry(entry))
		if (entry[0] == MADT_IO_APIC && entry[1] >= 12 && !index--)
			return (uint32_t)acpi_tables_load(entry + 4, 4);
	return 0;
}

bool acpi_has_pic(void)
{
	return !acpi.madt.data || field(&acpi.madt, MADT_FLAGS, 4) & MADT_PCAT_COMPAT;
}

uint64_t acpi_hpet(void)
{
	if (field(&acpi.hpet, HPET_SPACE, 1) != SPACE_MEMORY)
		return 0;
	return field(&acpi.hpet, HPET_ADDRESS, 8);
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
	if (field(&acpi.fadt, FADT_FLAGS, 4) & FLAG_HARDWARE_REDUCED)
		return 0;
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

/* Of the 8 bits that a generic address of the FADT names. False: it names none in our reach. */
static bool write_register(uint32_t offset, uint8_t value)
{
	uint64_t address = field(&acpi.fadt, offset + GENERIC_ADDRESS, 8);
	uint8_t space = (uint8_t)field(&acpi.fadt, offset + GENERIC_SPACE, 1);
	volatile uint8_t *memory =
		space == SPACE_MEMORY && address ? acpi_memory(address, 1) : NULL;

	if (memory)
		*memory = value;
	else if (space == SPACE_IO && address && address <= UINT16_MAX)
		outb((uint16_t)address, value);
	return memory || (space == SPACE_IO && address && address <= UINT16_MAX);
}

/* "Sleep Control and Status Registers": what a machine without the PM1 registers has. */
static bool sleep_hardware_reduced(void)
{
	if (!acpi.has_soft_off || !(field(&acpi.fadt, FADT_FLAGS, 4) & FLAG_HARDWARE_REDUCED))
		return false;
	return write_register(FADT_SLEEP_CONTROL,
			      (uint8_t)(acpi.sleep_types[0] << SLEEP_TYPE_SHIFT | SLEEP_ENABLE));
}

bool acpi_poweroff(void)
{
	uint16_t a = port(FADT_PM1A_CONTROL, FADT_X_PM1A_CONTROL);
	uint16_t b = port(FADT_PM1B_CONTROL, FADT_X_PM1B_CONTROL);

	if (sleep_hardware_reduced() || !a || !acpi.has_soft_off)
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
	if (field(&acpi.fadt, FADT_FLAGS, 4) & FLAG_RESET_REGISTER)
		write_register(FADT_RESET_REGISTER,
			       (uint8_t)field(&acpi.fadt, FADT_RESET_VALUE, 1));
	return false;
}
