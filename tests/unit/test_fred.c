/* SPDX-License-Identifier: BSD-2-Clause */
/* links: src/x86/fred.c src/serial/print.c */
#include "x86/fred.h"

#include "serial/console.h"
#include "unit.h"
#include "x86/cpu.h"
#include "x86/registers.h"
#include "x86/selectors.h"
#include "x86/trap.h"

#include <string.h>

bool fred_handle(struct regs *regs);
void fred_probe_int(void);
bool fred_probe_erets(void);

const char fred_entry[512];

/* --- a CPU --- */

static struct {
	bool no_leaf_7_1, no_fred;
	bool msrs_fault, cr4_faults, cr4_ignores, cr4_sticks, uses_idt, erets_faults;
	unsigned long cr4;
	uint64_t config, levels;
	unsigned writes; /* of MSRs */
} cpu;

static struct {
	struct regs regs;
	uint64_t data, zero;
} pushed;

static char text[256];

void console_write(const char *more, size_t size)
{
	strncat(text, more, size);
}

struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
	if (leaf == 0)
		return (struct cpuid){.a = 7};
	if (leaf == 7 && subleaf == 0)
		return (struct cpuid){.a = !cpu.no_leaf_7_1};
	return (struct cpuid){.a = cpu.no_fred ? 0 : CPUID_7_1_EAX_FRED};
}

uint64_t rdmsr(uint32_t msr)
{
	return msr == MSR_IA32_FRED_CONFIG ? cpu.config : 0;
}

void wrmsr(uint32_t msr, uint64_t value)
{
	if (msr == MSR_IA32_FRED_CONFIG)
		cpu.config = value;
	if (msr == MSR_IA32_FRED_STKLVLS)
		cpu.levels = value;
}

bool cpu_wrmsr(uint32_t msr, uint64_t value)
{
	cpu.writes++;
	if (!cpu.msrs_fault)
		wrmsr(msr, value);
	return !cpu.msrs_fault;
}

unsigned long read_cr4(void)
{
	return cpu.cr4;
}

bool cpu_write_cr4(unsigned long value)
{
	bool sticks = cpu.cr4_sticks && cpu.cr4 & CR4_FRED;

	if (!cpu.cr4_ignores && !cpu.cr4_faults && !sticks)
		cpu.cr4 = value;
	return !cpu.cr4_faults;
}

void trap_handle(struct regs *regs)
{
	(void)regs;
}

/* What FRED pushes, from an interrupted stack level; the vector is fred_handle()'s to find. */
static struct regs *deliver(uint64_t ss, unsigned level)
{
	memset(&pushed, 0, sizeof(pushed));
	pushed.regs.cs = HOST_CS | level << 16;
	pushed.regs.ss = HOST_DS | FRED_SS_64_BIT | ss;
	return &pushed.regs;
}

void fred_probe_int(void)
{
	assert_true(cpu.cr4 & CR4_FRED);
	if (!cpu.uses_idt)
		fred_handle(deliver(FRED_SS_EVENT(4, VECTOR_INTN, 2) | FRED_SS_SOFTWARE, 0));
}

bool fred_probe_erets(void)
{
	return !cpu.erets_faults;
}

static int power_on(void **state)
{
	(void)state;
	memset(&cpu, 0, sizeof(cpu));
	text[0] = 0;
	return 0;
}

/* --- tests --- */

static void a_cpu_that_does_it_has_fred_and_is_left_without(void **state)
{
	(void)state;
	assert_null(fred_detect());
	assert_int_equal(cpu.cr4 & CR4_FRED, 0);
	assert_int_equal(cpu.levels, 3 << 2 * VECTOR_DF);
	assert_int_equal(cpu.config, (uintptr_t)fred_entry);
}

static void without_the_bit_nothing_is_touched(void **state)
{
	(void)state;
	cpu.no_fred = true;
	assert_string_equal(fred_detect(), "no FRED (CPUID.7.1:EAX[17])");
	cpu = (typeof(cpu)){.no_leaf_7_1 = true};
	assert_string_equal(fred_detect(), "no FRED (CPUID.7.1:EAX[17])");
	assert_int_equal(cpu.writes, 0);
}

static void a_bit_that_lies_is_a_reason(void **state)
{
	static const struct {
		bool *lie;
		const char *reason;
	} cases[] = {
		{&cpu.msrs_fault, "its MSRs fault"},
		{&cpu.cr4_faults, "CR4.FRED cannot be set"},
		{&cpu.cr4_ignores, "CR4.FRED cannot be set"},
		{&cpu.uses_idt, "INT n goes through the IDT"},
		{&cpu.erets_faults, "ERETS faults"},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		power_on(state);
		*cases[i].lie = true;
		const char *why = fred_detect();
		assert_non_null(why);
		assert_non_null(strstr(why, cases[i].reason));
		assert_int_equal(cpu.cr4 & CR4_FRED, 0);
	}
}

static void a_bit_that_sticks_is_a_reason(void **state)
{
	(void)state;
	cpu.cr4_sticks = true;
	assert_string_equal(fred_detect(), "CR4.FRED cannot be cleared");
}

static void handlers_return_as_they_are_told(void **state)
{
	const uint64_t nmi = FRED_SS_EVENT(2, VECTOR_NMI, 0) | FRED_SS_NMI;
	const uint64_t int_2 = FRED_SS_EVENT(4, VECTOR_NMI, 2) | FRED_SS_SOFTWARE;
	const uint64_t fault = FRED_SS_EVENT(3, VECTOR_GP, 0);
	const uint64_t syscall = FRED_SS_EVENT(7, FRED_VECTOR_SYSCALL, 2) | FRED_SS_SOFTWARE;
	static const struct {
		enum fred_return how;
		bool erets, nmi_marked, int_2_marked;
	} cases[] = {
		{RETURN_BY_RET, false, true, false},
		{RETURN_BY_RET_AT_LEVEL, false, true, false},
		{RETURN_BY_ERETS, true, true, false},
		{RETURN_BY_ERETS_MARKED, true, true, true},
		{RETURN_BY_ERETS_UNMARKED, true, false, false},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(
			fred_use(&(struct fred_use){.parties = FRED_HOST, .how = cases[i].how}));
		assert_int_equal(fred_handle(deliver(nmi, 0)), cases[i].erets);
		assert_int_equal(pushed.regs.vector, VECTOR_NMI);
		assert_int_equal(!!(pushed.regs.ss & FRED_SS_NMI), cases[i].nmi_marked);
		assert_int_equal(fred_handle(deliver(int_2, 0)), cases[i].erets);
		assert_int_equal(!!(pushed.regs.ss & FRED_SS_NMI), cases[i].int_2_marked);
		assert_int_equal(fred_handle(deliver(fault, 0)), cases[i].erets);
		assert_int_equal(pushed.regs.ss & FRED_SS_NMI, 0);
		assert_false(fred_handle(deliver(syscall, 0)));
	}
}

static void ret_goes_back_to_the_stack_level(void **state)
{
	(void)state;
	assert_true(fred_use(&(struct fred_use){.parties = FRED_HOST}));
	cpu.config |= 3;
	fred_handle(deliver(FRED_SS_EVENT(2, VECTOR_NMI, 0), 1));
	assert_int_equal(fred_level(), 1);
	fred_handle(deliver(FRED_SS_EVENT(2, VECTOR_NMI, 0), 2));
	assert_int_equal(fred_level(), 1);
	assert_true(
		fred_use(&(struct fred_use){.parties = FRED_HOST, .how = RETURN_BY_RET_AT_LEVEL}));
	assert_int_equal(fred_level(), 1);
	fred_handle(deliver(FRED_SS_EVENT(2, VECTOR_NMI, 0), 0));
	assert_int_equal(fred_level(), 1);
}

static void the_guests_stacks_of_levels_1_and_2_are_the_hosts_of_2_and_1(void **state)
{
	const struct fred_use use = {.levels = 1, .guest_levels = 2, .guest_config = 4};
	struct fred_registers host = fred_registers(&use, FRED_HOST);
	struct fred_registers guest = fred_registers(&use, FRED_GUEST);

	(void)state;
	assert_int_equal(host.levels, 1 | 3 << 2 * VECTOR_DF);
	assert_int_equal(guest.levels, 2 | 3 << 2 * VECTOR_DF);
	assert_int_equal(guest.config, host.config | 4);
	assert_int_equal(guest.sp[0], host.sp[0]);
	assert_int_equal(guest.sp[1], host.sp[2]);
	assert_int_equal(guest.sp[2], host.sp[1]);
	assert_int_equal(guest.sp[3], host.sp[3]);
}

static void reserved_bits_are_for_the_vmcs_only(void **state)
{
	(void)state;
	assert_true(fred_use(&(struct fred_use){.parties = FRED_HOST, .host_config = 4}));
	assert_int_equal(cpu.config, (uintptr_t)fred_entry);
}

static void a_frame_is_told_from_the_idts_and_decoded(void **state)
{
	(void)state;
	deliver(FRED_SS_EVENT(4, VECTOR_NMI, 2) | FRED_SS_SOFTWARE | FRED_SS_STI, 2);
	pushed.data = 0x1234;
	assert_non_null(fred_frame(&pushed.regs));
	fred_print(fred_frame(&pushed.regs));
	assert_string_equal(text,
			    "# FRED: INT n, vector 2, length 2, from level 2 to 0, STI software "
			    "data 1234\n");
	pushed.regs.ss = HOST_DS;
	assert_null(fred_frame(&pushed.regs));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_cpu_that_does_it_has_fred_and_is_left_without, power_on),
		cmocka_unit_test_setup(without_the_bit_nothing_is_touched, power_on),
		cmocka_unit_test_setup(a_bit_that_lies_is_a_reason, power_on),
		cmocka_unit_test_setup(a_bit_that_sticks_is_a_reason, power_on),
		cmocka_unit_test_setup(handlers_return_as_they_are_told, power_on),
		cmocka_unit_test_setup(ret_goes_back_to_the_stack_level, power_on),
		cmocka_unit_test_setup(the_guests_stacks_of_levels_1_and_2_are_the_hosts_of_2_and_1,
				       power_on),
		cmocka_unit_test_setup(reserved_bits_are_for_the_vmcs_only, power_on),
		cmocka_unit_test_setup(a_frame_is_told_from_the_idts_and_decoded, power_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
