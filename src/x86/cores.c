/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/cores.h"

#include <stdbool.h>

#include "serial/print.h"
#include "x86/insn.h"
#include "x86/smp.h"

#define CPUID_7_EDX_HYBRID (1U << 15)
#define LEVEL_THREADS      1 /* CPUID 0Bh ECX[15:8] */

static const struct {
	uint8_t kind;
	const char *name;
} kinds[] = {{0x40, "performance"}, {0x20, "efficient"}};

uint8_t cores_kind(void)
{
	if (cpuid(0, 0).a < 0x1a || !(cpuid(7, 0).d & CPUID_7_EDX_HYBRID))
		return 0;
	return (uint8_t)(cpuid(0x1a, 0).a >> 24);
}

/* How many low bits of an APIC ID tell threads of one core apart. */
static unsigned thread_bits(void)
{
	if (cpuid(0, 0).a < 0xb)
		return 0;
	struct cpuid r = cpuid(0xb, 0);
	return (r.c >> 8 & 0xff) == LEVEL_THREADS && r.b ? r.a & 31 : 0;
}

/* The most CPUs that we have of one core: an E-core has one where a P-core has two. */
static unsigned threads_of_a_core(void)
{
	unsigned bits = thread_bits(), most = 1;

	for (unsigned i = 0; bits && i < smp_count; i++) {
		unsigned count = 0;
		for (unsigned j = 0; j < smp_count; j++)
			count += smp_cpus[j]->apic_id >> bits == smp_cpus[i]->apic_id >> bits;
		most = count > most ? count : most;
	}
	return most;
}

static void report_kind(uint8_t kind, const char *name)
{
	bool first = true;

	for (unsigned i = 0; i < smp_count; i++) {
		if (smp_cpus[i]->core_kind != kind)
			continue;
		if (first)
			print("# cores: %s (CPUID 1Ah: %02xh): CPU", name, kind);
		print(" %u", i);
		first = false;
	}
	if (!first)
		print("\n");
}

void cores_report(void)
{
	unsigned threads = threads_of_a_core();

	if (threads > 1)
		print("# cores: up to %u threads each\n", threads);
	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		report_kind(kinds[i].kind, kinds[i].name);
}
