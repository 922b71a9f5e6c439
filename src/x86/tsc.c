/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/tsc.h"

#include <stddef.h>

#include "div64.h"
#include "serial/print.h"
#include "string.h"
#include "x86/io.h"
#include "x86/registers.h"

#define PM_TIMER_HZ 3579545 /* ACPI "Power Management Timer" */
#define PIT_HZ      1193182
#define SAMPLE_US   1000
#define PATIENCE    200000 /* reads before a clock counts as dead: a good part of 1 us each */
#define FS_PER_S    1000000000000000ULL

#define SPEAKER     0x61 /* bit 0: the gate of the PIT's channel 2; bit 1: the speaker */
#define PIT_2       0x42
#define PIT_COMMAND 0x43
#define PIT_LOAD_2  0xb0 /* channel 2, both bytes, mode 0 */
#define PIT_LATCH_2 0x80

/* IA-PC HPET Specification, "Memory Map"; 32-bit registers. */
enum {
	HPET_PERIOD = 0x004 / 4, /* in fs */
	HPET_CONFIGURATION = 0x010 / 4,
	HPET_COUNTER = 0x0f0 / 4,
	HPET_ENABLE = 1 << 0,
	HPET_PERIOD_MAX = 100000000,
};

static uint32_t khz = 4000000; /* without a clock: deadlines rather late than early */

/* --- clocks to measure against --- */

static uint16_t pm_timer;
static volatile uint32_t *hpet;

static bool start_pm_timer(uint32_t *hz)
{
	*hz = PM_TIMER_HZ;
	return pm_timer;
}

static uint32_t read_pm_timer(void)
{
	return inl(pm_timer);
}

static bool start_hpet(uint32_t *hz)
{
	uint64_t frequency = FS_PER_S;

	if (!hpet || !hpet[HPET_PERIOD] || hpet[HPET_PERIOD] > HPET_PERIOD_MAX)
		return false;
	div64(&frequency, hpet[HPET_PERIOD]);
	*hz = (uint32_t)frequency;
	hpet[HPET_CONFIGURATION] |= HPET_ENABLE; /* the firmware may have left it stopped */
	return frequency <= UINT32_MAX;
}

static uint32_t read_hpet(void)
{
	return hpet[HPET_COUNTER];
}

/* Counts down from 0xffff, once: its output, bit 5 of the port, is low meanwhile. An absent PIT
 * reads as 0xff, or does not count. */
static bool start_pit(uint32_t *hz)
{
	*hz = PIT_HZ;
	outb(SPEAKER, (inb(SPEAKER) & ~2) | 1);
	outb(PIT_COMMAND, PIT_LOAD_2);
	outb(PIT_2, 0xff);
	outb(PIT_2, 0xff);
	return !(inb(SPEAKER) & 0x20);
}

static uint32_t read_pit(void)
{
	outb(PIT_COMMAND, PIT_LATCH_2);
	uint32_t low = inb(PIT_2);
	return 0xffff - (low | (uint32_t)inb(PIT_2) << 8);
}

static const struct clock {
	const char *name;
	bool (*start)(uint32_t *hz);
	uint32_t (*read)(void);
	uint32_t mask; /* its counter's bits, at the least */
} clocks[] = {
	{"ACPI PM timer", start_pm_timer, read_pm_timer, 0xffffff},
	{"HPET", start_hpet, read_hpet, 0xffffffff},
	{"PIT", start_pit, read_pit, 0xffff},
};

/* In kHz; 0: the clock is absent or dead. */
static uint32_t measure(const struct clock *clock)
{
	uint32_t hz, passed = 0;

	if (!clock->start(&hz))
		return 0;
	uint32_t wanted = hz / (1000000 / SAMPLE_US);
	uint32_t first = clock->read();
	uint64_t start = rdtsc();
	for (unsigned i = 0; i < PATIENCE && passed < wanted; i++) {
		pause();
		passed = (clock->read() - first) & clock->mask;
	}
	uint64_t ticks = rdtsc() - start;
	if (passed < wanted || ticks >> 32)
		return 0;
	ticks *= hz / 1000;
	div64(&ticks, passed);
	return (uint32_t)(ticks ? ticks : 1);
}

/* --- what is told --- */

/* SDM Vol. 2 "CPUID", "Time Stamp Counter and Nominal Core Crystal Clock Information Leaf": EBX/EAX
 * is TSC to crystal, ECX the crystal's frequency. */
static uint32_t told_by_15h(void)
{
	struct cpuid r = cpuid(0, 0);

	if (r.a < 0x15)
		return 0;
	r = cpuid(0x15, 0);
	uint64_t hz = (uint64_t)r.c * r.b;
	if (!r.a || !hz)
		return 0;
	div64(&hz, r.a);
	div64(&hz, 1000);
	return (uint32_t)hz;
}

/* VMware's "timing information leaf", which KVM and bhyve have too; not Hyper-V. */
static uint32_t told_by_hypervisor(void)
{
	if (!(cpuid(1, 0).c & CPUID_1_ECX_HYPERVISOR))
		return 0;
	struct cpuid r = cpuid(0x40000000, 0);
	if (r.a < 0x40000010 || r.a > 0x400000ff || !memcmp(&r.b, "Micr", 4))
		return 0;
	return cpuid(0x40000010, 0).a;
}

/* "Processor Frequency Information Leaf": the base frequency in MHz, which is the TSC's, nearly. */
static uint32_t told_by_16h(void)
{
	return cpuid(0, 0).a < 0x16 ? 0 : (cpuid(0x16, 0).a & 0xffff) * 1000;
}

static const struct told {
	const char *name;
	uint32_t (*khz)(void);
} told[] = {
	{"CPUID 15h", told_by_15h},
	{"CPUID 40000010h", told_by_hypervisor},
	{"CPUID 16h", told_by_16h},
};

static const struct told *first_told(uint32_t *value)
{
	for (unsigned i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		*value = told[i].khz();
		if (*value)
			return &told[i];
	}
	return NULL;
}

static const struct clock *first_measured(uint32_t *value)
{
	for (unsigned i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		*value = measure(&clocks[i]);
		if (*value)
			return &clocks[i];
	}
	return NULL;
}

static bool differ(uint32_t a, uint32_t b)
{
	uint32_t more = a > b ? a : b, less = a > b ? b : a;

	return more - less > more / 50;
}

const char *tsc_calibrate(uint16_t pm_timer_port, volatile uint32_t *hpet_registers)
{
	static char text[80];
	uint32_t told_khz, measured_khz;

	pm_timer = pm_timer_port;
	hpet = hpet_registers;
	const struct told *word = first_told(&told_khz);
	const struct clock *clock = first_measured(&measured_khz);
	if (!word && !clock)
		return "no clock: 4 GHz assumed";
	khz = clock ? measured_khz : told_khz;
	if (word && clock && differ(told_khz, measured_khz))
		print_to(text, sizeof(text), "%s (not %u kHz, as %s says)", clock->name, told_khz,
			 word->name);
	else
		print_to(text, sizeof(text), "%s", clock ? clock->name : word->name);
	return text;
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

bool tsc_wait_for(bool (*done)(void), uint32_t timeout_us)
{
	uint64_t deadline = tsc_deadline_us(timeout_us);

	do
		for (unsigned i = 0; i < TSC_TURNS; i++) {
			if (done())
				return true;
			spin();
		}
	while (!tsc_passed(deadline));
	return done();
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
