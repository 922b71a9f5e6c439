/* SPDX-License-Identifier: BSD-2-Clause */
/* 506-508, 519-523, 529-531, 538-541: FRED in VMX, in the host below a guest and in the guest
 * itself.
 */
#include "nmi/experiment.h"
#include "x86/registers.h"

#define SDM_IRET     "Changes to Instruction Behavior in VMX Non-Root Operation"
#define SDM_INJECT   "VM-Entry Controls for Event Injection"
#define SDM_VECTORED "Vectored-Event Injection"
#define SDM_DELIVERY "FRED Event Delivery"
#define SDM_EXIT     "Updating Non-Register State"
#define SDM_CUT_OFF  "Information for VM Exits That Occur During Event Delivery"

#define IN_GUEST     (HAS_VMX | HAS_FRED | HAS_FRED_GUEST)

static void erets_without_nmi_exiting(void)
{
	set_guest(0);
	enter(halt(NMI), halt(NMI), ERETS, NOP, ERETS_NMI);
	expect(NMI, GUEST, after(HLT));
	expect_frame(TYPE_NMI, FRED_SS_NMI, 0);
	expect(FENCE, GUEST, after(HLT));
	expect(FENCE, GUEST, after(HLT));
	expect(NMI, GUEST, after(ERETS_NMI));
	expect_guest(BLOCKED_BY_NMI);
	expect_host_blocked();
	host(IRET);
}

static void erets_with_nmi_exiting(void)
{
	set_guest(NMI_EXITING | BLOCKED_BY_NMI);
	enter(halt(NMI), ERETS_NMI, NOP);
	expect(FENCE, GUEST, after(HLT));
	expect_guest(NMI_EXITING | BLOCKED_BY_NMI);
	host(IRET);
	expect(NMI, HOST, after(IRET));
	host(IRET);
}

static void erets_with_virtual_nmis(void)
{
	set_guest(NMI_EXITING | VIRTUAL_NMIS | BLOCKED_BY_NMI);
	enter(ERETS);
	expect_guest(NMI_EXITING | VIRTUAL_NMIS | BLOCKED_BY_NMI);
	enter(ERETS_NMI);
	expect_guest(NMI_EXITING | VIRTUAL_NMIS);
}

EXPERIMENT(506, erets_in_the_guest_follows_the_controls,
	   .claim = "An ERETS with bit 18 in the guest unblocks NMIs without NMI exiting, changes "
		    "nothing with it, and with virtual NMIs ends virtual-NMI blocking; one without "
		    "bit 18 never does anything.",
	   .sdm = SDM_IRET, .needs = IN_GUEST | HAS_VIRTUAL_NMIS | HAS_HELPER, .rules = {F4, F2})
{
	use_fred(FRED_GUEST);
	erets_without_nmi_exiting();
	erets_with_nmi_exiting();
	erets_with_virtual_nmis();
	expect_host_open();
}

static void expect_refusal(uint32_t injection, unsigned length)
{
	const struct entry entry = {.injection = injection, .length = length};
	const struct exit *exit = try_entry(&entry);

	expect_case(exit->reason == EXIT_ENTRY_FAILED && exit->code == VMFAIL_CONTROLS,
		    "%08x: code %x", injection, exit->code);
}

EXPERIMENT(
	507, system_calls_and_nested_exceptions_are_injected,
	.claim =
		"With FRED in the guest VM entry injects SYSCALL and SYSENTER, as vectors 1 and 2 of "
		"type 7, and nested exceptions, by bit 13; that bit with any other type, type 7 "
		"with another vector, a length beyond 15, or both without FRED, it refuses.",
	.sdm = SDM_INJECT, .needs = IN_GUEST | HAS_NESTED_EXCEPTIONS, .rules = {F7, R28})
{
	use_fred(FRED_GUEST);
	set_guest(0);
	inject_software(TYPE_OTHER_EVENT, FRED_VECTOR_SYSCALL, 2);
	enter(INTN);
	expect_syscall(FRED_VECTOR_SYSCALL, GUEST, after(INTN));
	expect_frame(TYPE_OTHER_EVENT, FRED_SS_SOFTWARE, 2);
	set_guest(0);
	inject_software(TYPE_OTHER_EVENT, FRED_VECTOR_SYSENTER, 2);
	enter(INTN);
	expect_syscall(FRED_VECTOR_SYSENTER, GUEST, after(INTN));
	expect_frame(TYPE_OTHER_EVENT, FRED_SS_SOFTWARE, 2);
	set_guest(0);
	inject_nested(GP);
	enter(NOP);
	expect_exception(GP, GUEST, at(NOP));
	expect_frame(TYPE_EXCEPTION, FRED_SS_NESTED, 0);
	expect_refusal(EVENT_INFO(TYPE_OTHER_EVENT, 3), 2);
	expect_refusal(EVENT_INFO(TYPE_OTHER_EVENT, FRED_VECTOR_SYSCALL), 16);
	expect_refusal(EVENT_INFO(TYPE_OTHER_EVENT, FRED_VECTOR_SYSENTER), 16);
	expect_refusal(EVENT_INFO(TYPE_NMI, NMI) | INFO_NESTED, 0);
	expect_refusal(EVENT_INFO(TYPE_EXTERNAL_INTERRUPT, IRQ) | INFO_NESTED, 0);
	use_fred(0);
	expect_refusal(EVENT_INFO(TYPE_OTHER_EVENT, FRED_VECTOR_SYSCALL), 2);
	expect_refusal(EVENT_INFO(TYPE_OTHER_EVENT, FRED_VECTOR_SYSENTER), 2);
}

/* The hypervisor of the seed: NMIs are blocked since the exit, and INT 2 is to handle the NMI. */
static void nmi_exit_and_int_2(enum fred_return how)
{
	handlers_return(RETURN_BY_RET);
	set_guest(NMI_EXITING);
	enter(halt(NMI));
	expect_exit(EXIT_NMI, after(HLT));
	nmis_arrive(1);
	handlers_return(how);
	host(INT2, NOP);
	expect(NMI, HOST, after(INT2));
	expect_frame(TYPE_SOFTWARE_INTERRUPT, FRED_SS_SOFTWARE, 2);
}

EXPERIMENT(
	508, int_2_after_an_nmi_exit_unblocks_by_hand,
	.claim =
		"A hypervisor handles the NMI of an exit by INT 2: ERETS unblocks if its handler has "
		"set bit 18 by hand, and only then.",
	.sdm = SDM_EXIT, .needs = HAS_VMX | HAS_FRED | HAS_HELPER, .rules = {F3, F2, R17})
{
	use_fred(FRED_HOST);
	nmi_exit_and_int_2(RETURN_BY_ERETS_MARKED);
	expect(NMI, HOST, after(INT2));
	expect_frame(TYPE_NMI, FRED_SS_NMI, 0);
	expect_host_open();
	nmi_exit_and_int_2(RETURN_BY_ERETS);
	host(ERETS_NMI);
	expect(NMI, HOST, after(ERETS_NMI));
	expect_host_open();
}

EXPERIMENT(
	519, nmi_exits_with_fred,
	.claim =
		"With NMI exiting an NMI exits from a guest with FRED as from any; the host, which has "
		"FRED too, is blocked until an ERETS with bit 18.",
	.sdm = SDM_EXIT, .needs = IN_GUEST | HAS_VIRTUAL_NMIS | HAS_HELPER, .rules = {R12, R17, F2})
{
	use_fred(FRED_HOST | FRED_GUEST);
	set_guest(NMI_EXITING);
	enter(halt(NMI));
	expect_exit(EXIT_NMI, after(HLT));
	expect_guest(NMI_EXITING);
	expect_host_blocked();
	set_guest(NMI_EXITING | VIRTUAL_NMIS | BLOCKED_BY_NMI);
	enter(halt(NMI));
	expect_exit(EXIT_NMI, after(HLT));
	expect_guest(NMI_EXITING | VIRTUAL_NMIS | BLOCKED_BY_NMI);
	expect_host_blocked();
	host(ERETS_NMI);
	expect_host_open();
}

static void injected_nmi(unsigned long settings, unsigned long blocking)
{
	set_guest(settings);
	inject(NMI);
	enter(NOP);
	expect(NMI, GUEST, at(NOP));
	expect_frame(TYPE_NMI, FRED_SS_NMI, 0);
	expect_guest(settings | blocking);
}

EXPERIMENT(
	520, injected_nmi_is_marked_in_the_guest,
	.claim =
		"An injected NMI's frame has bit 18; it blocks NMIs virtually with virtual NMIs, and "
		"nothing without.",
	.sdm = SDM_VECTORED, .needs = IN_GUEST | HAS_VIRTUAL_NMIS, .rules = {F7, F1, R30})
{
	use_fred(FRED_GUEST);
	injected_nmi(NMI_EXITING | VIRTUAL_NMIS, BLOCKED_BY_NMI);
	injected_nmi(NMI_EXITING, 0);
	injected_nmi(0, 0);
	expect_host_open();
}

EXPERIMENT(521, injected_event_data_is_in_the_frame,
	   .claim = "The frame of an injected #PF or #DB has the injected-event data.",
	   .sdm = SDM_INJECT, .needs = IN_GUEST, .rules = {F7})
{
	use_fred(FRED_GUEST);
	set_guest(0);
	set_event_data(0x12345678);
	inject(PF);
	enter(NOP);
	expect_exception(PF, GUEST, at(NOP));
	expect_frame(TYPE_EXCEPTION, 0, 0);
	expect_data(0x12345678, 0);
	set_guest(0);
	set_event_data(0x4001);
	inject(DB);
	enter(NOP);
	expect_exception(DB, GUEST, at(NOP));
	expect_data(0x4001, 0);
}

EXPERIMENT(522, event_cut_off_keeps_its_data,
	   .claim =
		   "A #PF whose delivery by FRED an EPT violation cuts off is in the IDT-vectoring "
		   "information, nested or not, with its data; injected again it is delivered with "
		   "them. The IDT's page is not needed.",
	   .sdm = SDM_CUT_OFF, .needs = IN_GUEST | HAS_NESTED_PAGING | HAS_NESTED_EXCEPTIONS,
	   .rules = {F8, R34})
{
	use_fred(FRED_GUEST);
	set_guest(NESTED_PAGING);
	unmap(GUEST_STACK);
	unmap(GUEST_IDT);
	set_event_data(0x9abc);
	inject_nested(PF);
	enter(NOP);
	expect_nested_fault(GUEST_STACK, at(NOP), exception_event(PF) | INFO_NESTED);
	expect_original_data(0x9abc);
	map(GUEST_STACK);
	reinject();
	enter(NOP);
	expect_exception(PF, GUEST, at(NOP));
	expect_frame(TYPE_EXCEPTION, FRED_SS_NESTED, 0);
	expect_data(0x9abc, 0);
	set_guest(NESTED_PAGING);
	unmap(GUEST_STACK);
	inject(NMI);
	enter(NOP);
	expect_nested_fault(GUEST_STACK, at(NOP), EVENT_INFO(TYPE_NMI, NMI));
	map(GUEST_STACK);
	reinject();
	enter(NOP);
	expect(NMI, GUEST, at(NOP));
	expect_frame(TYPE_NMI, FRED_SS_NMI, 0);
}

/* In the guest as 509 in the host. */
static void goes_to_ring_3(void)
{
	expect_syscall(FRED_VECTOR_SYSCALL, GUEST, PLACE_ANYWHERE);
	expect_frame(TYPE_OTHER_EVENT, FRED_SS_SOFTWARE, 2);
}

static void eretu_without_nmi_exiting(void)
{
	set_guest(0);
	enter(halt(NMI), halt(NMI), ERETU, ERETU_NMI);
	expect(NMI, GUEST, after(HLT));
	expect(FENCE, GUEST, after(HLT));
	expect(FENCE, GUEST, after(HLT));
	goes_to_ring_3();
	expect_ring(3);
	expect(NMI, GUEST, after(ERETU_NMI));
	expect_ring(3);
	expect_frame(TYPE_NMI, FRED_SS_NMI, 0);
	goes_to_ring_3();
	expect_guest(BLOCKED_BY_NMI);
	expect_host_blocked();
	host(IRET);
}

static void eretu_with_nmi_exiting(void)
{
	set_guest(NMI_EXITING | BLOCKED_BY_NMI);
	enter(halt(NMI), ERETU_NMI, NOP);
	expect(FENCE, GUEST, after(HLT));
	goes_to_ring_3();
	expect_guest(NMI_EXITING | BLOCKED_BY_NMI);
	host(IRET);
	expect(NMI, HOST, after(IRET));
	host(IRET);
}

static void eretu_with_virtual_nmis(void)
{
	set_guest(NMI_EXITING | VIRTUAL_NMIS | BLOCKED_BY_NMI);
	enter(ERETU);
	goes_to_ring_3();
	expect_guest(NMI_EXITING | VIRTUAL_NMIS | BLOCKED_BY_NMI);
	enter(ERETU_NMI);
	goes_to_ring_3();
	expect_guest(NMI_EXITING | VIRTUAL_NMIS);
	set_guest(NMI_EXITING | VIRTUAL_NMIS | NMI_WINDOW_EXITING | BLOCKED_BY_NMI);
	enter(ERETU, ERETU_NMI);
	goes_to_ring_3();
	expect_exit(EXIT_NMI_WINDOW, after(ERETU_NMI));
	expect_guest(NMI_EXITING | VIRTUAL_NMIS | NMI_WINDOW_EXITING);
}

EXPERIMENT(529, eretu_in_the_guest_follows_the_controls,
	   .claim = "ERETU with bit 18 in the guest unblocks NMIs without NMI exiting, and the "
		    "latched one comes in ring 3; changes nothing with it; with virtual NMIs it "
		    "ends virtual-NMI blocking and opens the window. Without bit 18 it does none.",
	   .sdm = SDM_IRET, .needs = IN_GUEST | HAS_VIRTUAL_NMIS | HAS_NMI_WINDOW | HAS_HELPER,
	   .rules = {F4, F2})
{
	use_fred(FRED_GUEST);
	eretu_without_nmi_exiting();
	eretu_with_nmi_exiting();
	eretu_with_virtual_nmis();
	expect_host_open();
}

EXPERIMENT(530, faulting_eret_in_the_guest,
	   .claim = "Recorded: does an ERETS or ERETU that faults in the guest, with bit 18 in its "
		    "frame, end virtual-NMI blocking?",
	   .sdm = SDM_IRET, .needs = IN_GUEST | HAS_VIRTUAL_NMIS, .rules = {F5, F4})
{
	use_fred(FRED_GUEST);
	set_guest(NMI_EXITING | VIRTUAL_NMIS | BLOCKED_BY_NMI);
	enter(BAD_ERETS);
	expect_exception(GP, GUEST, at(BAD_ERETS));
	record_guest(BLOCKED_BY_NMI);
	set_guest(NMI_EXITING | VIRTUAL_NMIS | BLOCKED_BY_NMI);
	enter(BAD_ERETU);
	expect_exception(GP, GUEST, at(BAD_ERETU));
	record_guest(BLOCKED_BY_NMI);
	expect_host_open();
}

EXPERIMENT(531, int_n_of_ring_3_needs_no_gate,
	   .claim = "In a guest with FRED an INT n of ring 3, executed or injected, is delivered, "
		    "whatever gates there are; without FRED a gate of DPL 0 makes it a #GP.",
	   .sdm = SDM_DELIVERY, .needs = IN_GUEST, .rules = {F8, F1, R32})
{
	use_fred(FRED_GUEST);
	set_guest(RING_3);
	enter(INTN);
	expect(SOFT, GUEST, after(INTN));
	expect_frame(TYPE_SOFTWARE_INTERRUPT, FRED_SS_SOFTWARE, 2);
	expect_ring(3);
	set_guest(RING_3);
	inject_software(TYPE_SOFTWARE_INTERRUPT, SOFT, 1);
	enter(NOP);
	expect(SOFT, GUEST, after(NOP));
	expect_frame(TYPE_SOFTWARE_INTERRUPT, FRED_SS_SOFTWARE, 1);
	expect_ring(3);
	use_fred(0);
	set_guest(RING_3);
	enter(INTN);
	expect_exception(GP, GUEST, first(INTN));
}

EXPERIMENT(
	538, nested_exception_of_ring_3_has_its_stack_level,
	.claim = "In ring 3 an exception has stack level 0, but a nested one, which counts as ring "
		 "0's, its vector's, and a #DF 3.",
	.sdm = "Determining the New Stack Level", .needs = IN_GUEST | HAS_NESTED_EXCEPTIONS,
	.rules = {F6, F7})
{
	use_fred(FRED_GUEST);
	set_stack_level(GP, 1);
	set_guest(RING_3);
	inject(GP);
	enter(NOP);
	expect_exception(GP, GUEST, first(NOP));
	expect_levels(0, 0, 0);
	set_guest(RING_3);
	inject_nested(GP);
	enter(NOP);
	expect_exception(GP, GUEST, first(NOP));
	expect_levels(0, 1, 1);
	expect_ring(3);
	set_guest(RING_3);
	inject(DF);
	enter(NOP);
	expect_exception(DF, GUEST, first(NOP));
	expect_levels(0, 3, 3);
}

#define OWN_REGISTERS (ENTRY_LOADS_FRED | EXIT_SAVES_FRED | EXIT_LOADS_FRED)

/* The guest takes an NMI at level 1, which is the host's level 2 by its stack, stays there and
 * exits for another one. */
static void goes_to_level_1(uint64_t registers)
{
	set_guest(NMI_EXITING | VIRTUAL_NMIS | registers);
	inject(NMI);
	enter(INTN, halt(NMI));
	expect(NMI, GUEST, at(INTN));
	expect_levels(0, 1, registers & ENTRY_LOADS_FRED ? 2 : 1);
	expect(SOFT, GUEST, after(INTN));
	expect_levels(1, 1, 0);
	expect_exit(EXIT_NMI, after(HLT));
}

static void host_is_at(unsigned level)
{
	host(INTN);
	expect(SOFT, HOST, after(INTN));
	expect_levels(level, level, 0);
}

/* From any level: bit 18 lets the host take one more NMI, which says whose registers it has. */
static void host_takes_another_nmi(unsigned stack)
{
	host(ERETS_NMI);
	host_takes_nmi();
	expect_levels(0, 1, stack);
	host(ERETS_NMI);
}

EXPERIMENT(
	523, guest_has_fred_registers_of_its_own,
	.claim = "VM entry with \"load FRED\" loads the guest's registers of FRED, VM exit with "
		 "\"save FRED\" saves them, its stack level too, and with \"load FRED\" loads the "
		 "host's. Without these they have the same; what is reserved is refused.",
	.sdm = "VM-Entry Controls",
	.needs = IN_GUEST | HAS_VIRTUAL_NMIS | HAS_HELPER | HAS_FRED_CONTROLS, .rules = {F9, F6})
{
	use_fred(FRED_HOST | FRED_GUEST);
	handlers_return(RETURN_BY_RET_AT_LEVEL);
	set_stack_level(NMI, 1);
	set_guest_stack_level(NMI, 1);
	goes_to_level_1(OWN_REGISTERS);
	expect_guest_level(1);
	host_is_at(0);
	host_takes_another_nmi(1);
	inject(IRQ);
	resume();
	expect(IRQ, GUEST, after(HLT));
	expect_levels(1, 1, 0);
	expect_guest_level(1);

	goes_to_level_1(ENTRY_LOADS_FRED);
	expect_guest_level(0);
	host_is_at(1);
	host_takes_another_nmi(2);

	use_fred(FRED_HOST | FRED_GUEST);
	goes_to_level_1(0);
	host_is_at(1);
	host_takes_another_nmi(1);

	set_config_bits(FRED_GUEST, 1 << 2);
	set_guest(ENTRY_LOADS_FRED);
	enter(NOP);
	expect_entry_failure(INVALID_GUEST_STATE);
	set_config_bits(FRED_HOST, 1 << 11);
	set_guest(EXIT_LOADS_FRED);
	enter(NOP);
	expect_entry_failure(VMFAIL_HOST_STATE);
	expect_host_open();
}

EXPERIMENT(539, sti_bit_is_refused_in_ring_3_with_fred,
	   .claim = "VM entry refuses blocking by STI (bit 0) if the guest has FRED and begins in "
		    "ring 3, and takes it in ring 0, and in ring 3 without FRED.",
	   .sdm = "Checks on Guest Segment Registers", .needs = IN_GUEST, .rules = {F10, R25})
{
	const struct entry ring_3 = {.flags = BLOCKED_BY_STI | RING_3, .interrupts_on = true};
	const struct entry ring_0 = {.flags = BLOCKED_BY_STI, .interrupts_on = true};

	use_fred(FRED_GUEST);
	set_guest(BLOCKED_BY_STI | RING_3 | INTERRUPTS_ON);
	enter(NOP);
	expect_entry_failure(INVALID_GUEST_STATE);
	expect_case(try_entry(&ring_0)->reason == EXIT_HYPERCALL, "in ring 0");
	use_fred(0);
	expect_case(try_entry(&ring_3)->reason == EXIT_HYPERCALL, "without FRED");
	expect_host_open();
}

EXPERIMENT(540, sti_bit_is_in_the_frame_of_an_injected_event,
	   .claim = "The frame of an injected event has bit 16 if the interruptibility state has "
		    "blocking by STI, which has ended then.",
	   .sdm = "Details of Vectored-Event Injection", .needs = IN_GUEST, .rules = {F7, R22})
{
	use_fred(FRED_GUEST);
	set_guest(BLOCKED_BY_STI | INTERRUPTS_ON);
	inject_software(TYPE_SOFTWARE_INTERRUPT, SOFT, 1);
	enter(NOP);
	expect(SOFT, GUEST, after(NOP));
	expect_frame(TYPE_SOFTWARE_INTERRUPT, FRED_SS_SOFTWARE | FRED_SS_STI, 1);
	expect_guest(0);
	set_guest(BLOCKED_BY_STI | INTERRUPTS_ON);
	inject(GP);
	enter(NOP);
	expect_exception(GP, GUEST, at(NOP));
	expect_frame(TYPE_EXCEPTION, FRED_SS_STI, 0);
	set_guest(0);
	inject(GP);
	enter(NOP);
	expect_exception(GP, GUEST, at(NOP));
	expect_frame(TYPE_EXCEPTION, 0, 0);
}

EXPERIMENT(541, injection_by_fred_ends_pending_debug_exceptions,
	   .claim =
		   "With FRED an injected INT n leaves no debug exception pending, although MOV SS "
		   "blocks it, which with an IDT would keep it.",
	   .sdm = "Delivery of Pending Debug Exceptions after VM Entry", .needs = IN_GUEST,
	   .rules = {F7, R45})
{
	const unsigned long enabled = 1 << 12;

	use_fred(FRED_GUEST);
	set_guest(BLOCKED_BY_MOV_SS);
	set_debug_traps(DR6_B0 | enabled);
	inject_software(TYPE_SOFTWARE_INTERRUPT, SOFT, 1);
	enter(NOP, NOP);
	expect(SOFT, GUEST, after(NOP));
	expect_guest(0);
}
