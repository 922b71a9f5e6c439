/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmx/caps.h"

#include <stddef.h>

#include "serial/print.h"
#include "virt.h"
#include "vmx/vmcs.h"
#include "x86/cpu.h"
#include "x86/insn.h"
#include "x86/registers.h"

#define MSR_VMX_BASIC               0x480
#define MSR_VMX_PINBASED_CTLS       0x481
#define MSR_VMX_PROCBASED_CTLS      0x482
#define MSR_VMX_EXIT_CTLS           0x483
#define MSR_VMX_ENTRY_CTLS          0x484
#define MSR_VMX_MISC                0x485
#define MSR_VMX_CR0_FIXED0          0x486
#define MSR_VMX_CR0_FIXED1          0x487
#define MSR_VMX_CR4_FIXED0          0x488
#define MSR_VMX_CR4_FIXED1          0x489
#define MSR_VMX_PROCBASED_CTLS2     0x48b
#define MSR_VMX_EPT_VPID_CAP        0x48c
#define MSR_VMX_TRUE_PINBASED_CTLS  0x48d
#define MSR_VMX_TRUE_PROCBASED_CTLS 0x48e
#define MSR_VMX_TRUE_EXIT_CTLS      0x48f
#define MSR_VMX_TRUE_ENTRY_CTLS     0x490
#define MSR_VMX_EXIT_CTLS2          0x493

#define BASIC_TRUE_CONTROLS         (1ULL << 55)
#define BASIC_ANY_ERROR_CODE        (1ULL << 56)
#define BASIC_NESTED_EXCEPTIONS     (1ULL << 58)
#define EPT_VPID_INVEPT             (1ULL << 20 | 1ULL << 26) /* and of all contexts */

struct vmx_caps vmx_caps;

/* What experiments ask for, and which allowed-1 bit of which capability grants it. */
static const struct {
	unsigned long feature;
	const uint64_t *capability;
	uint32_t control;
	const char *name;
} optional[] = {
	{HAS_VIRTUAL_NMIS, &vmx_caps.pin, PIN_VIRTUAL_NMIS, "virtual-NMIs"},
	{HAS_NMI_WINDOW, &vmx_caps.proc, PROC_NMI_WINDOW, "NMI-window"},
	{HAS_INTERRUPT_WINDOW, &vmx_caps.proc, PROC_INTERRUPT_WINDOW, "interrupt-window"},
	{HAS_MTF, &vmx_caps.proc, PROC_MTF, "MTF"},
	{HAS_TIMER, &vmx_caps.pin, PIN_TIMER, "preemption-timer"},
	{HAS_ACKNOWLEDGE, &vmx_caps.exit, EXIT_ACKNOWLEDGE, "acknowledge-interrupt"},
	{0, &vmx_caps.proc, PROC_MSR_BITMAPS, "MSR-bitmaps"},
	{HAS_NESTED_PAGING, &vmx_caps.proc2, PROC2_EPT, "EPT"},
};

/* "Miscellaneous Data": the activity states, and whether an injected software event may be of an
 * instruction of length 0. */
static const struct flag_bit misc[] = {
	{HAS_HLT_STATE, 1 << 6},
	{HAS_SHUTDOWN_STATE, 1 << 7},
	{HAS_SIPI_STATE, 1 << 8},
	{HAS_ZERO_LENGTH, 1 << 30},
	{0, 0},
};

static bool has(unsigned i)
{
	return *optional[i].capability >> 32 & optional[i].control;
}

/* SDM Vol. 3 "Enabling and Entering VMX Operation": the MSR must be locked with the right bit. */
static const char *unlock(void)
{
	uint64_t control;
	if (!cpu_rdmsr(MSR_IA32_FEATURE_CONTROL, &control))
		return NULL; /* absent in some emulators: VMXON will tell */
	if (!(control & FEATURE_CONTROL_LOCK)) {
		control |= FEATURE_CONTROL_LOCK | FEATURE_CONTROL_VMX;
		if (!cpu_wrmsr(MSR_IA32_FEATURE_CONTROL, control))
			return "IA32_FEATURE_CONTROL is unlocked but cannot be written";
	}
	if (!(control & FEATURE_CONTROL_VMX))
		return "VMX is locked off by the firmware (IA32_FEATURE_CONTROL)";
	return NULL;
}

/* "Restrictions on VMX Operation": it needs paging, whatever the MSRs say; where there are none
 * they read as 0. */
static const char *look_for_msrs(uint64_t *basic)
{
	uint64_t fixed1;

	if (!cpu_rdmsr(MSR_VMX_BASIC, basic) || !cpu_rdmsr(MSR_VMX_CR0_FIXED1, &fixed1))
		return "VMX (CPUID.1:ECX[5]) without its MSRs (IA32_VMX_BASIC)";
	if ((fixed1 & (CR0_PE | CR0_PG)) != (CR0_PE | CR0_PG))
		return "VMX (CPUID.1:ECX[5]) that forbids paging (IA32_VMX_CR0_FIXED1)";
	return NULL;
}

/* Of a nested page table that is changed we can only make use where the change can be told. */
static bool has_invept(void)
{
	uint64_t caps;

	return vmx_caps.proc2 >> 32 & PROC2_EPT && cpu_rdmsr(MSR_VMX_EPT_VPID_CAP, &caps) &&
	       (caps & EPT_VPID_INVEPT) == EPT_VPID_INVEPT;
}

static void read_caps(uint64_t basic)
{
	bool has_true = basic & BASIC_TRUE_CONTROLS;

	vmx_caps.revision = basic & 0x7fffffff;
	vmx_caps.pin = rdmsr(has_true ? MSR_VMX_TRUE_PINBASED_CTLS : MSR_VMX_PINBASED_CTLS);
	vmx_caps.proc = rdmsr(has_true ? MSR_VMX_TRUE_PROCBASED_CTLS : MSR_VMX_PROCBASED_CTLS);
	vmx_caps.proc2 = vmx_caps.proc >> 32 & PROC_SECONDARY ? rdmsr(MSR_VMX_PROCBASED_CTLS2) : 0;
	if (!has_invept())
		vmx_caps.proc2 &= ~((uint64_t)PROC2_EPT << 32);
	vmx_caps.exit = rdmsr(has_true ? MSR_VMX_TRUE_EXIT_CTLS : MSR_VMX_EXIT_CTLS);
	vmx_caps.exit2 = vmx_caps.exit >> 32 & EXIT_SECONDARY ? rdmsr(MSR_VMX_EXIT_CTLS2) : 0;
	vmx_caps.entry = rdmsr(has_true ? MSR_VMX_TRUE_ENTRY_CTLS : MSR_VMX_ENTRY_CTLS);
	vmx_caps.cr0_fixed0 = rdmsr(MSR_VMX_CR0_FIXED0);
	vmx_caps.cr0_fixed1 = rdmsr(MSR_VMX_CR0_FIXED1);
	vmx_caps.cr4_fixed0 = rdmsr(MSR_VMX_CR4_FIXED0);
	vmx_caps.cr4_fixed1 = rdmsr(MSR_VMX_CR4_FIXED1);
}

/* "load FRED" of entries, "save FRED" and "load FRED" of exits. */
static bool has_fred_controls(void)
{
	const uint64_t exit2 = EXIT2_SAVE_FRED | EXIT2_LOAD_FRED;

	return vmx_caps.entry >> 32 & ENTRY_LOAD_FRED && (vmx_caps.exit2 & exit2) == exit2;
}

const char *vmx_detect(void)
{
	if (!(cpuid(1, 0).c & CPUID_1_ECX_VMX))
		return "no VMX (CPUID.1:ECX[5])";
	uint64_t basic;
	const char *why = look_for_msrs(&basic);
	if (!why)
		why = unlock();
	if (why)
		return why;
	read_caps(basic);
	virt_features |= HAS_VMX | HAS_GUEST;
	virt_features = virt_flags_of(misc, virt_features, rdmsr(MSR_VMX_MISC));
	if (!(basic & BASIC_ANY_ERROR_CODE))
		virt_features |= HAS_STRICT_ERROR_CODES;
	if (basic & BASIC_NESTED_EXCEPTIONS)
		virt_features |= HAS_NESTED_EXCEPTIONS;
	if (vmx_caps.cr4_fixed1 & CR4_FRED)
		virt_features |= HAS_FRED_GUEST;
	if (has_fred_controls())
		virt_features |= HAS_FRED_CONTROLS;
	for (unsigned i = 0; i < sizeof(optional) / sizeof(optional[0]); i++)
		if (has(i))
			virt_features |= optional[i].feature;
	return NULL;
}

const char *vmx_describe(void)
{
	static char text[128];
	size_t length = 0;
	for (unsigned i = 0; i < sizeof(optional) / sizeof(optional[0]); i++)
		if (has(i))
			length += print_to(text + length, sizeof(text) - length, " %s",
					   optional[i].name);
	return text;
}
