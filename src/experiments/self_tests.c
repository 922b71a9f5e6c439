/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of the harness, not of a machine. They run only when exp= names them, and show
 * that a hang, a crash and a wrong verdict do not pass for something else.
 */
#include <stddef.h>

#include "nmi/experiment.h"
#include "x86/apic.h"
#include "x86/insn.h"
#include "x86/smp.h"
#include "x86/trap.h"
#include "x86/tsc.h"

EXPERIMENT(901, self_test_the_host_hangs,
	   .claim = "The watchdog's NMI takes the host out of its steps; the next experiment runs.",
	   .needs = HAS_HELPER)
{
	host(SPIN);
}

EXPERIMENT(902, self_test_the_guest_hangs,
	   .claim = "The watchdog's NMI takes the guest to its hypercall.", .needs = HAS_HELPER)
{
	set_guest(0);
	enter(SPIN);
}

EXPERIMENT(903, self_test_a_triple_fault, .claim = "The host's script sees the machine die.")
{
	static const struct table_register no_idt;

	lidt(&no_idt);
	asm volatile("int3");
}

EXPERIMENT(904, self_test_a_wrong_expectation, .claim = "A wrong expectation fails.")
{
	host_takes_nmi();
	expect_host_open();
}

EXPERIMENT(905, self_test_an_event_nobody_expects, .claim = "A left-over event fails.")
{
	host_takes_nmi();
	nmis_arrive(1);
}

EXPERIMENT(906, self_test_the_host_hangs_with_nmis_blocked,
	   .claim = "Nothing takes it back: the run bails out.", .needs = HAS_HELPER)
{
	host_takes_nmi();
	host(SPIN);
}

EXPERIMENT(907, self_test_the_guest_hangs_with_nmis_blocked,
	   .claim = "VMX: INIT exits to the host, the "
		    "next experiment runs.",
	   .needs = HAS_HELPER | HAS_VMX)
{
	set_guest(BLOCKED_BY_NMI);
	enter(SPIN);
}

/* No tail call: something is left to do behind it. */
static __attribute__((noinline)) unsigned dig(unsigned depth)
{
	volatile unsigned shovel[16] = {depth};

	return depth ? dig(depth - 1) + shovel[0] : 0;
}

EXPERIMENT(
	908, self_test_a_stack_overflow,
	.claim = "The guard page stops it; the fault has a stack of its own to be reported from.")
{
	dig(100000);
}

EXPERIMENT(909, self_test_a_write_to_text, .claim = "The kernel's text cannot be written.")
{
	*(volatile uint8_t *)trap_handle = 0;
}

EXPERIMENT(910, self_test_execution_of_data,
	   .claim = "Data cannot be executed, where the CPU has NX.")
{
	static uint8_t ret[] = {0xc3};

	((void (*)(void))ret)();
}

EXPERIMENT(911, self_test_a_null_pointer, .claim = "The first page is not mapped.")
{
	volatile uint32_t *pointer = NULL;

	asm volatile("" : "+r"(pointer)); /* the compiler shall not know */
	(void)pointer[2];
}

/* The CPU that helps is one that is not this one; all of them get it, as from a platform. */
EXPERIMENT(912, self_test_an_nmi_of_the_platforms_own,
	   .claim = "A failure while all CPUs get NMIs is told as disturbed.", .needs = HAS_HELPER)
{
	for (unsigned i = 0; i < smp_count; i++)
		apic_send(smp_cpus[i]->apic_id, ICR_NMI);
	tsc_wait_us(1000);
	expect_host_open();
}

EXPERIMENT(913, self_test_a_panic_with_fred, .claim = "A fault that FRED delivers is reported.",
	   .needs = HAS_FRED)
{
	use_fred(FRED_HOST);
	*(volatile uint8_t *)trap_handle = 0;
}

EXPERIMENT(914, self_test_a_stack_overflow_with_fred,
	   .claim = "With FRED a double fault has stack level 3, and is reported from there.",
	   .needs = HAS_FRED)
{
	use_fred(FRED_HOST);
	dig(100000);
}

EXPERIMENT(915, self_test_the_guest_hangs_with_fred,
	   .claim = "The watchdog's NMI takes it back, and the next experiment has no FRED.",
	   .needs = HAS_FRED | HAS_FRED_GUEST | HAS_HELPER)
{
	use_fred(FRED_HOST | FRED_GUEST);
	set_guest(0);
	enter(SPIN);
}

EXPERIMENT(918, self_test_the_guest_waits_for_a_sipi,
	   .claim = "VMX: neither NMI nor INIT takes it back, a SIPI exits to the host, the next "
		    "experiment runs.",
	   .needs = HAS_HELPER | HAS_VMX | HAS_SIPI_STATE)
{
	set_guest(0);
	set_activity(ACTIVITY_WAIT_FOR_SIPI);
	enter(NOP);
}
