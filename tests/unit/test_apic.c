/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/x86/apic.c */
#include "x86/apic.h"

#include "unit.h"
#include "x86/cpu.h"
#include "x86/io.h"
#include "x86/registers.h"
#include "x86/trap.h"
#include "x86/tsc.h"

#include <string.h>

/* --- a local APIC: its registers by offset / 16 --- */

enum { OFF = 0, XAPIC = APIC_BASE_ENABLE, X2APIC = APIC_BASE_ENABLE | APIC_BASE_X2APIC };

static struct {
	bool has_apic, has_x2apic;
	uint64_t base;
	uint32_t registers[64];
	uint32_t page[1024]; /* the same in xAPIC mode: one in each 16 bytes */
	uint64_t icr;
	unsigned last_lvt;
	unsigned pic_writes;
} cpu;

struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
	(void)subleaf;
	assert_int_equal(leaf, 1);
	return (struct cpuid){.c = cpu.has_x2apic ? CPUID_1_ECX_X2APIC : 0,
			      .d = cpu.has_apic ? CPUID_1_EDX_APIC : 0};
}

/* Offsets of LVT entries that a CPU may lack, and which of them it is. */
static void assert_is_there(uint32_t r)
{
	if (r == 0x2f)
		assert_true(cpu.last_lvt >= 6);
	if (r == 0x33)
		assert_true(cpu.last_lvt >= 5);
	if (r == 0x34)
		assert_true(cpu.last_lvt >= 4);
}

uint64_t rdmsr(uint32_t msr)
{
	if (msr == MSR_IA32_APIC_BASE)
		return cpu.base;
	assert_in_range(msr, 0x800, 0x83f);
	assert_int_equal(cpu.base & X2APIC, X2APIC);
	assert_is_there(msr - 0x800);
	return cpu.registers[msr - 0x800];
}

/* SDM Vol. 3 "x2APIC State Transitions": the others are #GP. */
static bool is_transition(uint64_t from, uint64_t to)
{
	return from == to || (from == OFF && to == XAPIC) || (from == XAPIC && to == X2APIC);
}

void wrmsr(uint32_t msr, uint64_t value)
{
	if (msr == MSR_IA32_APIC_BASE) {
		assert_true(is_transition(cpu.base & X2APIC, value & X2APIC));
		cpu.base = value;
		return;
	}
	assert_in_range(msr, 0x800, 0x83f);
	assert_int_equal(cpu.base & X2APIC, X2APIC);
	assert_is_there(msr - 0x800);
	if (msr == 0x830)
		cpu.icr = value;
	else
		cpu.registers[msr - 0x800] = (uint32_t)value;
}

bool cpu_wrmsr(uint32_t msr, uint64_t value)
{
	wrmsr(msr, value);
	return true;
}

void outb(uint16_t port, uint8_t value)
{
	assert_true(port == 0x21 || port == 0xa1);
	assert_int_equal(value, 0xff);
	cpu.pic_writes++;
}

void pause(void)
{
}

static uint64_t now_us;

uint64_t rdtsc(void)
{
	return now_us;
}

void tsc_wait_us(uint32_t microseconds)
{
	now_us += microseconds;
}

uint32_t tsc_us(uint64_t ticks)
{
	return (uint32_t)ticks;
}

void tsc_start(struct tsc_timeout *timeout, uint32_t microseconds)
{
	timeout->left = microseconds;
}

bool tsc_timed_out(struct tsc_timeout *timeout)
{
	return !timeout->left--;
}

static int reset(void **state)
{
	(void)state;
	memset(&cpu, 0, sizeof(cpu));
	cpu.has_apic = cpu.has_x2apic = true;
	cpu.base = XAPIC;
	cpu.last_lvt = 6;
	cpu.registers[3] = 6 << 16;
	return 0;
}

/* --- tests --- */

static void x2apic_is_entered_from_any_state(void **state)
{
	const uint64_t states[] = {OFF, XAPIC, X2APIC};

	for (unsigned i = 0; i < 3; i++) {
		reset(state);
		cpu.base = states[i] | 0xfee00000;
		assert_true(apic_detect(NULL));
		apic_enable();
		assert_true(apic_is_x2apic());
		assert_int_equal(cpu.base, X2APIC | 0xfee00000);
	}
}

static void without_x2apic_the_registers_are_in_memory(void **state)
{
	(void)state;
	cpu.has_x2apic = false;
	cpu.base = OFF;
	cpu.page[0x20 / 4] = 7U << 24;
	assert_false(apic_detect(NULL));
	assert_true(apic_detect(cpu.page));
	apic_enable();
	assert_int_equal(cpu.base, XAPIC);
	assert_int_equal(apic_id(), 7);
	assert_true(apic_send(3, ICR_NMI));
	assert_int_equal(cpu.page[0x310 / 4], 3U << 24);
	assert_int_equal(cpu.page[0x300 / 4], ICR_NMI | ICR_ASSERT);
}

static void no_apic_is_said(void **state)
{
	(void)state;
	cpu.has_apic = false;
	assert_false(apic_detect(cpu.page));
}

static void only_x2apic_can_send_to_more_than_8_bits(void **state)
{
	(void)state;
	assert_true(apic_detect(NULL));
	apic_enable();
	assert_true(apic_can_address(70000));
	assert_true(apic_send(70000, ICR_INIT));
	assert_int_equal(cpu.icr, 70000ULL << 32 | ICR_INIT | ICR_ASSERT);
	cpu.has_x2apic = false;
	assert_true(apic_detect(cpu.page));
	assert_true(apic_can_address(254));
	assert_false(apic_can_address(255));
	assert_false(apic_can_address(256));
}

static void nmi_sources_are_masked_and_others_stay(void **state)
{
	(void)state;
	cpu.registers[0x36] = 0x400; /* LINT1: NMI */
	cpu.registers[0x34] = 0x400; /* performance: NMI */
	cpu.registers[0x33] = 0x200; /* thermal: SMI */
	cpu.registers[0x2f] = 0x0f2; /* CMCI: fixed */
	assert_true(apic_detect(NULL));
	apic_enable();
	assert_int_equal(cpu.registers[0x36], 0x10400);
	assert_int_equal(cpu.registers[0x34], 0x10400);
	assert_int_equal(cpu.registers[0x33], 0x200);
	assert_int_equal(cpu.registers[0x2f], 0x0f2);
}

static void lvt_entries_that_are_not_there_are_left_alone(void **state)
{
	(void)state;
	cpu.last_lvt = 3;
	cpu.registers[3] = 3 << 16;
	assert_true(apic_detect(NULL));
	apic_enable();
}

static void pics_are_masked_when_asked_for(void **state)
{
	(void)state;
	assert_true(apic_detect(NULL));
	apic_enable();
	assert_int_equal(cpu.pic_writes, 0);
	apic_mask_pics();
	assert_int_equal(cpu.pic_writes, 2);
}

static void an_alarm_rings_in_time_or_not_at_all(void **state)
{
	(void)state;
	apic_detect((void *)cpu.registers);
	apic_enable();
	cpu.registers[0x39] = UINT32_MAX - 200 * 62; /* what is left after 200 us */
	apic_alarm_calibrate();
	apic_alarm(1000);
	assert_int_equal(cpu.registers[0x32], VECTOR_ALARM);
	assert_int_equal(cpu.registers[0x38], 62000);
	apic_alarm(0);
	assert_int_equal(cpu.registers[0x32], 0x10000);
	assert_int_equal(cpu.registers[0x38], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(x2apic_is_entered_from_any_state, reset),
		cmocka_unit_test_setup(without_x2apic_the_registers_are_in_memory, reset),
		cmocka_unit_test_setup(no_apic_is_said, reset),
		cmocka_unit_test_setup(only_x2apic_can_send_to_more_than_8_bits, reset),
		cmocka_unit_test_setup(nmi_sources_are_masked_and_others_stay, reset),
		cmocka_unit_test_setup(lvt_entries_that_are_not_there_are_left_alone, reset),
		cmocka_unit_test_setup(pics_are_masked_when_asked_for, reset),
		cmocka_unit_test_setup(an_alarm_rings_in_time_or_not_at_all, reset),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
