/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/x86/tsc.c src/x86/clock.c src/serial/print.c tests/unit/fake/console.c */
#include "x86/tsc.h"

#include "unit.h"
#include "x86/io.h"

#include <string.h>

enum { PM_TIMER = 0x608, KHZ = 3000000 };

/* A machine whose every access takes a microsecond, and which has the clocks that run. */
static struct {
	uint64_t us;
	bool pm_timer, hpet, pit, hypervisor;
	uint32_t hpet_registers[64];
	uint32_t leaf_15h[4], khz_of_40000010h, mhz_of_16h, khz_of_xen, xen_base;
	const char *signature;
	uint16_t pit_latch;
	bool pit_high_byte;
	uint64_t pit_start;
	uint32_t longest_pause; /* us; 0: this host has nothing else to do */
	uint64_t pause_at;
	uint32_t hpet_lies; /* of 1000 */
} machine;

static uint32_t random_below(uint32_t end)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(state >> 33) % end;
}

/* For half a slice of a busy host, or a whole one, we run; then others do. */
static void be_preempted(void)
{
	if (!machine.longest_pause || machine.us < machine.pause_at)
		return;
	machine.us += random_below(machine.longest_pause);
	machine.pause_at = machine.us + 500 + random_below(3500);
}

static void tick(void)
{
	machine.us++;
	be_preempted();
	if (machine.hpet)
		machine.hpet_registers[60] =
			(uint32_t)(machine.us * (14318 + machine.hpet_lies) / 1000);
}

uint64_t rdtsc(void)
{
	tick();
	return machine.us * (KHZ / 1000);
}

void pause(void)
{
	tick();
}

uint32_t inl(uint16_t port)
{
	tick();
	return port == PM_TIMER && machine.pm_timer
		       ? (uint32_t)(machine.us * 3579545 / 1000000) & 0xffffff
		       : 0xffffffff;
}

uint8_t inb(uint16_t port)
{
	tick();
	if (!machine.pit)
		return 0xff;
	if (port == 0x61)
		return 0x01;
	machine.pit_high_byte = !machine.pit_high_byte;
	return (uint8_t)(machine.pit_high_byte ? machine.pit_latch : machine.pit_latch >> 8);
}

void outb(uint16_t port, uint8_t value)
{
	tick();
	if (port == 0x43 && value == 0x80)
		machine.pit_latch =
			(uint16_t)(0xffff - (machine.us - machine.pit_start) * 1193182 / 1000000);
	if (port == 0x42)
		machine.pit_start = machine.us;
}

struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid r = {0};

	if (leaf == 0)
		r.a = machine.mhz_of_16h ? 0x16 : machine.leaf_15h[0] ? 0x15 : 2;
	if (leaf == 1 && machine.hypervisor)
		r.c = 1U << 31;
	if (leaf == 0x15)
		memcpy(&r, machine.leaf_15h, sizeof(r));
	if (leaf == 0x16)
		r.a = machine.mhz_of_16h;
	if (leaf == 0x40000000 && machine.hypervisor) {
		r.a = 0x40000010;
		memcpy(&r.b, machine.signature, 4);
	}
	if (machine.xen_base && leaf == machine.xen_base) {
		r.a = machine.xen_base + 5;
		memcpy(&r, (uint32_t[]){r.a, 0x566e6558, 0x65584d4d, 0x4d4d566e}, 16);
	}
	if (machine.xen_base && leaf == machine.xen_base + 3 && subleaf == 0)
		r.c = machine.khz_of_xen;
	if (leaf == 0x40000010)
		r.a = machine.khz_of_40000010h;
	return r;
}

static int reset(void **state)
{
	(void)state;
	memset(&machine, 0, sizeof(machine));
	machine.hpet_registers[1] = 69841279; /* fs: 14.318 MHz */
	return 0;
}

static void expect(const char *clock, uint32_t khz)
{
	assert_string_equal(tsc_calibrate(PM_TIMER, machine.hpet_registers), clock);
	assert_in_range(tsc_khz(), khz - khz / 100, khz + khz / 100);
}

static void xen_tells_the_frequency_where_no_clock_runs(void **state)
{
	(void)state;
	machine.hypervisor = true;
	machine.signature = "Micr"; /* Xen's leaves may be behind Hyper-V's */
	machine.khz_of_xen = 2596139;
	machine.xen_base = 0x40000100;
	expect("Xen's time leaf", 2596139);
	machine.xen_base = 0x40000000;
	expect("Xen's time leaf", 2596139);
}

static void the_pm_timer_comes_first(void **state)
{
	(void)state;
	machine.pm_timer = machine.hpet = machine.pit = true;
	expect("ACPI PM timer", KHZ);
}

static void the_pm_timer_may_wrap(void **state)
{
	(void)state;
	machine.pm_timer = true;
	machine.us = 0x1000000ULL * 1000000 / 3579545 - 100;
	expect("ACPI PM timer", KHZ);
}

static void a_stopped_hpet_is_started(void **state)
{
	(void)state;
	machine.hpet = true;
	expect("HPET", KHZ);
	assert_int_equal(machine.hpet_registers[4], 1);
}

static void an_hpet_with_a_period_out_of_range_does_not_count(void **state)
{
	const uint32_t periods[] = {0, 100000001, UINT32_MAX};

	(void)state;
	machine.hpet = machine.pit = true;
	for (unsigned i = 0; i < 3; i++) {
		machine.hpet_registers[1] = periods[i];
		expect("PIT", KHZ);
	}
}

static void a_dead_clock_is_left_for_the_next(void **state)
{
	(void)state;
	machine.pit = true;
	expect("PIT", KHZ);
	assert_string_equal(tsc_calibrate(0, NULL), "PIT");
}

static void without_clocks_cpuid_is_asked(void **state)
{
	(void)state;
	machine.mhz_of_16h = 3000;
	expect("CPUID 16h", 3000000);
	machine.hypervisor = true;
	machine.signature = "VMwareVMware";
	machine.khz_of_40000010h = 2999000;
	expect("CPUID 40000010h", 2999000);
	memcpy(machine.leaf_15h, (uint32_t[]){2, 248, 24000000, 0}, 16);
	expect("CPUID 15h", 2976000);
}

static void hyper_v_means_something_else_by_that_leaf(void **state)
{
	(void)state;
	machine.hypervisor = true;
	machine.signature = "Microsoft Hv";
	machine.khz_of_40000010h = 1234;
	expect("no clock: 4 GHz assumed", tsc_khz());
}

static void a_crystal_of_unknown_frequency_says_nothing(void **state)
{
	(void)state;
	memcpy(machine.leaf_15h, (uint32_t[]){2, 250, 0, 0}, 16);
	machine.mhz_of_16h = 3000;
	expect("CPUID 16h", 3000000);
}

static void a_clock_is_believed_more_than_cpuid(void **state)
{
	(void)state;
	machine.pm_timer = true;
	machine.mhz_of_16h = 3010;
	expect("ACPI PM timer", KHZ);
	machine.mhz_of_16h = 2000;
	expect("ACPI PM timer (not 2000000 kHz, as CPUID 16h says)", KHZ);
}

static void ticks_become_microseconds_and_back(void **state)
{
	(void)state;
	machine.pm_timer = true;
	expect("ACPI PM timer", KHZ);
	assert_in_range(tsc_us(KHZ), 990, 1010);
	uint64_t deadline = tsc_deadline_us(100);
	assert_false(tsc_passed(deadline));
	machine.us += 110;
	assert_true(tsc_passed(deadline));
}

/* Between any two instructions other programs may run, for as long as a host with a load of 20 has
 * them, or one that is stopped: longer than the PIT takes to go round, and than the PM timer. */
static void a_host_that_runs_others_is_no_error(void **state)
{
	static const uint32_t pauses[] = {1000, 20000, 60000, 200000, 12000000};

	(void)state;
	for (unsigned i = 0; i < sizeof(pauses) / sizeof(pauses[0]); i++) {
		machine.longest_pause = pauses[i];
		for (unsigned round = 0; round < 200; round++) {
			machine.pm_timer = round % 3 == 0;
			machine.hpet = round % 3 == 1;
			machine.pit = round % 3 == 2;
			tsc_calibrate(machine.pm_timer ? PM_TIMER : 0, machine.hpet_registers);
			assert_in_range(tsc_khz(), KHZ - KHZ / 100, KHZ + KHZ / 100);
		}
	}
}

static void of_two_clocks_the_confirmed_one_is_believed(void **state)
{
	(void)state;
	machine.hpet = machine.pit = true;
	machine.hpet_lies = 14318;
	assert_memory_equal(tsc_calibrate(PM_TIMER, machine.hpet_registers), "HPET (not ", 10);
	assert_in_range(tsc_khz(), KHZ / 2 - KHZ / 100, KHZ / 2 + KHZ / 100);
	machine.mhz_of_16h = 3000;
	assert_memory_equal(tsc_calibrate(PM_TIMER, machine.hpet_registers), "PIT (not ", 9);
	assert_in_range(tsc_khz(), KHZ - KHZ / 100, KHZ + KHZ / 100);
	machine.mhz_of_16h = 0;
	machine.pm_timer = true;
	assert_memory_equal(tsc_calibrate(PM_TIMER, machine.hpet_registers), "ACPI PM timer (not ",
			    19);
	assert_in_range(tsc_khz(), KHZ - KHZ / 100, KHZ + KHZ / 100);
}

static unsigned looks, needed;

static bool enough_looks(void)
{
	machine.us++;
	return ++looks >= needed;
}

static void a_wait_ends_when_it_is_done_or_over(void **state)
{
	(void)state;
	machine.pm_timer = true;
	expect("ACPI PM timer", KHZ);
	looks = 0, needed = 3 * TSC_TURNS + 1;
	assert_true(tsc_wait_for(enough_looks, 1000000));
	assert_int_equal(looks, needed);
	looks = 0, needed = ~0U;
	assert_false(tsc_wait_for(enough_looks, 100000));
	assert_in_range(looks, 99000, 101000 + 2 * TSC_TURNS);
}

static void a_pause_uses_up_no_timeout(void **state)
{
	struct tsc_timeout timeout;

	(void)state;
	machine.pm_timer = true;
	expect("ACPI PM timer", KHZ);
	tsc_start(&timeout, 64000);
	machine.us += 6000000;
	for (unsigned i = 0; i < 60; i++) {
		assert_false(tsc_timed_out(&timeout));
		machine.us += 1000;
	}
	machine.us -= 5000000; /* a snapshot is loaded */
	assert_false(tsc_timed_out(&timeout));
	for (unsigned i = 0; i < 3; i++) {
		machine.us += 6000000;
		tsc_timed_out(&timeout);
	}
	assert_true(tsc_timed_out(&timeout));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* First: nothing has set the frequency yet. */
		cmocka_unit_test_setup(hyper_v_means_something_else_by_that_leaf, reset),
		cmocka_unit_test_setup(the_pm_timer_comes_first, reset),
		cmocka_unit_test_setup(the_pm_timer_may_wrap, reset),
		cmocka_unit_test_setup(a_stopped_hpet_is_started, reset),
		cmocka_unit_test_setup(an_hpet_with_a_period_out_of_range_does_not_count, reset),
		cmocka_unit_test_setup(a_dead_clock_is_left_for_the_next, reset),
		cmocka_unit_test_setup(without_clocks_cpuid_is_asked, reset),
		cmocka_unit_test_setup(a_crystal_of_unknown_frequency_says_nothing, reset),
		cmocka_unit_test_setup(a_clock_is_believed_more_than_cpuid, reset),
		cmocka_unit_test_setup(xen_tells_the_frequency_where_no_clock_runs, reset),
		cmocka_unit_test_setup(a_host_that_runs_others_is_no_error, reset),
		cmocka_unit_test_setup(of_two_clocks_the_confirmed_one_is_believed, reset),
		cmocka_unit_test_setup(ticks_become_microseconds_and_back, reset),
		cmocka_unit_test_setup(a_wait_ends_when_it_is_done_or_over, reset),
		cmocka_unit_test_setup(a_pause_uses_up_no_timeout, reset),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
