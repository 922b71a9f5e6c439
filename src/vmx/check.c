/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmx/check.h"

#include "serial/print.h"
#include "x86/registers.h"
#include "x86/trap.h"

/* SDM Vol. 3 "Architectural State Before a VM Exit" (R43): an event that would have ended HLT
 * and exits directly leaves the activity state HLT in the VMCS. */
static enum activity wanted_activity(const struct exit *exit, unsigned place)
{
	return place == after(HLT) && exit->reason != EXIT_HYPERCALL ? ACTIVITY_HLT
								     : ACTIVITY_ACTIVE;
}

const char *vmx_check_exit(const struct exit *exit, unsigned place, char *got, size_t size)
{
	/* "Information for VM Exits Due to Vectored Events" (R12) */
	uint32_t info = exit->reason == EXIT_NMI ? EVENT_INFO(TYPE_NMI, VECTOR_NMI) : 0;

	print_to(got, size, "info %08x, IDT-vectoring %08x, injection %08x, activity %u",
		 exit->info, exit->vectoring, exit->injection, exit->activity);
	if (exit->info != info)
		return info ? "interruption information 80000202h" : "no interruption information";
	/* "Information for VM Exits During Event Delivery" (R35) */
	if (exit->vectoring & EVENT_VALID)
		return "no IDT-vectoring information";
	/* "VM-Entry Controls for Event Injection": the valid bit is cleared on every exit (R33) */
	if (exit->injection & EVENT_VALID)
		return "the injection's valid bit cleared";
	/* "Loading Host RIP, RSP, SSP, and RFLAGS": cleared, but for bit 1 (R21) */
	if (exit->host_flags != EFLAGS_FIXED) {
		print_to(got, size, "RFLAGS %lx", exit->host_flags);
		return "the host's RFLAGS 2 after the exit";
	}
	if (exit->activity != wanted_activity(exit, place))
		return "activity state HLT after an NMI exit out of HLT, else active";
	return NULL;
}
