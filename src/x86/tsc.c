/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/tsc.h"

#include "div64.h"
#include "x86/io.h"

#define PM_TIMER_HZ 3579545 /* ACPI "Power Management Timer" */
#define PIT_HZ      1193182
#define SAMPLE_US   1000
#define PATIENCE    200000 /* reads before a clock counts as dead: a good part of 1 us each */

static uint32_t khz = 1000000;

/* Each clock_*() waits for about SAMPLE_US and returns the ticks of it that passed, 0 if dead. */

static uint32_t clock_pm_timer(uint16_t port)
{
	const uint32_t wanted = PM_TIMER_HZ / 1000 * SAMPLE_US / 1000;
	uint32_t start = inl(port);
	for (unsigned i = 0; i < PATIENCE; i++) {
		uint32_t passed = (inl(port) - start) & 0xffffff; /* 24 bits at the least */
		if (passed >= wanted)
			return passed;
	}
	return 0;
}

/* Channel 2 in mode 0; its gate and its output are bits 0 and 5 of port 0x61. */
static uint32_t clock_pit(void)
{
	const uint32_t wanted = PIT_HZ / 1000 * SAMPLE_US / 1000;
	outb(0x61, (inb(0x61) & ~2) | 1);
	outb(0x43, 0xb0);
	outb(0x42, wanted & 0xff);
	outb(0x42, wanted >> 8);
	if (inb(0x61) & 0x20)
		return 0; /* high already: nothing counts here */
	for (unsigned i = 0; i < PATIENCE; i++)
		if (inb(0x61) & 0x20)
			return wanted;
	return 0;
}

static bool measure(uint64_t ticks, uint32_t passed, uint32_t hz)
{
	if (!passed || ticks >> 32)
		return false;
	uint64_t product = ticks * (hz / 1000);
	div64(&product, passed);
	khz = product ? product : 1;
	return true;
}

const char *tsc_calibrate(uint16_t pm_timer_port)
{
	uint64_t start = rdtsc();
	if (pm_timer_port) {
		uint32_t passed = clock_pm_timer(pm_timer_port);
		if (measure(rdtsc() - start, passed, PM_TIMER_HZ))
			return "ACPI PM timer";
	}
	start = rdtsc();
	uint32_t passed = clock_pit();
	if (measure(rdtsc() - start, passed, PIT_HZ))
		return "PIT";
	return "no clock: 1 GHz assumed";
}

uint32_t tsc_khz(void)
{
	return khz;
}

uint64_t tsc_deadline_us(uint32_t microseconds)
{
	uint64_t ticks = (uint64_t)microseconds * khz;
	div64(&ticks, 1000);
	return rdtsc() + ticks;
}

void tsc_wait_us(uint32_t microseconds)
{
	uint64_t deadline = tsc_deadline_us(microseconds);
	while (!tsc_passed(deadline))
		pause();
}

uint32_t tsc_us(uint64_t ticks)
{
	ticks *= 1000;
	div64(&ticks, khz);
	return ticks;
}
