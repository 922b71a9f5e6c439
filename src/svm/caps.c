/* SPDX-License-Identifier: BSD-2-Clause */
#include "svm/caps.h"

#include <stddef.h>

#include "serial/print.h"
#include "virt.h"
#include "x86/cpu.h"
#include "x86/insn.h"
#include "x86/registers.h"

#define MSR_VM_CR    0xc0010114
#define VM_CR_SVMDIS (1U << 4)

struct svm_caps svm_caps;

/* Bits of Fn8000_000A EDX that experiments ask for or readers want to see. */
static const struct {
	unsigned bit;
	const char *name;
	unsigned long feature;
} optional[] = {
	{0, "NPT", HAS_NESTED_PAGING}, {3, "NRIPS", HAS_NRIPS}, {5, "clean-bits", HAS_CLEAN_BITS},
	{16, "VGIF", HAS_VGIF},        {25, "vNMI", HAS_VNMI},
};

const char *svm_detect(void)
{
	uint64_t vm_cr;

	if (cpuid(0x80000000, 0).a < 0x8000000a ||
	    !(cpuid(0x80000001, 0).c & CPUID_80000001_ECX_SVM))
		return "no SVM (CPUID.80000001h:ECX[2])";
	if (cpu_rdmsr(MSR_VM_CR, &vm_cr) && vm_cr & VM_CR_SVMDIS)
		return "SVM is switched off by the firmware (VM_CR.SVMDIS)";
	struct cpuid r = cpuid(0x8000000a, 0);
	svm_caps = (struct svm_caps){r.a & 0xff, r.b, r.d};
	virt_features |= HAS_SVM | HAS_GUEST;
	for (unsigned i = 0; i < sizeof(optional) / sizeof(optional[0]); i++)
		if (svm_caps.features >> optional[i].bit & 1)
			virt_features |= optional[i].feature;
	return NULL;
}

const char *svm_describe(void)
{
	static char text[128];
	size_t length = 0;
	for (unsigned i = 0; i < sizeof(optional) / sizeof(optional[0]); i++)
		if (svm_caps.features >> optional[i].bit & 1)
			length += print_to(text + length, sizeof(text) - length, " %s",
					   optional[i].name);
	return text;
}
