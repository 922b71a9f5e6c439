/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmx/check.h"

#include "serial/print.h"
#include "x86/registers.h"
#include "x86/trap.h"

/* An event that exits out of an inactive state leaves that as the saved one (R43). 8, 37, 40 and 47
 * check it: a machine that gets it wrong shall not fail everything that halts. */
static bool activity_fits(const struct exit *exit)
{
	return exit->activity == ACTIVITY_ACTIVE || exit->reason != EXIT_HYPERCALL;
}

const char *vmx_check_exit(const struct exit *exit, char *got, size_t size)
{
	/* "Information for VM Exits Due to Vectored Events" (R12) */
	uint32_t info = exit->reason == EXIT_NMI ? EVENT_INFO(TYPE_NMI, VECTOR_NMI) : 0;

	print_to(got, size, "info %08x, IDT-vectoring %08x, injection %08x, activity %u",
		 exit->info, exit->vectoring, exit->injection, exit->activity);
	if (exit->info != info && exit->reason != EXIT_EXCEPTION)
		return info ? "interruption information 80000202h" : "no interruption information";
	/* "Information for VM Exits During Event Delivery" (R35) */
	if (exit->vectoring & EVENT_VALID && exit->reason != EXIT_NESTED_FAULT &&
	    exit->reason != EXIT_EXCEPTION)
		return "no IDT-vectoring information";
	/* "VM-Entry Controls for Event Injection": the valid bit is cleared on every exit (R33) */
	if (exit->injection & EVENT_VALID)
		return "the injection's valid bit cleared";
	/* "Loading Host RIP, RSP, SSP, and RFLAGS": cleared, but for bit 1 (R21) */
	if (exit->host_flags != EFLAGS_FIXED) {
		print_to(got, size, "RFLAGS %lx", exit->host_flags);
		return "the host's RFLAGS 2 after the exit";
	}
	if (!activity_fits(exit))
		return "the activity state active";
	return NULL;
}
