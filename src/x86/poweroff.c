/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/poweroff.h"

#include "serial/console.h"
#include "string.h"
#include "x86/acpi.h"
#include "x86/cpu.h"
#include "x86/insn.h"
#include "x86/io.h"
#include "x86/tsc.h"

#define PORT_QEMU_EXIT 0xf4 /* isa-debug-exit,iobase=0xf4 */
#define PORT_BOCHS_SHUTDOWN                                                                        \
	0x8900 /* Bochs iodev/unmapped.cc: "Shutdown", or 'D' for the debugger */
#define PORT_KEYBOARD  0x64
#define KEYBOARD_RESET 0xfe
#define RESET_US       100000 /* for a reset to happen before the next way is tried */

static enum exit_method chosen = EXIT_HALT;
static void (*at_halt)(enum verdict_code);

/* Under an emulator or KVM nobody looks at the screen; elsewhere somebody may want to. */
static enum exit_method detect(const char *loader)
{
	const char *below = cpu_hypervisor();

	if (!strcmp(loader, "qemu"))
		return EXIT_QEMU;
	if (!strncmp(below, "KVMKVMKVM", 9) || !strncmp(below, "TCGTCGTCG", 9))
		return EXIT_POWEROFF;
	return EXIT_HALT;
}

void poweroff_choose(enum exit_method method, const char *loader)
{
	chosen = method == EXIT_DEFAULT ? detect(loader) : method;
}

void poweroff_at_halt(void (*act)(enum verdict_code))
{
	at_halt = act;
}

static void reboot(void)
{
	static const struct table_register no_idt;

	acpi_reset();
	tsc_wait_us(RESET_US);
	outb(PORT_KEYBOARD, KEYBOARD_RESET);
	tsc_wait_us(RESET_US);
	lidt(&no_idt);
	asm volatile("int3"); /* no IDT: a triple fault resets the CPU */
}

static void leave(enum verdict_code verdict)
{
	switch (chosen) {
	case EXIT_QEMU:
		outb(PORT_QEMU_EXIT, verdict);
		acpi_poweroff(); /* no isa-debug-exit device */
		break;
	case EXIT_BOCHS:
		outb(PORT_BOCHS_SHUTDOWN, 'D');
		for (const char *c = "Shutdown"; *c; c++)
			outb(PORT_BOCHS_SHUTDOWN, *c);
		break;
	case EXIT_POWEROFF:
		acpi_poweroff();
		break;
	case EXIT_REBOOT:
		reboot();
		break;
	default:
		break;
	}
}

void poweroff(enum verdict_code verdict)
{
	console_flush();
	leave(verdict);
	void (*act)(enum verdict_code) = at_halt;
	at_halt = NULL; /* it may fault, and come here again */
	if (act)
		act(verdict);
	for (;;) {
		cli();
		hlt();
	}
}
