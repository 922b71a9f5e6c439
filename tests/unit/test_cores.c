/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/x86/cores.c src/serial/print.c */
#include "x86/cores.h"

#include "serial/console.h"
#include "unit.h"
#include "x86/smp.h"

#include <string.h>

enum { CPUS = 6 };

static struct cpu cpus[CPUS];
struct cpu *smp_cpus[CPU_MAX];
unsigned smp_count;

static struct {
	uint32_t leaves, level, bits, kind;
	bool hybrid;
} machine;

static char text[512];

void console_write(const char *more, size_t size)
{
	strncat(text, more, size);
}

struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
	(void)subleaf;
	switch (leaf) {
	case 0:
		return (struct cpuid){.a = machine.leaves};
	case 7:
		return (struct cpuid){.d = machine.hybrid ? 1U << 15 : 0};
	case 0xb:
		return (struct cpuid){.a = machine.bits, .b = 1, .c = machine.level << 8};
	default:
		assert_int_equal(leaf, 0x1a);
		return (struct cpuid){.a = machine.kind << 24 | 1};
	}
}

static int reset(void **state)
{
	(void)state;
	memset(&machine, 0, sizeof(machine));
	machine.leaves = 0x1f;
	machine.level = 1;
	smp_count = CPUS;
	for (unsigned i = 0; i < CPUS; i++) {
		smp_cpus[i] = &cpus[i];
		cpus[i].apic_id = i;
		cpus[i].core_kind = 0;
	}
	text[0] = 0;
	return 0;
}

static void expect(const char *report)
{
	cores_report();
	assert_string_equal(text, report);
}

static void plain_cores_are_no_news(void **state)
{
	(void)state;
	expect("");
	machine.leaves = 5;
	expect("");
}

static void threads_are_told(void **state)
{
	(void)state;
	machine.bits = 1;
	expect("# cores: up to 2 threads each\n");
}

static void cores_that_could_have_threads_may_not(void **state)
{
	(void)state;
	machine.bits = 1;
	for (unsigned i = 0; i < CPUS; i++)
		cpus[i].apic_id = 2 * i;
	expect("");
}

static void kinds_are_told(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CPUS; i++)
		cpus[i].core_kind = i < 2 ? 0x40 : 0x20;
	expect("# cores: performance (CPUID 1Ah: 40h): CPU 0 1\n"
	       "# cores: efficient (CPUID 1Ah: 20h): CPU 2 3 4 5\n");
}

static void only_a_hybrid_cpu_has_a_kind(void **state)
{
	(void)state;
	machine.kind = 0x40;
	assert_int_equal(cores_kind(), 0);
	machine.hybrid = true;
	assert_int_equal(cores_kind(), 0x40);
	machine.leaves = 0x16;
	assert_int_equal(cores_kind(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(plain_cores_are_no_news, reset),
		cmocka_unit_test_setup(threads_are_told, reset),
		cmocka_unit_test_setup(cores_that_could_have_threads_may_not, reset),
		cmocka_unit_test_setup(kinds_are_told, reset),
		cmocka_unit_test_setup(only_a_hybrid_cpu_has_a_kind, reset),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
