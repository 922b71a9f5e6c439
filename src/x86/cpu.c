/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/cpu.h"

#include "serial/print.h"
#include "string.h"
#include "x86/insn.h"
#include "x86/paging.h"
#include "x86/registers.h"

struct cpu boot_cpu;

static const struct {
	size_t offset;
	const char *stack;
} guards[] = {
	{offsetof(struct cpu, step_guard), "step stack"},
	{offsetof(struct cpu, guest_guard), "guest stack"},
	{offsetof(struct cpu, host_guard), "host stack"},
	{offsetof(struct cpu, fault_guard), "fault stack"},
};

enum { GUARDS = sizeof(guards) / sizeof(guards[0]) };

bool cpu_guard(struct cpu *cpu)
{
	for (unsigned i = 0; i < GUARDS; i++)
		if (!paging_guard((uintptr_t)cpu + guards[i].offset))
			return false;
	/* For steps in ring 3. */
	return paging_set_user((uintptr_t)cpu->guest_stack) &&
	       paging_set_user((uintptr_t)cpu->guest_chain);
}

const char *cpu_guarded_stack(const struct cpu *cpu, uintptr_t address)
{
	for (unsigned i = 0; i < GUARDS; i++)
		if ((address - (uintptr_t)cpu) / PAGE_SIZE == guards[i].offset / PAGE_SIZE)
			return guards[i].stack;
	return NULL;
}

/* What comes in ring 3 finds the guest's stack, which is free while the host runs. */
void cpu_load_tables(struct cpu *cpu)
{
	desc_load(&cpu->tables, (uintptr_t)(cpu->guest_stack + sizeof(cpu->guest_stack)),
		  (uintptr_t)cpu->virt_pages);
}

const char *cpu_hypervisor(void)
{
	static char name[13];
	if (!(cpuid(1, 0).c & CPUID_1_ECX_HYPERVISOR))
		return "bare metal";
	struct cpuid r = cpuid(0x40000000, 0);
	memcpy(name, &r.b, 4);
	memcpy(name + 4, &r.c, 4);
	memcpy(name + 8, &r.d, 4);
	return name[0] ? name : "unnamed hypervisor";
}

const char *cpu_name(void)
{
	static char name[40];
	struct cpuid vendor = cpuid(0, 0);
	uint32_t signature = cpuid(1, 0).a;
	unsigned family = signature >> 8 & 15, model = signature >> 4 & 15;
	if (family == 6 || family == 15)
		model |= signature >> 12 & 0xf0;
	if (family == 15)
		family += signature >> 20 & 0xff;
	print_to(name, sizeof(name), "%.4s%.4s%.4s %u-%u-%u", (char *)&vendor.b, (char *)&vendor.d,
		 (char *)&vendor.c, family, model, signature & 15);
	return name;
}

/* FIXUP(fault, resume): a fault at the first label continues at the second; see trap.c. */
#define FIXUP(fault, resume)                                                                       \
	".pushsection .fixups, \"a\"; .long " #fault ", " #resume "; .popsection\n"

bool cpu_rdmsr(uint32_t msr, uint64_t *value)
{
	uint32_t low = 0, high = 0, ok = 0;
	asm volatile("1: rdmsr; mov $1, %2; 2:" FIXUP(1b, 2b)
		     : "+a"(low), "+d"(high), "+r"(ok)
		     : "c"(msr));
	*value = (uint64_t)high << 32 | low;
	return ok;
}

bool cpu_wrmsr(uint32_t msr, uint64_t value)
{
	uint32_t ok = 0;
	asm volatile("1: wrmsr; mov $1, %0; 2:" FIXUP(1b, 2b)
		     : "+r"(ok)
		     : "a"((uint32_t)value), "d"((uint32_t)(value >> 32)), "c"(msr)
		     : "memory");
	return ok;
}

bool cpu_write_cr4(unsigned long value)
{
	uint32_t ok = 0;
	asm volatile("1: mov %1, %%cr4; mov $1, %0; 2:" FIXUP(1b, 2b)
		     : "+r"(ok)
		     : "r"(value)
		     : "memory");
	return ok;
}
