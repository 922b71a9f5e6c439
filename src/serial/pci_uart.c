/* SPDX-License-Identifier: BSD-2-Clause */
#include "serial/pci_uart.h"

#include "serial/print.h"
#include "serial/uart.h"
#include "x86/paging.h"
#include "x86/pci.h"

enum {
	CLASS_SERIAL = 0x0700, /* and the programming interface: 16450, 16550 and later */
	CLASS_MULTIPORT = 0x0702,
	VENDOR_INTEL = 0x8086,
	REGISTERS = 8, /* of one UART; cards with several have them in a row */
	PORTS_MAX = 8, /* in one base address register */
	FOUND_MAX = 16,
	BARS = 6,
};

static struct {
	struct pci_function function;
	struct uart_place place;
	bool used;
} found[FOUND_MAX];
static unsigned found_count, used_count, wanted_baud;

static void add(const struct pci_function *function, struct uart_place place)
{
	bool used = (place.port || place.memory) && uart_add(place, wanted_baud);

	used_count += used;
	if (found_count == FOUND_MAX)
		return;
	found[found_count].function = *function;
	found[found_count].place = place;
	found[found_count++].used = used;
}

static struct uart_place place_in(const struct pci_bar *bar, unsigned offset)
{
	if (bar->is_io)
		return (struct uart_place){.port = (uint16_t)(bar->base + offset)};
	return (struct uart_place){.memory = paging_map_device(bar->base + offset, REGISTERS)};
}

/* In memory, how far several would be apart is each maker's own. A UART that is not there is not
 * news if the register has another. */
static void add_all_in(const struct pci_function *function, const struct pci_bar *bar)
{
	uint64_t ports = bar->is_io ? bar->size / REGISTERS : 1;
	unsigned before = used_count;

	for (unsigned i = 0; i < ports && i < PORTS_MAX; i++) {
		struct uart_place place = place_in(bar, i * REGISTERS);
		if (i == 0 || uart_detect(place))
			add(function, place);
		if (used_count == before)
			return;
	}
}

/* In I/O space if it is there as well: that is what every one of them knows. */
static bool add_bars(const struct pci_function *function, bool io)
{
	unsigned before = used_count;

	for (unsigned i = 0, next; i < BARS; i = next) {
		struct pci_bar bar = pci_bar(function, i, &next);
		if (bar.size >= REGISTERS && bar.base && bar.is_io == io)
			add_all_in(function, &bar);
	}
	return used_count > before;
}

static void look(const struct pci_function *function)
{
	unsigned before = found_count;

	if (function->class >> 8 != CLASS_SERIAL && function->class >> 8 != CLASS_MULTIPORT)
		return;
	pci_enable(function);
	if (add_bars(function, true) || add_bars(function, false))
		return;
	if (found_count == before)
		add(function, (struct uart_place){0});
}

bool pci_uart_init(unsigned baud)
{
	found_count = used_count = 0;
	wanted_baud = baud;
	return pci_walk(look) && used_count;
}

static void report(unsigned i)
{
	const struct pci_function *f = &found[i].function;
	const char *name = f->vendor == VENDOR_INTEL && f->class >> 8 == CLASS_SERIAL
				   ? " (Intel: AMT Serial Over LAN?)"
				   : "";

	print("# serial: %02x:%02x.%u %04x:%04x%s", f->bus, f->device, f->function, f->vendor,
	      f->product, name);
	if (found[i].place.port)
		print(" port 0x%x", found[i].place.port);
	else if (found[i].place.memory)
		print(" memory %p", (const void *)found[i].place.memory);
	else
		print(" without an address");
	print(": %s\n", found[i].used ? "used" : "no UART answers");
}

void pci_uart_report(void)
{
	for (unsigned i = 0; i < found_count; i++)
		report(i);
	if (!used_count)
		print("# warning: com=pci: no serial port on PCI (class 0700h, 0702h) answers\n");
}
