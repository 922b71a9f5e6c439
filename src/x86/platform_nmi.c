/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/platform_nmi.h"

#include <stdint.h>

#include "serial/print.h"
#include "x86/io.h"
#include "x86/smp.h"

#define PORT 0x61 /* "NMI Status and Control Register" of Intel's chipsets, since the PC AT */

static const struct {
	uint8_t bit;
	const char *name;
} reasons[] = {
	{1 << 7, "SERR# (a PCI system error or a memory parity error)"},
	{1 << 6, "IOCHK# (an I/O channel check)"},
};

static uint8_t left_by_firmware;

/* Where nothing is, all bits read as 1. */
static uint8_t read_reasons(void)
{
	uint8_t value = inb(PORT);

	return value == 0xff ? 0 : value;
}

void platform_nmi_init(void)
{
	left_by_firmware = read_reasons();
}

unsigned platform_nmi_count(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < smp_count; i++)
		count += smp_cpus[i]->nmis;
	return count;
}

void platform_nmi_report(void)
{
	uint8_t now = read_reasons() & (uint8_t)~left_by_firmware;

	for (unsigned i = 0; i < smp_count; i++)
		if (smp_cpus[i]->nmis)
			print("# warning: CPU %u got %u NMIs that nobody here sent\n", i,
			      smp_cpus[i]->nmis);
	for (unsigned i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (now & reasons[i].bit)
			print("# warning: the platform has had a reason for an NMI: %s\n",
			      reasons[i].name);
}
