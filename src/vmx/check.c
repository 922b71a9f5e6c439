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

static void check_field(virt_noter note, bool good, uint32_t got, const char *expected)
{
	char text[16];

	if (good)
		return;
	print_to(text, sizeof(text), "%08x", got);
	note(text, "%s", expected);
}

void vmx_check_exit(const struct exit *exit, virt_noter note)
{
	/* "Information for VM Exits Due to Vectored Events" (R12) */
	uint32_t info = exit->reason == EXIT_NMI ? EVENT_INFO(TYPE_NMI, VECTOR_NMI) : 0;
	bool cuts_off = exit->reason == EXIT_NESTED_FAULT || exit->reason == EXIT_EXCEPTION;
	bool acknowledged = exit->reason == EXIT_INTERRUPT && exit->flags & ACKNOWLEDGE_INTERRUPT;

	check_field(note, exit->info == info || exit->reason == EXIT_EXCEPTION || acknowledged,
		    exit->info,
		    info ? "interruption information 80000202h" : "no interruption information");
	/* "Information for VM Exits During Event Delivery" (R35) */
	check_field(note, cuts_off || !(exit->vectoring & EVENT_VALID), exit->vectoring,
		    "no IDT-vectoring information");
	/* "VM-Entry Controls for Event Injection": the valid bit is cleared on every exit (R33) */
	check_field(note, !(exit->injection & EVENT_VALID), exit->injection,
		    "the injection's valid bit cleared");
	/* "Loading Host RIP, RSP, SSP, and RFLAGS": cleared, but for bit 1 (R21) */
	check_field(note, exit->host_flags == EFLAGS_FIXED, (uint32_t)exit->host_flags,
		    "the host's RFLAGS 2 after the exit");
	check_field(note, activity_fits(exit), exit->activity, "the activity state active");
}
