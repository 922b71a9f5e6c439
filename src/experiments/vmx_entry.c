/* SPDX-License-Identifier: BSD-2-Clause */
/* VMX: failed entries, MOV SS and STI blocking at an entry, HLT, two guests, a storm of NMIs. */
#include "experiments/settings.h"
#include "nmi/experiment.h"

/* Bits 0 and 1 of the interruptibility state exclude each other. */
#define STI_AND_MOV_SS (BLOCKED_BY_STI | BLOCKED_BY_MOV_SS)

/* An entry that must fail with this code, first from an open host, then from a blocked one. */
static void fail_to_enter(uint64_t flags, uint32_t code)
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
	   .needs = HAS_VMX | HAS_VIRTUAL_NMIS | HAS_NMI_WINDOW, .rules = {R27, R25, R11})
{
	fail_to_enter(VIRTUAL_NMIS, VMFAIL_CONTROLS);
	fail_to_enter(NMI_EXITING | NMI_WINDOW_EXITING, VMFAIL_CONTROLS);
	fail_to_enter(VIRTUAL_NMIS | BLOCKED_BY_NMI, VMFAIL_CONTROLS);
	fail_to_enter(EVB, INVALID_GUEST_STATE);
	fail_to_enter(STI_AND_MOV_SS, INVALID_GUEST_STATE);
	fail_to_enter(STI_AND_MOV_SS | BLOCKED_BY_NMI, INVALID_GUEST_STATE);
}

EXPERIMENT(42, mov_ss_blocking_holds_an_nmi_for_one_instruction,
	   .claim = "(0,0,0) with blocking by MOV SS: the NMI that the host held hits the guest "
		    "after its first instruction.",
	   .sdm = "Interruptibility State", .needs = HAS_VMX, .rules = {R23, R6})
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

/* From a blocked host with an NMI latched; the entry blocks by STI or MOV SS. */
static void enter_shadow(uint64_t flags)
{
	nmis_arrive(1);
	set_guest(flags);
	enter(NOP);
}

static void record_exit(const char *setting, uint64_t flags)
{
	enter_shadow(flags);
	record_place(setting, first(NOP), after(NOP));
	expect_exit(EXIT_NMI, PLACE_ANYWHERE);
}

EXPERIMENT(56, sti_blocking_and_a_latched_nmi,
	   .claim = "Open: (0,0), (1,0), (1,1) with blocking by STI: the latched NMI comes before "
		    "the first instruction or after it.",
	   .sdm = "Event Blocking", .needs = HAS_VMX | HAS_VIRTUAL_NMIS, .rules = {R24, R6})
{
	host_takes_nmi();
	enter_shadow(BLOCKED_BY_STI | INTERRUPTS_ON);
	record_place("(0,0)", first(NOP), after(NOP));
	expect(NMI, GUEST, PLACE_ANYWHERE);
	expect_guest(BLOCKED_BY_NMI);
	record_exit("(1,0)", NMI_EXITING | BLOCKED_BY_STI | INTERRUPTS_ON);
	record_exit("(1,1)", NMI_EXITING | VIRTUAL_NMIS | BLOCKED_BY_STI | INTERRUPTS_ON);
	host(IRET);
	expect_host_open();
}

EXPERIMENT(57, mov_ss_blocking_and_an_nmi_exit,
	   .claim = "Open: (1,0), (1,1) with blocking by MOV SS: the latched NMI exits before the "
		    "first instruction or after it.",
	   .sdm = "Event Blocking", .needs = HAS_VMX | HAS_VIRTUAL_NMIS, .rules = {R24, R23})
{
	host_takes_nmi();
	record_exit("(1,0)", NMI_EXITING | BLOCKED_BY_MOV_SS);
	record_exit("(1,1)", NMI_EXITING | VIRTUAL_NMIS | BLOCKED_BY_MOV_SS);
	host(IRET);
	expect_host_open();
}

EXPERIMENT(43, blocked_nmi_does_not_end_hlt,
	   .claim = "A blocked NMI ends HLT neither in the host nor in the guest, with NMI exiting "
		    "or without.",
	   .sdm = "Other Causes of VM Exits", .needs = HAS_VMX | HAS_HELPER, .rules = {R8})
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
	   .sdm = "Interruptibility State", .needs = HAS_VMX, .rules = {R22, R38})
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
	   .sdm = "Activity State", .needs = HAS_VMX | HAS_HELPER, .rules = {R22})
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

enum { A, B };

/* NMIs are blocked by an entry of A, and by its exit in the host. */
static void block_with_a(void)
{
	use_guest(A);
	set_guest(BLOCKED_BY_NMI);
	enter(NOP);
	expect_guest(BLOCKED_BY_NMI);
	use_guest(B);
	expect_host_blocked();
}

EXPERIMENT(44, blocking_is_the_cpus_and_not_a_guests,
	   .claim = "NMIs that A's (0,0,1) has blocked are so in the host while B is current; B's "
		    "entry with (0,0,0) or (1,1,0) opens them, and its exit leaves them open.",
	   .sdm = "Interruptibility State", .needs = HAS_VMX | HAS_VIRTUAL_NMIS,
	   .rules = {R17, R15, R16, R13})
{
	block_with_a();
	set_guest(0);
	enter(NOP);
	expect_guest(0);
	expect_host_open();

	block_with_a();
	set_guest(NMI_EXITING | VIRTUAL_NMIS);
	enter(NOP);
	expect_guest(NMI_EXITING | VIRTUAL_NMIS);
	expect_host_open();

	/* A latched NMI goes to the guest that opens; A's virtual blocking is not B's. */
	block_with_a();
	nmis_arrive(1);
	set_guest(0);
	enter(NOP);
	expect(NMI, GUEST, first(NOP));
	expect_guest(BLOCKED_BY_NMI);
	use_guest(A);
	set_guest(EVB);
	enter(NOP);
	expect_guest(EVB);
	use_guest(B);
	set_guest(NMI_EXITING | VIRTUAL_NMIS);
	enter(NOP);
	expect_guest(NMI_EXITING | VIRTUAL_NMIS);
	expect_host_open();
}

EXPERIMENT(46, storm_of_nmis_at_vm_entries,
	   .claim = "(0,0,0), (1,0,0), (1,1,0) and (1,1,1): of NMIs that come at no time in "
		    "particular none nests, none comes twice, and the last is not lost.",
	   .sdm = "Interruptibility State", .needs = HAS_VMX | HAS_VIRTUAL_NMIS | HAS_HELPER,
	   .rules = {R4, R1, R17, R38})
{
	static const uint64_t settings[] = {0, NMI_EXITING, NMI_EXITING | VIRTUAL_NMIS, EVB};

	for (unsigned i = 0; i < 4; i++) {
		set_guest(settings[i]);
		storm(64);
	}
	expect_host_open();
}
