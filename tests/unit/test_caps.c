/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/vmx/caps.c src/svm/caps.c src/virt.c src/serial/print.c tests/unit/fake/console.c */
#include "svm/caps.h"
#include "vmx/caps.h"

#include "unit.h"
#include "virt.h"
#include "x86/cpu.h"
#include "x86/registers.h"

#include <string.h>

/* --- a CPU --- */

static struct {
	bool vmx, svm, svm_leaf;
	bool no_feature_control, feature_control_is_read_only, no_vmx_msrs;
	uint64_t feature_control, vm_cr, pin, true_pin, basic, cr0_fixed1, proc, proc2, ept;
	uint64_t exit, entry, exit2;
	uint32_t svm_features;
} cpu;

struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
	(void)subleaf;
	switch (leaf) {
	case 1:
		return (struct cpuid){.c = cpu.vmx ? CPUID_1_ECX_VMX : 0};
	case 0x80000000:
		return (struct cpuid){.a = cpu.svm_leaf ? 0x8000000a : 0x80000008};
	case 0x80000001:
		return (struct cpuid){.c = cpu.svm ? CPUID_80000001_ECX_SVM : 0};
	case 0x8000000a:
		return (struct cpuid){.a = 1, .b = 16, .d = cpu.svm_features};
	default:
		return (struct cpuid){0};
	}
}

static uint64_t *msr_of(uint32_t msr)
{
	static uint64_t none;

	none = 0;
	switch (msr) {
	case MSR_IA32_FEATURE_CONTROL:
		return &cpu.feature_control;
	case 0x480:
		return &cpu.basic;
	case 0x481:
		return &cpu.pin;
	case 0x482:
		return &cpu.proc;
	case 0x483:
		return &cpu.exit;
	case 0x484:
		return &cpu.entry;
	case 0x487:
		return &cpu.cr0_fixed1;
	case 0x48b:
		return &cpu.proc2;
	case 0x48c:
		return &cpu.ept;
	case 0x48d:
		return &cpu.true_pin;
	case 0x493:
		return &cpu.exit2;
	case 0xc0010114:
		return &cpu.vm_cr;
	default:
		return &none;
	}
}

uint64_t rdmsr(uint32_t msr)
{
	return *msr_of(msr);
}

bool cpu_rdmsr(uint32_t msr, uint64_t *value)
{
	if (msr == MSR_IA32_FEATURE_CONTROL && cpu.no_feature_control)
		return false;
	if (msr >= 0x480 && msr <= 0x491 && cpu.no_vmx_msrs)
		return false;
	*value = rdmsr(msr);
	return true;
}

bool cpu_wrmsr(uint32_t msr, uint64_t value)
{
	assert_int_equal(msr, MSR_IA32_FEATURE_CONTROL);
	if (cpu.feature_control_is_read_only)
		return false;
	cpu.feature_control = value;
	return true;
}

static int intel(void **state)
{
	(void)state;
	memset(&cpu, 0, sizeof(cpu));
	cpu.vmx = true;
	cpu.feature_control = FEATURE_CONTROL_LOCK | FEATURE_CONTROL_VMX;
	cpu.cr0_fixed1 = 0xffffffff;
	virt_features = 0;
	return 0;
}

static int amd(void **state)
{
	(void)state;
	memset(&cpu, 0, sizeof(cpu));
	cpu.svm = cpu.svm_leaf = true;
	virt_features = 0;
	return 0;
}

/* --- VMX --- */

static void vmx_is_found(void **state)
{
	(void)state;
	assert_null(vmx_detect());
	assert_int_equal(virt_features, HAS_VMX | HAS_GUEST | HAS_STRICT_ERROR_CODES);
	assert_string_equal(vmx_describe(), "");
}

static void no_vmx_is_said(void **state)
{
	(void)state;
	cpu.vmx = false;
	assert_string_equal(vmx_detect(), "no VMX (CPUID.1:ECX[5])");
	assert_int_equal(virt_features, 0);
}

static void vmx_locked_off_is_said(void **state)
{
	(void)state;
	cpu.feature_control = FEATURE_CONTROL_LOCK;
	assert_string_equal(vmx_detect(),
			    "VMX is locked off by the firmware (IA32_FEATURE_CONTROL)");
	assert_int_equal(cpu.feature_control, FEATURE_CONTROL_LOCK);
	assert_int_equal(virt_features, 0);
}

static void unlocked_vmx_is_switched_on(void **state)
{
	(void)state;
	cpu.feature_control = 0;
	assert_null(vmx_detect());
	assert_int_equal(cpu.feature_control, FEATURE_CONTROL_LOCK | FEATURE_CONTROL_VMX);
}

static void unlocked_vmx_that_cannot_be_switched_on_is_said(void **state)
{
	(void)state;
	cpu.feature_control = 0;
	cpu.feature_control_is_read_only = true;
	assert_string_equal(vmx_detect(), "IA32_FEATURE_CONTROL is unlocked but cannot be written");
}

static void vmx_without_feature_control_is_tried(void **state)
{
	(void)state;
	cpu.no_feature_control = true;
	assert_null(vmx_detect());
}

static void vmx_without_its_msrs_is_said(void **state)
{
	(void)state;
	cpu.no_vmx_msrs = true;
	assert_string_equal(vmx_detect(), "VMX (CPUID.1:ECX[5]) without its MSRs (IA32_VMX_BASIC)");
	cpu.no_vmx_msrs = false;
	cpu.cr0_fixed1 = 0; /* as a CPUID that repeats its last leaf has it */
	assert_string_equal(vmx_detect(),
			    "VMX (CPUID.1:ECX[5]) that forbids paging (IA32_VMX_CR0_FIXED1)");
	assert_int_equal(virt_features, 0);
}

static void ept_needs_invept(void **state)
{
	(void)state;
	cpu.proc = 1ULL << 63;  /* secondary controls */
	cpu.proc2 = 1ULL << 33; /* EPT */
	cpu.ept = 1ULL << 20;   /* INVEPT, but not of all contexts */
	assert_null(vmx_detect());
	assert_int_equal(virt_features & HAS_NESTED_PAGING, 0);
	assert_string_equal(vmx_describe(), "");
	cpu.ept |= 1ULL << 26;
	assert_null(vmx_detect());
	assert_int_equal(virt_features & HAS_NESTED_PAGING, HAS_NESTED_PAGING);
	assert_string_equal(vmx_describe(), " EPT");
}

static void true_controls_are_used_where_there_are_any(void **state)
{
	(void)state;
	cpu.true_pin = 1ULL << 37; /* allowed-1 of virtual NMIs */
	assert_null(vmx_detect());
	assert_int_equal(virt_features, HAS_VMX | HAS_GUEST | HAS_STRICT_ERROR_CODES);
	cpu.basic = 1ULL << 55;
	assert_null(vmx_detect());
	assert_int_equal(virt_features,
			 HAS_VMX | HAS_GUEST | HAS_STRICT_ERROR_CODES | HAS_VIRTUAL_NMIS);
	assert_string_equal(vmx_describe(), " virtual-NMIs");
}

static void controls_get_what_must_be_and_lose_what_may_not(void **state)
{
	(void)state;
	assert_int_equal(vmx_controls(0x000000ff00000016, 0x108), 0x1e);
}

static void freds_registers_need_all_three_controls(void **state)
{
	const uint64_t entry = 1ULL << 55, secondary = 1ULL << 63;
	static const struct {
		bool entry, secondary;
		uint64_t exit2;
		bool good;
	} cases[] = {{true, true, 3, true},
		     {false, true, 3, false},
		     {true, false, 3, false},
		     {true, true, 1, false},
		     {true, true, 2, false}};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		virt_features = 0;
		cpu.entry = cases[i].entry ? entry : 0;
		cpu.exit = cases[i].secondary ? secondary : 0;
		cpu.exit2 = cases[i].exit2;
		assert_null(vmx_detect());
		assert_int_equal(!!(virt_features & HAS_FRED_CONTROLS), cases[i].good);
	}
}

/* --- SVM --- */

static void svm_is_found_and_described(void **state)
{
	(void)state;
	cpu.svm_features = 1U << 25 | 1;
	assert_null(svm_detect());
	assert_int_equal(virt_features, HAS_SVM | HAS_GUEST | HAS_NESTED_PAGING | HAS_VNMI);
	assert_string_equal(svm_describe(), " NPT vNMI");
}

static void no_svm_is_said(void **state)
{
	(void)state;
	cpu.svm = false;
	assert_string_equal(svm_detect(), "no SVM (CPUID.80000001h:ECX[2])");
	cpu.svm = true;
	cpu.svm_leaf = false;
	assert_string_equal(svm_detect(), "no SVM (CPUID.80000001h:ECX[2])");
	assert_int_equal(virt_features, 0);
}

static void svm_switched_off_is_said(void **state)
{
	(void)state;
	cpu.vm_cr = 1U << 4;
	assert_string_equal(svm_detect(), "SVM is switched off by the firmware (VM_CR.SVMDIS)");
	assert_int_equal(virt_features, 0);
}

/* --- what is missing --- */

static void the_reason_why_there_is_no_vmx_is_what_is_missing(void **state)
{
	(void)state;
	virt_no_vmx = "locked off";
	assert_string_equal(virt_missing(HAS_VMX | HAS_VIRTUAL_NMIS), "locked off");
	virt_features = HAS_VMX;
	assert_string_equal(virt_missing(HAS_VMX | HAS_VIRTUAL_NMIS),
			    "no virtual NMIs (IA32_VMX_PINBASED_CTLS bit 37)");
	virt_features |= HAS_VIRTUAL_NMIS;
	assert_null(virt_missing(HAS_VMX | HAS_VIRTUAL_NMIS));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(vmx_is_found, intel),
		cmocka_unit_test_setup(no_vmx_is_said, intel),
		cmocka_unit_test_setup(vmx_locked_off_is_said, intel),
		cmocka_unit_test_setup(unlocked_vmx_is_switched_on, intel),
		cmocka_unit_test_setup(unlocked_vmx_that_cannot_be_switched_on_is_said, intel),
		cmocka_unit_test_setup(vmx_without_feature_control_is_tried, intel),
		cmocka_unit_test_setup(vmx_without_its_msrs_is_said, intel),
		cmocka_unit_test_setup(ept_needs_invept, intel),
		cmocka_unit_test_setup(true_controls_are_used_where_there_are_any, intel),
		cmocka_unit_test_setup(controls_get_what_must_be_and_lose_what_may_not, intel),
		cmocka_unit_test_setup(freds_registers_need_all_three_controls, intel),
		cmocka_unit_test_setup(svm_is_found_and_described, amd),
		cmocka_unit_test_setup(no_svm_is_said, amd),
		cmocka_unit_test_setup(svm_switched_off_is_said, amd),
		cmocka_unit_test_setup(the_reason_why_there_is_no_vmx_is_what_is_missing, amd),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
