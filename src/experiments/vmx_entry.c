/* SPDX-License-Identifier: BSD-2-Clause */
/* 31-59: VMX, beyond LHV: failed entries, MOV SS, HLT. */
#include "nmi/experiment.h"

#define EVB (NMI_EXITING | VIRTUAL_NMIS | BLOCKED_BY_NMI)

/* Bits 0 and 1 of the interruptibility state exclude each other. */
#define STI_AND_MOV_SS (BLOCKED_BY_STI | BLOCKED_BY_MOV_SS)

/* An entry that must fail with this code, first from an open host, then from a blocked one. */
static void fail_to_enter(unsigned long flags, uint32_t code)
{
	set_guest(flags);
	inject(NMI);
	enter(NOP);
	expect_entry_failure(code);
	expect_host_open();
	host_takes_nmi();
	set_guest(flags);
	inject(NMI);
	enter(NOP);
	expect_entry_failure(code);
	expect_host_blocked();
	host(IRET);
}

EXPERIMENT(33, failed_entry_changes_nothing,
	   .claim = "A VM entry that fails leaves NMI blocking as it was, whatever bit 3 says, and "
		    "the injection valid.",
	   .sdm = "VM-Entry Failures During or After Loading Guest State",
	   .needs = NEEDS_VMX | NEEDS_VIRTUAL_NMIS | NEEDS_NMI_WINDOW, .rules = {R27, R25, R11})
{
	fail_to_enter(VIRTUAL_NMIS, VMFAIL_CONTROLS);
	fail_to_enter(NMI_EXITING | NMI_WINDOW_EXITING, VMFAIL_CONTROLS);
	fail_to_enter(VIRTUAL_NMIS | BLOCKED_BY_NMI, VMFAIL_CONTROLS);
	fail_to_enter(EVB, INVALID_GUEST_STATE);
	fail_to_enter(STI_AND_MOV_SS, INVALID_GUEST_STATE);
	fail_to_enter(STI_AND_MOV_SS | BLOCKED_BY_NMI, INVALID_GUEST_STATE);
}

/* R11, "VM-Execution Control Fields" */
static bool controls_are_legal(unsigned long flags)
{
	return (!(flags & VIRTUAL_NMIS) || flags & NMI_EXITING) &&
	       (!(flags & NMI_WINDOW_EXITING) || flags & VIRTUAL_NMIS);
}

/* R25, "Checks on Guest Non-Register State" */
static bool state_is_legal(unsigned long flags, unsigned vector)
{
	bool sti = flags & BLOCKED_BY_STI, mov_ss = flags & BLOCKED_BY_MOV_SS;
	bool on = flags & INTERRUPTS_ON;

	if ((sti && mov_ss) || (sti && !on))
		return false;
	if (vector == IRQ)
		return on && !sti && !mov_ss;
	if (vector == NMI)
		return !mov_ss && !(flags & VIRTUAL_NMIS && flags & BLOCKED_BY_NMI);
	return true;
}

static void try_legality(unsigned long flags, unsigned vector)
{
	uint32_t wanted = !controls_are_legal(flags)       ? VMFAIL_CONTROLS
			  : !state_is_legal(flags, vector) ? INVALID_GUEST_STATE
							   : 0;
	uint32_t code = try_entry(flags, vector);
	char text[96];

	expect_case(code == wanted, "%s inject %u: %x, not %x",
		    guest_flags_text(text, sizeof(text), flags), vector, code, wanted);
}

EXPERIMENT(41, vm_entry_checks_what_it_must,
	   .claim = "Of all settings of NMI controls, interruptibility, IF and injected event, VM "
		    "entry refuses those that it must, with the right error, and no others.",
	   .sdm = "Checks on Guest Non-Register State",
	   .needs = NEEDS_VMX | NEEDS_VIRTUAL_NMIS | NEEDS_NMI_WINDOW, .rules = {R25, R11})
{
	static const unsigned vectors[] = {0, IRQ, NMI, UD};

	for (unsigned long flags = 0; flags < INTERRUPTS_ON << 1; flags++) {
		if (flags & BLOCKED_BY_SMI) /* legal only in SMM */
			continue;
		for (unsigned i = 0; i < 4; i++)
			/* An NMI under blocking by STI is for the processor to decide. */
			if (vectors[i] != NMI || !(flags & BLOCKED_BY_STI))
				try_legality(flags, vectors[i]);
	}
}

EXPERIMENT(42, mov_ss_blocking_holds_an_nmi_for_one_instruction,
	   .claim = "(0,0,0) with blocking by MOV SS: the NMI that the host held hits the guest "
		    "after its first instruction.",
	   .sdm = "Interruptibility State", .needs = NEEDS_VMX, .rules = {R23, R6})
{
	host_takes_nmi();
	nmis_arrive(1);
	set_guest(BLOCKED_BY_MOV_SS);
	enter(NOP);
	expect(NMI, GUEST, after(NOP));
	expect_guest(BLOCKED_BY_NMI);
	host(IRET);
	expect_host_open();
}

EXPERIMENT(43, blocked_nmi_does_not_end_hlt,
	   .claim = "A blocked NMI ends HLT neither in the host nor in the guest, with NMI exiting "
		    "or without.",
	   .sdm = "Other Causes of VM Exits", .needs = NEEDS_VMX | NEEDS_HELPER, .rules = {R8})
{
	host_takes_nmi();
	host(halt(NMI));
	expect(FENCE, HOST, after(HLT));
	set_guest(BLOCKED_BY_NMI);
	enter(halt(NMI));
	expect(FENCE, GUEST, after(HLT));
	set_guest(NMI_EXITING | BLOCKED_BY_NMI);
	enter(halt(NMI));
	expect(FENCE, GUEST, after(HLT));
	host(IRET);
	expect(NMI, HOST, after(IRET));
	host(IRET);
	expect_host_open();
}

EXPERIMENT(48, injection_ends_mov_ss_blocking,
	   .claim = "A VM entry that injects runs without blocking by MOV SS, whatever the field "
		    "says: the pending NMI hits the injected handler's first instruction.",
	   .sdm = "Interruptibility State", .needs = NEEDS_VMX, .rules = {R22, R38})
{
	host_takes_nmi();
	nmis_arrive(1);
	set_guest(BLOCKED_BY_MOV_SS);
	inject(UD);
	enter(NOP);
	expect(NMI, GUEST, handler(UD));
	expect_exception(UD, GUEST, first(NOP));
	expect_guest(BLOCKED_BY_NMI);
	host(IRET);
	expect_host_open();
}

EXPERIMENT(49, injection_ends_hlt,
	   .claim = "A VM entry that injects runs active, although the activity state is HLT.",
	   .sdm = "Activity State", .needs = NEEDS_VMX | NEEDS_HELPER, .rules = {R22})
{
	set_guest(NMI_EXITING);
	enter(halt(NMI));
	expect_exit(EXIT_NMI, after(HLT));
	host(IRET);
	inject(IRQ);
	resume();
	expect(IRQ, GUEST, after(HLT));
	expect_guest(NMI_EXITING);
	expect_host_open();
}
