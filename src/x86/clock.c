/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/clock.h"

#include <stdbool.h>
#include <stddef.h>

#include "div64.h"
#include "x86/insn.h"
#include "x86/io.h"

#define PM_TIMER_HZ  3579545 /* ACPI "Power Management Timer" */
#define PIT_HZ       1193182
#define FS_PER_S     1000000000000000ULL

#define SAMPLES_HZ   2000   /* a measurement takes 1/2000 s at the least */
#define LONGER_MAX   20     /* and so many times that, when a reading takes long */
#define NARROW       128    /* of a measurement: what its two readings may take of it */
#define READINGS     8      /* of which the narrowest counts */
#define PATIENCE     200000 /* reads before a clock counts as dead: a good part of 1 us each */
#define WANTED       5      /* measurements with little doubt */
#define MEASUREMENTS 15

#define SPEAKER      0x61 /* bit 0: the gate of the PIT's channel 2; bit 1: the speaker */
#define PIT_2        0x42
#define PIT_COMMAND  0x43
#define PIT_LOAD_2   0xb0 /* channel 2, both bytes, mode 0 */
#define PIT_LATCH_2  0x80

/* IA-PC HPET Specification, "Memory Map"; 32-bit registers. */
enum {
	HPET_PERIOD = 0x004 / 4, /* in fs */
	HPET_CONFIGURATION = 0x010 / 4,
	HPET_COUNTER = 0x0f0 / 4,
	HPET_ENABLE = 1 << 0,
	HPET_PERIOD_MAX = 100000000,
};

/* --- the clocks --- */

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
} clocks[CLOCKS] = {
	{"ACPI PM timer", start_pm_timer, read_pm_timer, 0xffffff},
	{"HPET", start_hpet, read_hpet, 0xffffffff},
	{"PIT", start_pit, read_pit, 0xffff},
};

/* --- one measurement --- */

/* The count was this at some time between two looks at the TSC. */
struct reading {
	uint32_t count;
	uint64_t before, after;
};

static struct reading read_once(const struct clock *clock)
{
	struct reading r;

	r.before = rdtsc();
	r.count = clock->read();
	r.after = rdtsc();
	return r;
}

static uint64_t width(const struct reading *r)
{
	return r->after - r->before;
}

static struct reading read_narrowly(const struct clock *clock)
{
	struct reading best = read_once(clock);

	for (unsigned i = 1; i < READINGS; i++) {
		struct reading r = read_once(clock);
		if (width(&r) < width(&best))
			best = r;
	}
	return best;
}

/* Lets `wanted` counts pass, and longer than NARROW readings. Returns the longest time between two
 * of its looks, in ticks; UINT64_MAX: the clock is dead. */
static uint64_t let_pass(const struct clock *clock, const struct reading *first, uint32_t wanted)
{
	struct reading last = *first;
	uint64_t gap = 0, narrow = 2 * width(first) * NARROW;

	for (unsigned i = 0; i < PATIENCE; i++) {
		struct reading now = read_once(clock);
		uint32_t passed = (now.count - first->count) & clock->mask;
		if (now.after - last.after > gap)
			gap = now.after - last.after;
		if (passed >= wanted &&
		    (now.after - first->after >= narrow || passed / LONGER_MAX >= wanted))
			return gap;
		last = now;
		pause();
	}
	return UINT64_MAX;
}

struct measurement {
	uint32_t khz;
	uint32_t doubt; /* what the two readings took, of 65536; more: it was interrupted */
};

enum { LITTLE_DOUBT = 65536 / 100, INTERRUPTED = 65536 };

/* In a gap the clock may have gone round, and more than once. */
static uint32_t doubt_of(uint64_t unsure, uint64_t gap, uint64_t ticks)
{
	uint64_t doubt = unsure * 65536;

	while (ticks >> 32) {
		ticks >>= 1;
		doubt >>= 1;
	}
	div64(&doubt, (uint32_t)ticks);
	doubt = doubt > INTERRUPTED ? INTERRUPTED : doubt;
	return (uint32_t)doubt + (gap > ticks / 2 ? INTERRUPTED : 0);
}

static bool measure_once(const struct clock *clock, struct measurement *m)
{
	uint32_t hz;

	if (!clock->start(&hz))
		return false;
	struct reading first = read_narrowly(clock);
	uint64_t gap = let_pass(clock, &first, hz / SAMPLES_HZ);
	if (gap == UINT64_MAX)
		return false;
	struct reading last = read_narrowly(clock);
	uint64_t khz = (last.before + last.after - first.before - first.after) / 2;
	uint32_t passed = (last.count - first.count) & clock->mask;
	if (!khz || !passed)
		return false;
	m->doubt = doubt_of(width(&first) + width(&last), gap, khz);
	khz *= hz / 1000;
	div64(&khz, passed);
	m->khz = khz > UINT32_MAX ? UINT32_MAX : khz ? (uint32_t)khz : 1;
	return true;
}

/* --- the median of several --- */

static bool less_doubt(const struct measurement *a, const struct measurement *b)
{
	return a->doubt < b->doubt;
}

static bool less_khz(const struct measurement *a, const struct measurement *b)
{
	return a->khz < b->khz;
}

static void sort(struct measurement *all, unsigned count,
		 bool (*less)(const struct measurement *, const struct measurement *))
{
	for (unsigned i = 1; i < count; i++)
		for (unsigned j = i; j && less(&all[j], &all[j - 1]); j--) {
			struct measurement m = all[j];
			all[j] = all[j - 1];
			all[j - 1] = m;
		}
}

static uint32_t measure(const struct clock *clock)
{
	struct measurement all[MEASUREMENTS];
	unsigned count = 0, good = 0;

	while (good < WANTED && count < MEASUREMENTS && measure_once(clock, &all[count]))
		good += all[count++].doubt <= LITTLE_DOUBT;
	if (!count)
		return 0;
	sort(all, count, less_doubt);
	count = count < WANTED ? count : WANTED;
	sort(all, count, less_khz);
	return all[count / 2].khz;
}

bool clock_differ(uint32_t a, uint32_t b)
{
	uint32_t more = a > b ? a : b, less = a > b ? b : a;

	return more - less > more / 50;
}

static bool is_confirmed(const struct clock_word *words, unsigned last)
{
	for (unsigned i = 0; i < last; i++)
		if (words[i].khz && !clock_differ(words[i].khz, words[last].khz))
			return true;
	return false;
}

void clock_measure(uint16_t pm_timer_port, volatile uint32_t *hpet_registers,
		   struct clock_word words[static CLOCKS])
{
	bool sure = false;

	pm_timer = pm_timer_port;
	hpet = hpet_registers;
	for (unsigned i = 0; i < CLOCKS; i++) {
		words[i] = (struct clock_word){clocks[i].name, sure ? 0 : measure(&clocks[i])};
		sure = sure || is_confirmed(words, i);
	}
}
