/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/x86/acpi.c src/x86/acpi_tables.c src/x86/aml.c */
/* links: src/serial/print.c tests/unit/fake/console.c */
#include "x86/acpi.h"

#include "unit.h"
#include "x86/acpi_tables.h"
#include "x86/io.h"

#include <stdlib.h>
#include <string.h>

/* --- a machine: two megabytes of memory, and the ports that acpi.c uses --- */

enum {
	MEMORY_SIZE = 2 << 20,
	EBDA = 0x9fc00,
	RSDP_BIOS = 0xf5a10,
	RSDT = 0x100000,
	XSDT = 0x100100,
	MADT = 0x100200,
	FADT = 0x100400,
	DSDT = 0x100600,
	HPET = 0x100800,
	TABLES_END = 0x100900,
	COPIES = 64,
};

static uint8_t memory[MEMORY_SIZE];
static void *copies[COPIES];
static unsigned copies_count;

static void free_copies(void)
{
	while (copies_count)
		free(copies[--copies_count]);
}

/* Pieces are copies of exactly the size asked for, so that ASan sees a read beyond. */
static void *machine_memory(uint64_t physical, size_t size)
{
	if (physical >= MEMORY_SIZE || size > MEMORY_SIZE - physical)
		return NULL;
	if (physical < RSDT) /* the areas that are searched */
		return memory + physical;
	if (size == 1) /* the reset register */
		return memory + physical;
	assert_true(copies_count < COPIES);
	void *copy = malloc(size);
	memcpy(copy, memory + physical, size);
	copies[copies_count++] = copy;
	return copy;
}

/* The tables of the last time are gone, as is what points to them. */
static void init(const void *hint)
{
	free_copies();
	acpi_init(hint);
}

static struct {
	uint16_t control_a; /* reads of port 0x604 */
	uint16_t port[8];
	uint32_t value[8];
	unsigned writes;
} ports;

static void log_write(uint16_t port, uint32_t value)
{
	assert_true(ports.writes < 8);
	ports.port[ports.writes] = port;
	ports.value[ports.writes++] = value;
}

void outb(uint16_t port, uint8_t value)
{
	log_write(port, value);
	if (port == 0xb2)
		ports.control_a |= 1;
}

void outw(uint16_t port, uint16_t value)
{
	log_write(port, value);
}

uint16_t inw(uint16_t port)
{
	return port == 0x604 ? ports.control_a : 0;
}

/* --- its tables --- */

static void put(uint32_t at, uint64_t value, unsigned size)
{
	memcpy(memory + at, &value, size);
}

static uint32_t get32(uint32_t at)
{
	uint32_t value;

	memcpy(&value, memory + at, sizeof(value));
	return value;
}

static void make_sum_zero(uint32_t at, uint32_t length, uint32_t checksum)
{
	uint8_t sum = 0;

	memory[checksum] = 0;
	for (uint32_t i = 0; i < length; i++)
		sum += memory[at + i];
	memory[checksum] = -sum;
}

static void seal(uint32_t table)
{
	make_sum_zero(table, get32(table + 4), table + 9);
}

static void header(uint32_t table, const char *signature, uint32_t length)
{
	memcpy(memory + table, signature, 4);
	put(table + 4, length, 4);
	memcpy(memory + table + 10, "LHVLHVTEST", 10);
}

static void put_rsdp(uint32_t at, uint8_t revision)
{
	memcpy(memory + at, "RSD PTR ", 8);
	memory[at + 15] = revision;
	put(at + 16, RSDT, 4);
	make_sum_zero(at, 20, at + 8);
	if (revision < 2)
		return;
	put(at + 20, 36, 4);
	put(at + 24, XSDT, 8);
	make_sum_zero(at, 36, at + 32);
}

static void add_entry(const void *entry, uint8_t length)
{
	uint32_t end = get32(MADT + 4);

	memcpy(memory + MADT + end, entry, length);
	put(MADT + 4, end + length, 4);
	seal(MADT);
}

static void add_lapic(uint8_t apic_id, uint32_t flags)
{
	uint8_t entry[8] = {0, 8, 1, apic_id, (uint8_t)flags};

	add_entry(entry, sizeof(entry));
}

static void add_x2apic(uint32_t apic_id, uint32_t flags)
{
	uint8_t entry[16] = {9, 16};

	memcpy(entry + 4, &apic_id, 4);
	memcpy(entry + 8, &flags, 4);
	add_entry(entry, sizeof(entry));
}

static void set_aml(const void *code, uint32_t size)
{
	header(DSDT, "DSDT", 36 + size);
	memcpy(memory + DSDT + 36, code, size);
	seal(DSDT);
}

static void put_fadt(void)
{
	header(FADT, "FACP", 244);
	put(FADT + 40, DSDT, 4);
	put(FADT + 64, 0x604, 4);
	put(FADT + 76, 0x608, 4);
	put(FADT + 112, 1 << 10, 4);
	memory[FADT + 116] = 1; /* I/O space */
	put(FADT + 120, 0xcf9, 8);
	memory[FADT + 128] = 6;
	seal(FADT);
}

/* Name (\_S5, Package (4) {5, 2, 0, 0}) behind some other code. */
static const uint8_t soft_off[] = {0x10, 0x20, '_',  'S',  '5',  '_',  0x08, '\\',
				   '_',  'S',  '5',  '_',  0x12, 0x08, 0x04, 0x0a,
				   0x05, 0x0a, 0x02, 0x00, 0x00, 0xa3};

/* A machine with CPUs 0 and 2, as VMware makes them. */
static int build(void **state)
{
	(void)state;
	free_copies();
	acpi_memory = machine_memory;
	memset(memory, 0, sizeof(memory));
	memset(&ports, 0, sizeof(ports));
	ports.control_a = 1;
	put(0x40e, EBDA >> 4, 2);
	put_rsdp(RSDP_BIOS, 2);
	header(RSDT, "RSDT", 36 + 2 * 4);
	put(RSDT + 36, FADT, 4);
	put(RSDT + 40, MADT, 4);
	seal(RSDT);
	header(XSDT, "XSDT", 36 + 2 * 8);
	put(XSDT + 36, FADT, 8);
	put(XSDT + 44, MADT, 8);
	seal(XSDT);
	header(MADT, "APIC", 44);
	put(MADT + 36, 0xfee00000, 4);
	add_lapic(0, 1);
	add_lapic(2, 1);
	put_fadt();
	set_aml(soft_off, sizeof(soft_off));
	return 0;
}

static int unbuild(void **state)
{
	(void)state;
	free_copies();
	return 0;
}

static void expect_cpus(unsigned count, ...)
{
	uint32_t ids[8];
	unsigned found;
	va_list list;

	assert_int_equal(acpi_cpus(ids, 8, &found), count);
	assert_int_equal(found, count);
	va_start(list, count);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(ids[i], va_arg(list, unsigned));
	va_end(list);
}

static void expect_warning(const char *warning)
{
	init(NULL);
	assert_non_null(acpi_warning());
	assert_string_equal(acpi_warning(), warning);
}

static void expect_no_warning(void)
{
	init(NULL);
	if (acpi_warning())
		fail_msg("%s", acpi_warning());
}

/* --- RSDP, RSDT, XSDT --- */

static void a_good_machine_gives_no_warning(void **state)
{
	(void)state;
	expect_no_warning();
	expect_cpus(2, 0, 2);
	assert_int_equal(acpi_lapic_address(), 0xfee00000);
	assert_int_equal(acpi_pm_timer(), 0x608);
}

static void the_rsdp_is_found_in_the_ebda_too(void **state)
{
	(void)state;
	memset(memory + RSDP_BIOS, 0, 36);
	put_rsdp(EBDA + 0x3e0, 0);
	expect_no_warning();
	expect_cpus(2, 0, 2);
	memset(memory + EBDA, 0, 1024);
	put_rsdp(EBDA + 0x3e8, 0); /* not on a 16-byte boundary */
	expect_warning("no RSDP");
	memset(memory + EBDA, 0, 1024);
	put_rsdp(EBDA + 1024, 0); /* behind the first kilobyte */
	expect_warning("no RSDP");
}

static void the_rsdp_may_be_the_last_of_the_bios_area(void **state)
{
	(void)state;
	memset(memory + RSDP_BIOS, 0, 36);
	put_rsdp(0xfffe0, 0);
	expect_no_warning();
	memset(memory + 0xfffe0, 0, 32);
	put_rsdp(0xe0000, 2);
	expect_no_warning();
}

static void a_good_hint_is_preferred(void **state)
{
	static uint8_t hint[128];

	(void)state;
	memcpy(hint, memory + RSDP_BIOS, 36);
	memset(memory + RSDP_BIOS, 0, 36);
	init(hint);
	assert_null(acpi_warning());
	expect_cpus(2, 0, 2);
	hint[0] ^= 1;
	init(hint);
	assert_string_equal(acpi_warning(), "no RSDP");
	expect_cpus(0);
}

static void a_bad_hint_is_replaced_by_a_search(void **state)
{
	static uint8_t hint[128];

	(void)state;
	memcpy(hint, memory + RSDP_BIOS, 36);
	hint[9] ^= 1;
	init(hint);
	assert_null(acpi_warning());
	expect_cpus(2, 0, 2);
}

static void without_rsdp_there_is_nothing(void **state)
{
	(void)state;
	memset(memory + RSDP_BIOS, 0, 36);
	expect_warning("no RSDP");
	expect_cpus(0);
	assert_int_equal(acpi_lapic_address(), 0xfee00000);
	assert_int_equal(acpi_pm_timer(), 0);
	assert_false(acpi_poweroff());
	assert_false(acpi_reset());
	assert_int_equal(ports.writes, 0);
}

static void a_damaged_rsdp_is_ignored(void **state)
{
	(void)state;
	memory[RSDP_BIOS + 10] ^= 1; /* the first sum */
	expect_warning("RSDP: bad checksum");
	expect_cpus(0);
	build(NULL);
	memory[RSDP_BIOS + 33] ^= 1; /* only the extended sum */
	expect_warning("RSDP: bad checksum");
	static const uint32_t lengths[] = {0, 20, 35, 129, UINT32_MAX};
	for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		build(NULL);
		put(RSDP_BIOS + 20, lengths[i], 4);
		expect_warning("RSDP: bad length");
	}
}

static void a_revision_2_rsdp_must_fit_in_the_area(void **state)
{
	(void)state;
	memset(memory + RSDP_BIOS, 0, 36);
	put_rsdp(0xfffe0, 2); /* 32 bytes are left there */
	expect_warning("RSDP: bad length");
	memset(memory + 0xfffe0, 0, 36);
	put_rsdp(0xfffd0, 2);
	put(0xfffd0 + 20, 64, 4); /* 48 are left */
	make_sum_zero(0xfffd0, 64, 0xfffd0 + 32);
	expect_warning("RSDP: bad length");
}

static void a_damaged_rsdp_in_front_of_a_good_one_is_no_news(void **state)
{
	(void)state;
	memcpy(memory + 0xe0010, "RSD PTR ", 8);
	memory[0xe0010 + 20] = 1;
	memory[0xe0010 + 9] = 1;
	expect_no_warning();
}

static void the_rsdt_replaces_a_bad_xsdt(void **state)
{
	(void)state;
	memory[XSDT + 12] ^= 1;
	expect_warning("XSDT: bad checksum");
	expect_cpus(2, 0, 2);
	build(NULL);
	put(RSDP_BIOS + 24, 1ull << 40, 8);
	make_sum_zero(RSDP_BIOS, 36, RSDP_BIOS + 32);
	expect_warning("XSDT: out of reach");
	expect_cpus(2, 0, 2);
	memory[RSDT + 12] ^= 1;
	expect_warning("XSDT: out of reach");
	expect_cpus(0);
}

static void only_revision_2_has_an_xsdt(void **state)
{
	(void)state;
	put_rsdp(RSDP_BIOS, 0);
	memory[XSDT + 12] ^= 1;
	expect_no_warning();
	expect_cpus(2, 0, 2);
	memory[RSDT] = 'X';
	expect_warning("RSDT: bad signature");
}

/* --- MADT --- */

static void a_damaged_madt_is_ignored(void **state)
{
	static const uint32_t lengths[] = {0, 8, 35, (16 << 20) + 1, UINT32_MAX};

	(void)state;
	memory[MADT + 50] ^= 1;
	expect_warning("MADT: bad checksum");
	expect_cpus(0);
	for (unsigned i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		build(NULL);
		put(MADT + 4, lengths[i], 4);
		expect_warning("MADT: bad length");
		expect_cpus(0);
	}
	build(NULL);
	put(MADT + 4, MEMORY_SIZE, 4);
	expect_warning("MADT: out of reach");
	build(NULL);
	memory[MADT] = 'B';
	expect_warning("no MADT");
	assert_int_equal(acpi_pm_timer(), 0x608); /* the rest still works */
}

static void unreachable_tables_are_skipped(void **state)
{
	(void)state;
	put(XSDT + 36, 1ull << 40, 8);
	seal(XSDT);
	expect_warning("no FADT");
	expect_cpus(2, 0, 2);
	put(XSDT + 36, 0, 8);
	seal(XSDT);
	expect_warning("no FADT");
	expect_cpus(2, 0, 2);
}

static void disabled_processors_and_other_entries_do_not_count(void **state)
{
	static const uint8_t ioapic[12] = {1, 12, 7}, unknown[6] = {0x80, 6};

	(void)state;
	add_lapic(3, 0);
	add_lapic(3, 2); /* online capable is not enabled */
	add_entry(ioapic, sizeof(ioapic));
	add_entry(unknown, sizeof(unknown));
	add_x2apic(4, 0);
	add_lapic(5, 3);
	add_x2apic(0x12345, 1);
	expect_no_warning();
	expect_cpus(4, 0, 2, 5, 0x12345);
}

static void a_processor_listed_twice_counts_once(void **state)
{
	(void)state;
	add_x2apic(2, 1);
	add_lapic(0, 1);
	add_x2apic(7, 1);
	expect_no_warning();
	expect_cpus(3, 0, 2, 7);
}

static void broadcast_ids_are_no_processors(void **state)
{
	(void)state;
	add_lapic(0xff, 1);
	add_x2apic(UINT32_MAX, 1);
	expect_no_warning();
	expect_cpus(2, 0, 2);
	add_x2apic(0xff, 1); /* a fine x2APIC ID */
	expect_no_warning();
	expect_cpus(3, 0, 2, 0xff);
}

static void more_processors_than_room_are_counted(void **state)
{
	uint32_t ids[3] = {99, 99, 99};
	unsigned found;

	(void)state;
	add_lapic(4, 1);
	add_lapic(6, 1);
	expect_no_warning();
	assert_int_equal(acpi_cpus(ids, 2, &found), 2);
	assert_int_equal(found, 4);
	assert_int_equal(ids[1], 2);
	assert_int_equal(ids[2], 99);
	assert_int_equal(acpi_cpus(NULL, 0, &found), 0);
	assert_int_equal(found, 4);
}

static void a_nonsense_entry_length_ends_the_walk(void **state)
{
	static const uint8_t lengths[] = {0, 1, 9, 255};

	(void)state;
	for (unsigned i = 0; i < sizeof(lengths); i++) {
		build(NULL);
		memory[MADT + 44 + 8 + 1] = lengths[i]; /* of the second, 8 bytes from the end */
		seal(MADT);
		expect_no_warning();
		expect_cpus(1, 0);
	}
	build(NULL);
	put(MADT + 4, 44 + 8 + 1, 4); /* one byte of the second entry is left */
	seal(MADT);
	expect_no_warning();
	expect_cpus(1, 0);

	/* Length 1: who goes on finds an I/O APIC in the second byte, and then a processor. */
	static const uint8_t one[9] = {0x7f, 1, 8};
	build(NULL);
	add_entry(one, sizeof(one));
	add_lapic(9, 1);
	expect_no_warning();
	expect_cpus(2, 0, 2);
}

static void an_entry_too_short_for_its_type_is_skipped(void **state)
{
	static const uint8_t lapic[7] = {0, 7, 1, 8, 1}, x2apic[12] = {9, 12, 0, 0, 8, 0, 0, 0, 1};

	(void)state;
	add_entry(lapic, sizeof(lapic));
	add_entry(x2apic, sizeof(x2apic));
	add_lapic(9, 1);
	expect_no_warning();
	expect_cpus(3, 0, 2, 9);
}

static void a_header_without_body_has_no_processors(void **state)
{
	(void)state;
	for (uint32_t length = 36; length < 46; length++) {
		put(MADT + 4, length, 4);
		seal(MADT);
		expect_no_warning();
		expect_cpus(0);
	}
}

static void x2apic_entries_may_have_any_id(void **state)
{
	const uint32_t ids[] = {255, 256, 70000};
	uint8_t entry[16] = {9, 16};

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		memcpy(entry + 4, &ids[i], 4);
		entry[8] = 1;
		add_entry(entry, sizeof(entry));
	}
	init(NULL);
	expect_cpus(5, 0, 2, 255, 256, 70000);
}

static void io_apics_are_listed(void **state)
{
	uint8_t entry[12] = {1, 12, 0, 0, 0, 0, 0xc0, 0xfe};

	(void)state;
	init(NULL);
	assert_int_equal(acpi_io_apic(0), 0);
	add_entry(entry, sizeof(entry));
	entry[5] = 0x10;
	add_entry(entry, sizeof(entry));
	init(NULL);
	assert_int_equal(acpi_io_apic(0), 0xfec00000);
	assert_int_equal(acpi_io_apic(1), 0xfec01000);
	assert_int_equal(acpi_io_apic(2), 0);
}

static void the_madt_says_whether_there_is_a_pic(void **state)
{
	(void)state;
	init(NULL);
	assert_false(acpi_has_pic());
	put(MADT + 40, 1, 4);
	seal(MADT);
	init(NULL);
	assert_true(acpi_has_pic());
	memory[MADT] = 'B'; /* nobody says */
	init(NULL);
	assert_true(acpi_has_pic());
}

static void the_hpet_is_found(void **state)
{
	(void)state;
	init(NULL);
	assert_int_equal(acpi_hpet(), 0);
	expect_no_warning();
	put(XSDT + 4, get32(XSDT + 4) + 8, 4);
	put(XSDT + get32(XSDT + 4) - 8, HPET, 8);
	seal(XSDT);
	header(HPET, "HPET", 56);
	put(HPET + 44, 0x1fed00000, 8);
	seal(HPET);
	init(NULL);
	assert_int_equal(acpi_hpet(), 0x1fed00000);
	memory[HPET + 40] = 1; /* in I/O space: not as we know it */
	seal(HPET);
	init(NULL);
	assert_int_equal(acpi_hpet(), 0);
}

static void a_hardware_reduced_machine_has_no_pm_timer(void **state)
{
	(void)state;
	init(NULL);
	assert_int_not_equal(acpi_pm_timer(), 0);
	put(FADT + 112, get32(FADT + 112) | 1 << 20, 4);
	seal(FADT);
	init(NULL);
	assert_int_equal(acpi_pm_timer(), 0);
}

static void the_lapic_address_can_be_overridden(void **state)
{
	uint8_t entry[12] = {5, 12, 0, 0, 0, 0, 0, 0xfd, 1};

	(void)state;
	put(MADT + 36, 0xfed00000, 4);
	seal(MADT);
	expect_no_warning();
	assert_int_equal(acpi_lapic_address(), 0xfed00000);
	add_entry(entry, sizeof(entry));
	expect_no_warning();
	assert_int_equal(acpi_lapic_address(), 0x1fd000000);
}

/* --- FADT, S5, reset --- */

static void expect_poweroff_writes(unsigned count, uint16_t port_a, uint32_t value_a)
{
	ports.writes = 0;
	init(NULL);
	assert_false(acpi_poweroff()); /* nothing happens here */
	assert_int_equal(ports.writes, count);
	if (count) {
		assert_int_equal(ports.port[0], port_a);
		assert_int_equal(ports.value[0], value_a);
	}
}

static void poweroff_writes_the_sleep_type(void **state)
{
	(void)state;
	ports.control_a = 0x3c03; /* old sleep type and enable go, other bits stay */
	expect_poweroff_writes(1, 0x604, 5 << 10 | 1 << 13 | 3);
	put(FADT + 68, 0x614, 4);
	seal(FADT);
	expect_poweroff_writes(2, 0x604, 5 << 10 | 1 << 13 | 3);
	assert_int_equal(ports.port[1], 0x614);
	assert_int_equal(ports.value[1], 2 << 10 | 1 << 13);
}

static void poweroff_of_a_hardware_reduced_machine(void **state)
{
	(void)state;
	put(FADT + 4, 276, 4);
	put(FADT + 112, 1 << 20, 4);
	memory[FADT + 244] = 1; /* I/O space */
	put(FADT + 248, 0x1234, 8);
	seal(FADT);
	expect_poweroff_writes(1, 0x1234, 5 << 2 | 1 << 5);
	memory[FADT + 244] = 0;
	put(FADT + 248, 0x5000, 8);
	seal(FADT);
	expect_poweroff_writes(0, 0, 0);
	assert_int_equal(memory[0x5000], 5 << 2 | 1 << 5);
}

static void poweroff_switches_to_acpi_mode_first(void **state)
{
	(void)state;
	put(FADT + 48, 0xb2, 4);
	memory[FADT + 52] = 0xf1;
	seal(FADT);
	ports.control_a = 0;
	expect_poweroff_writes(2, 0xb2, 0xf1);
	assert_int_equal(ports.port[1], 0x604);
	expect_poweroff_writes(1, 0x604, 5 << 10 | 1 << 13 | 1); /* is in it now */
}

static void extended_addresses_count_in_io_space(void **state)
{
	(void)state;
	memory[FADT + 172] = 1;
	put(FADT + 176, 0x1804, 8);
	memory[FADT + 208] = 1;
	put(FADT + 212, 0x1808, 8);
	seal(FADT);
	expect_poweroff_writes(1, 0x1804, 5 << 10 | 1 << 13);
	assert_int_equal(acpi_pm_timer(), 0x1808);
	memory[FADT + 208] = 0; /* memory space: the other field, then */
	seal(FADT);
	expect_no_warning();
	assert_int_equal(acpi_pm_timer(), 0x608);
	memory[FADT + 208] = 1;
	put(FADT + 212, 0x10000, 8);
	seal(FADT);
	expect_no_warning();
	assert_int_equal(acpi_pm_timer(), 0);
}

static void an_extended_dsdt_address_is_preferred(void **state)
{
	(void)state;
	put(FADT + 40, 0x180000, 4);
	put(FADT + 140, DSDT, 8);
	seal(FADT);
	expect_no_warning();
	expect_poweroff_writes(1, 0x604, 5 << 10 | 1 << 13 | 1);
}

static void a_short_fadt_has_no_late_fields(void **state)
{
	(void)state;
	put(FADT + 4, 78, 4); /* cuts the PM timer's address in two */
	seal(FADT);
	expect_no_warning();
	assert_int_equal(acpi_pm_timer(), 0);
	expect_poweroff_writes(1, 0x604, 5 << 10 | 1 << 13 | 1);
	ports.writes = 0;
	acpi_reset();
	assert_int_equal(ports.writes, 0);
}

static void damaged_fadt_or_dsdt_mean_no_poweroff(void **state)
{
	(void)state;
	memory[DSDT + 40] ^= 1;
	expect_warning("DSDT: bad checksum");
	expect_poweroff_writes(0, 0, 0);
	memory[DSDT] = 'X';
	expect_warning("DSDT: bad signature");
	put(FADT + 40, 0, 4);
	seal(FADT);
	build(NULL);
	memory[FADT + 40] ^= 1;
	expect_warning("FADT: bad checksum");
	expect_poweroff_writes(0, 0, 0);
	build(NULL);
	put(FADT + 64, 0, 4);
	seal(FADT);
	expect_no_warning();
	expect_poweroff_writes(0, 0, 0);
}

/* What is written to PM1a for this code, or 0. */
static uint32_t sleep_type_of(const void *code, uint32_t size)
{
	set_aml(code, size);
	ports.writes = 0;
	init(NULL);
	acpi_poweroff();
	return ports.writes ? ports.value[0] : 0;
}

static void s5_is_found_in_all_its_encodings(void **state)
{
	static const struct {
		uint8_t size, code[24];
		int type; /* -1: none */
	} rows[] = {
		{10, {8, '_', 'S', '5', '_', 0x12, 4, 2, 0, 0}, 0},
		{10, {8, '_', 'S', '5', '_', 0x12, 4, 2, 1, 1}, 1},
		{11, {8, '_', 'S', '5', '_', 0x12, 5, 2, 0x0a, 7, 0}, 7},
		{12, {8, '_', 'S', '5', '_', 0x12, 6, 2, 0x0b, 6, 0, 0}, 6},
		{14, {8, '_', 'S', '5', '_', 0x12, 8, 2, 0x0c, 5, 0, 0, 0, 0}, 5},
		{11, {8, '_', 'S', '5', '_', 0x12, 0x45, 0, 2, 1, 0}, 1},
		{12, {8, '_', 'S', '5', '_', 0x12, 0x86, 0, 0, 2, 1, 0}, 1},
		{13, {8, '_', 'S', '5', '_', 0x12, 0xc7, 0, 0, 0, 2, 1, 0}, 1},
		/* not behind a NameOp, as in a reference */
		{9, {'_', 'S', '5', '_', 0x12, 4, 2, 0, 0}, -1},
		{10, {'\\', '_', 'S', '5', '_', 0x12, 4, 2, 0, 0}, -1},
		/* not a package, or not one of two small constants */
		{10, {8, '_', 'S', '5', '_', 0x11, 4, 2, 0, 0}, -1},
		{9, {8, '_', 'S', '5', '_', 0x12, 3, 1, 0}, -1},
		{10, {8, '_', 'S', '5', '_', 0x12, 3, 1, 0, 0}, -1},
		{11, {8, '_', 'S', '5', '_', 0x12, 5, 2, 0x0a, 8, 0}, -1},
		{10, {8, '_', 'S', '5', '_', 0x12, 4, 2, 0xff, 0}, -1},
		{12, {8, '_', 'S', '5', '_', 0x12, 6, 2, 0x0b, 0, 1, 0}, -1},
		{10, {8, '_', 'S', '5', '_', 0x12, 4, 2, 0, 0x0a}, -1},
		{10, {8, '_', 'S', '5', '_', 0x12, 4, 2, 'A', 0}, -1},
		/* a length that ends before it began, or beyond the table */
		{10, {8, '_', 'S', '5', '_', 0x12, 0, 2, 0, 0}, -1},
		{10, {8, '_', 'S', '5', '_', 0x12, 1, 2, 0, 0}, -1},
		{10, {8, '_', 'S', '5', '_', 0x12, 5, 2, 0, 0}, -1},
		{10, {8, '_', 'S', '5', '_', 0x12, 0xcf, 0xff, 0xff, 0xff}, -1},
		{5, {8, '_', 'S', '5', '_'}, -1},
		{6, {8, '_', 'S', '5', '_', 0x12}, -1},
		{7, {8, '_', 'S', '5', '_', 0x12, 4}, -1},
		{4, {8, '_', 'S', '5'}, -1},
		{0, {0}, -1},
		/* the second occurrence is the good one */
		{15, {8, '_', 'S', '5', '_', 8, '_', 'S', '5', '_', 0x12, 4, 2, 1, 0}, 1},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		build(NULL);
		uint32_t expected =
			rows[i].type < 0 ? 0 : (uint32_t)rows[i].type << 10 | 1 << 13 | 1;
		uint32_t got = sleep_type_of(rows[i].code, rows[i].size);
		if (got != expected)
			fail_msg("row %u: %#x, not %#x", i, got, expected);
	}
}

static void reset_writes_the_register(void **state)
{
	(void)state;
	init(NULL);
	acpi_reset();
	assert_int_equal(ports.writes, 1);
	assert_int_equal(ports.port[0], 0xcf9);
	assert_int_equal(ports.value[0], 6);

	memory[FADT + 116] = 0; /* memory space */
	put(FADT + 120, 0x1fff00, 8);
	seal(FADT);
	init(NULL);
	acpi_reset();
	assert_int_equal(ports.writes, 1);
	assert_int_equal(memory[0x1fff00], 6);
}

static void no_reset_register_no_write(void **state)
{
	(void)state;
	put(FADT + 112, 0, 4); /* no such feature */
	seal(FADT);
	init(NULL);
	acpi_reset();
	build(NULL);
	put(FADT + 120, 0x10cf9, 8); /* no such port */
	seal(FADT);
	init(NULL);
	acpi_reset();
	build(NULL);
	memory[FADT + 116] = 0; /* memory out of reach */
	put(FADT + 120, 1ull << 40, 8);
	seal(FADT);
	init(NULL);
	acpi_reset();
	assert_int_equal(ports.writes, 0);
}

/* --- fuzzing --- */

/* One to four bytes of the tables change; sums are mended mostly, or nothing else were tested. */
static void damage(uint32_t *seed)
{
	static const uint32_t tables[] = {RSDT, XSDT, MADT, FADT, DSDT};

	for (unsigned n = 1 + unit_random(seed) % 4; n; n--) {
		uint32_t table = tables[unit_random(seed) % 5];
		uint32_t at = unit_random(seed) % (table == FADT ? 244 : 64);
		memory[table + at] = (uint8_t)(unit_random(seed) >> unit_random(seed) % 8);
	}
	for (unsigned i = 0; i < 5; i++)
		if (unit_random(seed) % 16 && get32(tables[i] + 4) <= 256)
			seal(tables[i]);
}

static void random_tables_are_never_read_past_their_end(void **state)
{
	static uint8_t hint[128], original[TABLES_END - RSDT];
	uint32_t seed = 11, with_cpus = 0, with_warning = 0;

	(void)state;
	add_x2apic(0x100, 1);
	memcpy(hint, memory + RSDP_BIOS, 36);
	memcpy(original, memory + RSDT, sizeof(original));
	for (unsigned i = 0; i < 100000; i++) {
		uint32_t ids[4];
		unsigned found;
		memcpy(memory + RSDT, original, sizeof(original));
		damage(&seed);
		init(hint);
		unsigned count = acpi_cpus(ids, 4, &found);
		assert_true(count <= 4 && count <= found && found < 512);
		assert_int_not_equal(acpi_lapic_address(), 0);
		acpi_pm_timer();
		with_cpus += count > 0;
		with_warning += acpi_warning() != NULL;
	}
	assert_in_range(with_cpus, 20000, 99000);
	assert_in_range(with_warning, 1000, 80000);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, build, unbuild)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_good_machine_gives_no_warning),
		TEST(the_rsdp_is_found_in_the_ebda_too),
		TEST(the_rsdp_may_be_the_last_of_the_bios_area),
		TEST(a_good_hint_is_preferred),
		TEST(a_bad_hint_is_replaced_by_a_search),
		TEST(without_rsdp_there_is_nothing),
		TEST(a_damaged_rsdp_is_ignored),
		TEST(a_revision_2_rsdp_must_fit_in_the_area),
		TEST(a_damaged_rsdp_in_front_of_a_good_one_is_no_news),
		TEST(the_rsdt_replaces_a_bad_xsdt),
		TEST(only_revision_2_has_an_xsdt),
		TEST(a_damaged_madt_is_ignored),
		TEST(unreachable_tables_are_skipped),
		TEST(disabled_processors_and_other_entries_do_not_count),
		TEST(a_processor_listed_twice_counts_once),
		TEST(broadcast_ids_are_no_processors),
		TEST(more_processors_than_room_are_counted),
		TEST(a_nonsense_entry_length_ends_the_walk),
		TEST(an_entry_too_short_for_its_type_is_skipped),
		TEST(a_header_without_body_has_no_processors),
		TEST(x2apic_entries_may_have_any_id),
		TEST(io_apics_are_listed),
		TEST(the_madt_says_whether_there_is_a_pic),
		TEST(the_hpet_is_found),
		TEST(a_hardware_reduced_machine_has_no_pm_timer),
		TEST(the_lapic_address_can_be_overridden),
		TEST(poweroff_writes_the_sleep_type),
		TEST(poweroff_of_a_hardware_reduced_machine),
		TEST(poweroff_switches_to_acpi_mode_first),
		TEST(extended_addresses_count_in_io_space),
		TEST(an_extended_dsdt_address_is_preferred),
		TEST(a_short_fadt_has_no_late_fields),
		TEST(damaged_fadt_or_dsdt_mean_no_poweroff),
		TEST(s5_is_found_in_all_its_encodings),
		TEST(reset_writes_the_register),
		TEST(no_reset_register_no_write),
		TEST(random_tables_are_never_read_past_their_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
