/* SPDX-License-Identifier: BSD-2-Clause */
#include "detect.h"

#include <stddef.h>

#include "bare.h"
#include "serial/print.h"
#include "string.h"
#include "svm/caps.h"
#include "svm/svm.h"
#include "virt.h"
#include "vmx/caps.h"
#include "vmx/vmx.h"
#include "x86/cpu.h"
#include "x86/fred.h"
#include "x86/insn.h"
#include "x86/registers.h"

/* What 64-bit code comes back from ring 3 by, and 32-bit code. */
static bool has_sysenter(void)
{
	if (sizeof(long) == 8)
		return cpuid(0x80000001, 0).d & CPUID_80000001_EDX_CALL;
	return cpuid(1, 0).d & CPUID_1_EDX_SEP;
}

void detect_virt(void)
{
	virt_no_vmx = vmx_detect();
	virt_no_svm = svm_detect();
	if (!strncmp(cpu_name(), "GenuineIntel", 12))
		virt_features |= HAS_INTEL;
	if (!strncmp(cpu_name(), "AuthenticAMD", 12) || !strncmp(cpu_name(), "HygonGenuine", 12))
		virt_features |= HAS_AMD;
	if (has_sysenter())
		virt_features |= HAS_SYSENTER;
	if (sizeof(long) == 4)
		virt_features |= HAS_32_BIT;
	else
		virt_features |= HAS_64_BIT;
	virt_no_fred = fred_detect();
	if (!virt_no_fred)
		virt_features |= HAS_FRED;
	virt = !virt_no_vmx ? &vmx_virt : !virt_no_svm ? &svm_virt : &bare_virt;
}

const char *detect_describe(void)
{
	static char text[192];

	if (!virt_no_vmx)
		print_to(text, sizeof(text), "VMX:%s", vmx_describe());
	else if (!virt_no_svm)
		print_to(text, sizeof(text), "SVM:%s", svm_describe());
	else
		print_to(text, sizeof(text), "no VMX, no SVM: %s; %s", virt_no_vmx, virt_no_svm);
	return text;
}
