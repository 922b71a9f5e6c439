/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/tsc.h"

#include <stddef.h>

#include "div64.h"
#include "serial/print.h"
#include "string.h"
#include "x86/clock.h"
#include "x86/registers.h"

static uint32_t khz = 4000000; /* without a clock: deadlines rather late than early */

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

/* Xen's time leaf of an HVM guest, the fourth behind its signature's; a guest may have Hyper-V's
 * leaves before them. xen/include/public/arch-x86/cpuid.h: sub-leaf 0, ECX is the guest's TSC in
 * kHz. */
static uint32_t told_by_xen(void)
{
	if (!(cpuid(1, 0).c & CPUID_1_ECX_HYPERVISOR))
		return 0;
	for (uint32_t base = 0x40000000; base <= 0x40000100; base += 0x100) {
		struct cpuid r = cpuid(base, 0);
		if (r.a >= base + 3 && !memcmp(&r.b, "XenV", 4))
			return cpuid(base + 3, 0).c;
	}
	return 0;
}

/* "Processor Frequency Information Leaf": the base frequency in MHz, which is the TSC's, nearly. */
static uint32_t told_by_16h(void)
{
	return cpuid(0, 0).a < 0x16 ? 0 : (cpuid(0x16, 0).a & 0xffff) * 1000;
}

/* Whose words there may be: the clocks' come first. */
enum { TOLD = 4, WORDS = CLOCKS + TOLD };

static void listen(struct clock_word words[static WORDS], uint16_t pm_timer,
		   volatile uint32_t *hpet)
{
	clock_measure(pm_timer, hpet, words);
	words[CLOCKS] = (struct clock_word){"CPUID 15h", told_by_15h()};
	words[CLOCKS + 1] = (struct clock_word){"CPUID 40000010h", told_by_hypervisor()};
	words[CLOCKS + 2] = (struct clock_word){"Xen's time leaf", told_by_xen()};
	words[CLOCKS + 3] = (struct clock_word){"CPUID 16h", told_by_16h()};
}

static bool is_confirmed(const struct clock_word words[static WORDS], unsigned i)
{
	for (unsigned j = 0; j < WORDS; j++)
		if (j != i && words[j].khz && !clock_differ(words[i].khz, words[j].khz))
			return true;
	return false;
}

/* The first clock that another word confirms, else the first clock, else the first word; WORDS:
 * there is none. */
static unsigned believe(const struct clock_word words[static WORDS])
{
	unsigned first = WORDS;

	for (unsigned i = WORDS; i--;)
		first = words[i].khz ? i : first;
	for (unsigned i = first; i < CLOCKS; i++)
		if (words[i].khz && is_confirmed(words, i))
			return i;
	return first;
}

/* Who says something else: every clock, and the first of those that were told. */
static void name_others(char *text, size_t size, size_t length,
			const struct clock_word words[static WORDS])
{
	for (unsigned i = 0; i < WORDS && length < size; i++) {
		if (!words[i].khz)
			continue;
		if (clock_differ(words[i].khz, khz))
			length +=
				print_to(text + length, size - length, " (not %u kHz, as %s says)",
					 words[i].khz, words[i].name);
		if (i >= CLOCKS)
			return;
	}
}

const char *tsc_calibrate(uint16_t pm_timer_port, volatile uint32_t *hpet_registers)
{
	static char text[160];
	struct clock_word words[WORDS];

	listen(words, pm_timer_port, hpet_registers);
	unsigned believed = believe(words);
	if (believed == WORDS)
		return "no clock: 4 GHz assumed";
	khz = words[believed].khz;
	size_t length = print_to(text, sizeof(text), "%s", words[believed].name);
	name_others(text, sizeof(text), length, words);
	return text;
}

uint32_t tsc_khz(void)
{
	return khz;
}

static uint64_t ticks_of(uint32_t microseconds)
{
	uint64_t ticks = (uint64_t)microseconds * khz;

	div64(&ticks, 1000);
	return ticks;
}

uint64_t tsc_deadline_us(uint32_t microseconds)
{
	return rdtsc() + ticks_of(microseconds);
}

void tsc_start(struct tsc_timeout *timeout, uint32_t microseconds)
{
	timeout->left = ticks_of(microseconds);
	timeout->most = timeout->left / TSC_LOOKS + 1;
	timeout->last = rdtsc();
}

bool tsc_timed_out(struct tsc_timeout *timeout)
{
	uint64_t now = rdtsc(), passed = now - timeout->last;

	passed = passed < timeout->most ? passed : timeout->most;
	timeout->last = now;
	timeout->left -= passed < timeout->left ? passed : timeout->left;
	return !timeout->left;
}

bool tsc_wait_for(bool (*done)(void), uint32_t timeout_us)
{
	struct tsc_timeout timeout;

	tsc_start(&timeout, timeout_us);
	do
		for (unsigned i = 0; i < TSC_TURNS; i++) {
			if (done())
				return true;
			spin();
		}
	while (!tsc_timed_out(&timeout));
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
