/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/x86/pci.c src/serial/pci_uart.c src/serial/uart.c src/serial/print.c */
#include "serial/pci_uart.h"

#include "serial/console.h"
#include "serial/uart.h"
#include "unit.h"
#include "x86/io.h"
#include "x86/paging.h"
#include "x86/pci.h"

#include <string.h>

/* --- a PCI bus with functions, some of them with UARTs --- */

struct function {
	unsigned bus, device, function;
	uint32_t registers[16];
	uint32_t writable[16]; /* of the base address registers: their size */
};

enum { FUNCTIONS = 8, IO_BASE = 0xc000, IO_SIZE = 0x100, MEMORY_BASE = 0xfeb00000 };

static struct {
	bool present;
	uint32_t address;
	struct function function[FUNCTIONS];
	unsigned count;
	bool uart_at[IO_SIZE / 8];
	uint8_t io[IO_SIZE];
	uint8_t memory[8];
	char sent[IO_SIZE / 8];
} machine;

static char text[1024];

void console_write(const char *more, size_t size)
{
	strncat(text, more, size);
}

static struct function *selected(void)
{
	for (unsigned i = 0; i < machine.count; i++) {
		struct function *f = &machine.function[i];
		if ((machine.address >> 8 & 0xffffff) ==
		    (0x800000 | f->bus << 8 | f->device << 3 | f->function))
			return f;
	}
	return NULL;
}

uint32_t inl(uint16_t port)
{
	struct function *f = selected();

	if (port == 0xcf8)
		return machine.present ? machine.address : 0xffffffff;
	assert_int_equal(port, 0xcfc);
	return f ? f->registers[machine.address >> 2 & 15] : 0xffffffff;
}

void outl(uint16_t port, uint32_t value)
{
	struct function *f = selected();
	unsigned r = machine.address >> 2 & 15;

	if (port == 0xcf8) {
		machine.address = value;
		return;
	}
	assert_non_null(f);
	if (r == 1) {
		assert_int_equal(value >> 16, 0); /* would clear status bits */
		f->registers[1] = (f->registers[1] & 0xffff0000) | value;
	} else if (r >= 4 && r < 10) {
		assert_int_equal(f->registers[1] & 3, 0); /* it would decode others' addresses */
		f->registers[r] = (value & f->writable[r]) | (f->registers[r] & ~f->writable[r]);
	}
}

/* A UART in I/O space answers when its function's I/O space is enabled. */
static bool uart_answers(uint16_t port)
{
	assert_in_range(port, IO_BASE, IO_BASE + IO_SIZE - 1);
	return machine.uart_at[(port - IO_BASE) / 8];
}

uint8_t inb(uint16_t port)
{
	if (!uart_answers(port))
		return 0xff;
	if (port % 8 == 5)
		return 0x60;
	return port % 8 == 6 ? 0x90 : machine.io[port - IO_BASE];
}

void outb(uint16_t port, uint8_t value)
{
	if (!uart_answers(port))
		return;
	machine.io[port - IO_BASE] = value;
	if (port % 8 == 0)
		machine.sent[(port - IO_BASE) / 8] = (char)value;
}

/* The UART in memory is plain RAM, which is enough to be taken for one. */
void *paging_map_device(uint64_t physical, size_t size)
{
	assert_int_equal(physical, MEMORY_BASE);
	assert_int_equal(size, 8);
	return machine.memory;
}

static int reset(void **state)
{
	(void)state;
	memset(&machine, 0, sizeof(machine));
	machine.present = true;
	machine.memory[5] = 0x60;
	machine.memory[6] = 0x90;
	text[0] = 0;
	uart_init(0, 115200);
	return 0;
}

static struct function *add(unsigned bus, unsigned device, unsigned number, uint32_t id,
			    uint32_t class)
{
	struct function *f = &machine.function[machine.count++];

	*f = (struct function){.bus = bus, .device = device, .function = number};
	f->registers[0] = id;
	f->registers[1] = 0x02000000; /* a status */
	f->registers[2] = class << 8;
	return f;
}

static void set_io_bar(struct function *f, unsigned index, uint32_t base, uint32_t size)
{
	f->registers[4 + index] = base | 1;
	f->writable[4 + index] = ~(size - 1) & ~3U;
}

static void expect(bool found, const char *report)
{
	assert_int_equal(pci_uart_init(115200), found);
	pci_uart_report();
	assert_string_equal(text, report);
}

/* --- tests --- */

static const char nothing[] =
	"# warning: com=pci: no serial port on PCI (class 0700h, 0702h) answers\n";

static void no_pci_no_port(void **state)
{
	(void)state;
	machine.present = false;
	expect(false, nothing);
}

static void other_classes_are_left_alone(void **state)
{
	(void)state;
	add(0, 0, 0, 0x12378086, 0x060000);
	add(0, 1, 0, 0x12348086, 0x070300); /* a modem */
	expect(false, nothing);
}

static void a_card_behind_a_bridge_is_found_and_enabled(void **state)
{
	struct function *f = add(5, 31, 0, 0x00011c00, 0x070002);

	(void)state;
	set_io_bar(f, 0, 0xc010, 8);
	machine.uart_at[2] = true;
	expect(true, "# serial: 05:1f.0 1c00:0001 port 0xc010: used\n");
	assert_int_equal(f->registers[1], 0x02000003);
	assert_int_equal(f->registers[4], 0xc011);
	uart_write("x", 1);
	assert_int_equal(machine.sent[2], 'x');
}

static void amt_is_a_function_of_a_device_with_several(void **state)
{
	struct function *first = add(0, 0x16, 0, 0xa0e08086, 0x078000);
	struct function *sol = add(0, 0x16, 3, 0xa0e38086, 0x070002);

	(void)state;
	first->registers[3] = 1 << 23;
	set_io_bar(sol, 0, 0xc060, 8);
	sol->registers[5] = MEMORY_BASE;
	sol->writable[5] = 0xfffff000;
	machine.uart_at[12] = true;
	expect(true,
	       "# serial: 00:16.3 8086:a0e3 (Intel: AMT Serial Over LAN?) port 0xc060: used\n");
}

static void all_ports_of_a_card_get_the_text(void **state)
{
	struct function *f = add(0, 4, 0, 0x00041b36, 0x070002);

	(void)state;
	set_io_bar(f, 0, 0xc000, 32);
	machine.uart_at[0] = machine.uart_at[1] = machine.uart_at[3] = true;
	expect(true, "# serial: 00:04.0 1b36:0004 port 0xc000: used\n"
		     "# serial: 00:04.0 1b36:0004 port 0xc008: used\n"
		     "# serial: 00:04.0 1b36:0004 port 0xc018: used\n");
	uart_write("y", 1);
	assert_memory_equal(machine.sent, "yy\0y", 4);
}

static void registers_in_memory_serve_where_there_are_no_others(void **state)
{
	struct function *f = add(0, 4, 0, 0x00021234, 0x070002);

	(void)state;
	f->registers[4] = MEMORY_BASE | 4; /* 64 bits */
	f->writable[4] = 0xfffff000;
	f->writable[5] = 0xffffffff;
	assert_true(pci_uart_init(115200));
	uart_write("z", 1);
	assert_int_equal(machine.memory[0], 'z');
	assert_int_equal(f->registers[4], MEMORY_BASE | 4);
	assert_int_equal(f->registers[5], 0);
}

static void a_port_that_does_not_answer_is_listed(void **state)
{
	struct function *f = add(0, 4, 0, 0x00021234, 0x070002);

	(void)state;
	set_io_bar(f, 0, 0xc000, 8);
	char both[200] = "# serial: 00:04.0 1234:0002 port 0xc000: no UART answers\n";
	strcat(both, nothing);
	expect(false, both);
}

static void a_port_without_an_address_is_listed(void **state)
{
	struct function *f = add(0, 4, 0, 0x00021234, 0x070002);

	(void)state;
	set_io_bar(f, 0, 0, 8);
	char both[200] = "# serial: 00:04.0 1234:0002 without an address: no UART answers\n";
	strcat(both, nothing);
	expect(false, both);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(no_pci_no_port, reset),
		cmocka_unit_test_setup(other_classes_are_left_alone, reset),
		cmocka_unit_test_setup(a_card_behind_a_bridge_is_found_and_enabled, reset),
		cmocka_unit_test_setup(amt_is_a_function_of_a_device_with_several, reset),
		cmocka_unit_test_setup(all_ports_of_a_card_get_the_text, reset),
		cmocka_unit_test_setup(registers_in_memory_serve_where_there_are_no_others, reset),
		cmocka_unit_test_setup(a_port_that_does_not_answer_is_listed, reset),
		cmocka_unit_test_setup(a_port_without_an_address_is_listed, reset),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
