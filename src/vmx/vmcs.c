/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmx/vmcs.h"

/* CF or ZF after a VMX instruction: VMfailInvalid, VMfailValid (SDM "VMX Instruction Set"). */
#define VMFAIL "setna %0"

static unsigned failed_field;

static bool vmptrld(uint64_t address)
{
	bool failed;
	asm volatile("vmptrld %1;" VMFAIL : "=qm"(failed) : "m"(address) : "cc", "memory");
	return !failed;
}

bool vmcs_clear(void *page)
{
	bool failed;
	uint64_t address = (unsigned long)page;
	asm volatile("vmclear %1;" VMFAIL : "=qm"(failed) : "m"(address) : "cc", "memory");
	return !failed;
}

bool vmcs_load(void *page, uint32_t revision)
{
	*(volatile uint32_t *)page = revision;
	return vmcs_clear(page) && vmptrld((unsigned long)page);
}

bool vmcs_use(void *page)
{
	return vmptrld((unsigned long)page);
}

static unsigned long vmread(unsigned long encoding)
{
	unsigned long value = 0;
	bool failed;
	asm volatile("vmread %2, %1;" VMFAIL : "=qm"(failed), "+r"(value) : "r"(encoding) : "cc");
	if (failed)
		failed_field = encoding;
	return value;
}

static void vmwrite(unsigned long encoding, unsigned long value)
{
	bool failed;
	asm volatile("vmwrite %1, %2;" VMFAIL : "=qm"(failed) : "r"(value), "r"(encoding) : "cc");
	if (failed)
		failed_field = encoding;
}

/* 32-bit only: the upper half of a 64-bit field has the next encoding. */
static bool has_upper_half(enum vmcs_field field)
{
	return sizeof(long) == 4 && vmcs_width(field) == WIDTH_64;
}

uint64_t vmcs_read(enum vmcs_field field)
{
	uint64_t value = vmread(field);
	if (has_upper_half(field))
		value |= (uint64_t)vmread(field + 1) << 32;
	return value;
}

void vmcs_write(enum vmcs_field field, uint64_t value)
{
	vmwrite(field, value);
	if (has_upper_half(field))
		vmwrite(field + 1, value >> 32);
}

unsigned vmcs_error(void)
{
	unsigned field = failed_field;
	failed_field = 0;
	return field;
}
