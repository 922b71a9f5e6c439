/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 501-528, 532-537: FRED, in the host. The handlers return by RET, as everywhere, unless told
 * otherwise: what comes after host_takes_nmi() is "in the NMI's handler".
 */
#include "nmi/experiment.h"
#include "x86/registers.h"
#include "x86/selectors.h"

#define SDM_DELIVERY "FRED Event Delivery"
#define SDM_STACK    "Saving Information on the Regular Stack"
#define SDM_ERETS    "ERETS (Event Return to Supervisor)"
#define SDM_ERETU    "ERETU (Event Return to User)"
#define SDM_LEVELS   "Determining the New Stack Level"

/* The host is blocked, one NMI is latched, and from now on handlers return like this. */
static void block_and_latch(enum fred_return how)
{
	handlers_return(RETURN_BY_RET);
	host_takes_nmi();
	expect_frame(TYPE_NMI, FRED_SS_NMI, 0);
	nmis_arrive(1);
	handlers_return(how);
}

/* Where the latched NMI comes, if it does; the rest is to let it in. */
static void record_after_the_fault(void)
{
	record_next();
	forget();
	host(ERETS_NMI);
	forget();
}

EXPERIMENT(
	501, fred_marks_an_nmi,
	.claim =
		"The frame of an NMI has bit 18 of the SS word set and neither 16 nor 17; those of "
		"an interrupt and of a fault have none of them.",
	.sdm = SDM_STACK, .needs = HAS_FRED, .rules = {F1, R1})
{
	use_fred(FRED_HOST);
	host(halt());
	expect(FENCE, HOST, after(HLT));
	expect_frame(TYPE_EXTERNAL_INTERRUPT, 0, 0);
	host(BAD_SELECTOR);
	expect_exception(GP, HOST, at(BAD_SELECTOR));
	expect_frame(TYPE_EXCEPTION, 0, 0);
	expect_data(0, 0xfffc);
	host_takes_nmi();
	expect_frame(TYPE_NMI, FRED_SS_NMI, 0);
	expect_levels(0, 0, 0);
	expect_host_blocked();
	expect_frame(TYPE_NMI, FRED_SS_NMI, 0);
	host(ERETS_NMI);
	expect_host_open();
}

EXPERIMENT(502, fault_in_the_nmi_handler_keeps_nmis_blocked,
	   .claim = "A fault in the NMI's handler returns by ERETS, whose frame lacks bit 18: NMIs "
		    "stay blocked. IRET would have let the latched one in.",
	   .sdm = SDM_ERETS, .needs = HAS_FRED, .rules = {F2})
{
	use_fred(FRED_HOST);
	block_and_latch(RETURN_BY_ERETS);
	host(BAD_SELECTOR);
	expect_exception(GP, HOST, at(BAD_SELECTOR));
	expect_frame(TYPE_EXCEPTION, 0, 0);
	host(INT3);
	expect_exception(BP, HOST, after(INT3));
	expect_frame(TYPE_SOFTWARE_EXCEPTION, 0, 1);
	host(INTN);
	expect(SOFT, HOST, after(INTN));
	expect_frame(TYPE_SOFTWARE_INTERRUPT, FRED_SS_SOFTWARE, 2);
	host(NOP, ERETS_NMI);
	expect(NMI, HOST, after(ERETS_NMI));
	expect_frame(TYPE_NMI, FRED_SS_NMI, 0);
	expect_host_open();
}

EXPERIMENT(503, int_2_is_not_marked_as_an_nmi,
	   .claim =
		   "The frame of INT 2 has bit 17, not 18: ERETS leaves NMIs as they were, open or "
		   "blocked.",
	   .sdm = SDM_STACK, .needs = HAS_FRED, .rules = {F3, F2, R5})
{
	use_fred(FRED_HOST);
	handlers_return(RETURN_BY_ERETS);
	host(INT2);
	expect(NMI, HOST, after(INT2));
	expect_frame(TYPE_SOFTWARE_INTERRUPT, FRED_SS_SOFTWARE, 2);
	expect_host_open();
	block_and_latch(RETURN_BY_ERETS);
	host(INT2, NOP);
	expect(NMI, HOST, after(INT2));
	expect_frame(TYPE_SOFTWARE_INTERRUPT, FRED_SS_SOFTWARE, 2);
	host(ERETS_NMI);
	expect(NMI, HOST, after(ERETS_NMI));
	expect_frame(TYPE_NMI, FRED_SS_NMI, 0);
	expect_host_open();
}

EXPERIMENT(
	504, int_2_marked_by_hand_unblocks,
	.claim = "INT 2 while NMIs are blocked, whose handler sets bit 18 by hand: ERETS unblocks, "
		 "and the latched NMI comes right after it.",
	.sdm = SDM_ERETS, .needs = HAS_FRED, .rules = {F3, F2})
{
	use_fred(FRED_HOST);
	block_and_latch(RETURN_BY_ERETS_MARKED);
	host(INT2, NOP);
	expect(NMI, HOST, after(INT2));
	expect_frame(TYPE_SOFTWARE_INTERRUPT, FRED_SS_SOFTWARE, 2);
	expect(NMI, HOST, after(INT2));
	expect_frame(TYPE_NMI, FRED_SS_NMI, 0);
	expect_host_open();
}

EXPERIMENT(505, unmarked_nmi_frame_keeps_nmis_blocked,
	   .claim = "An NMI whose handler clears bit 18 before ERETS: NMIs stay blocked.",
	   .sdm = SDM_ERETS, .needs = HAS_FRED, .rules = {F2})
{
	use_fred(FRED_HOST);
	handlers_return(RETURN_BY_ERETS_UNMARKED);
	host_takes_nmi();
	nmis_arrive(1);
	host(NOP, ERETS, NOP);
	host(ERETS_NMI);
	expect(NMI, HOST, after(ERETS_NMI));
	handlers_return(RETURN_BY_ERETS);
	expect_host_blocked();
	expect_host_open();
}

EXPERIMENT(
	509, eretu_unblocks_by_the_mark_only,
	.claim =
		"ERETU leaves NMIs blocked without bit 18; with it the latched NMI comes in ring 3.",
	.sdm = SDM_ERETU, .needs = HAS_FRED, .rules = {F2, F1})
{
	use_fred(FRED_HOST);
	block_and_latch(RETURN_BY_RET);
	host(ERETU, NOP);
	expect_syscall(FRED_VECTOR_SYSCALL, HOST, PLACE_ANYWHERE);
	expect_ring(3);
	expect_frame(TYPE_OTHER_EVENT, FRED_SS_SOFTWARE, 2);
	host(ERETU_NMI);
	expect(NMI, HOST, after(ERETU_NMI));
	expect_ring(3);
	expect_frame(TYPE_NMI, FRED_SS_NMI, 0);
	expect_syscall(FRED_VECTOR_SYSCALL, HOST, PLACE_ANYWHERE);
	expect_host_blocked();
	host(ERETS_NMI);
	expect_host_open();
}

/* The operation of ERETS unblocks at its end, behind all of its checks; no sentence says what a
 * fault does, as one does for IRET. */
EXPERIMENT(510, faulting_erets,
	   .claim = "Recorded: does an ERETS that faults, with bit 18 in its frame, unblock NMIs?",
	   .sdm = SDM_ERETS, .needs = HAS_FRED, .rules = {F5})
{
	use_fred(FRED_HOST);
	block_and_latch(RETURN_BY_RET);
	host(BAD_ERETS);
	record_after_the_fault();
}

EXPERIMENT(511, faulting_eretu,
	   .claim = "Recorded: does an ERETU that faults, with bit 18 in its frame, unblock NMIs?",
	   .sdm = SDM_ERETU, .needs = HAS_FRED, .rules = {F5})
{
	use_fred(FRED_HOST);
	block_and_latch(RETURN_BY_RET);
	host(BAD_ERETU);
	record_after_the_fault();
}

EXPERIMENT(512, iret_with_fred, .claim = "Recorded: does IRET unblock NMIs while CR4.FRED is set?",
	   .sdm = "Handling Multiple NMIs", .needs = HAS_FRED, .rules = {F5})
{
	use_fred(FRED_HOST);
	block_and_latch(RETURN_BY_RET);
	host(IRET, NOP);
	record("IRET %s", allow(NMI, HOST, after(IRET)) ? "unblocks" : "does not unblock");
	host(ERETS_NMI);
	forget();
}

EXPERIMENT(513, shadow_of_sti_is_in_the_frame,
	   .claim =
		   "The frame of a fault in the shadow of STI has bit 16; ERETS with bit 16 and IF "
		   "makes that shadow again, for one instruction.",
	   .sdm = SDM_STACK, .needs = HAS_FRED, .rules = {F1})
{
	use_fred(FRED_HOST);
	nmis_arrive(0);
	host(ERETS_STI);
	expect_elsewhere(FENCE, HOST, after(ERETS_STI));
	expect_frame(TYPE_EXTERNAL_INTERRUPT, 0, 0);
	host(STI_BAD_SELECTOR);
	expect_exception(GP, HOST, at(STI_BAD_SELECTOR));
	expect_frame(TYPE_EXCEPTION, FRED_SS_STI, 0);
}

EXPERIMENT(
	514, nmi_in_the_shadow_of_sti_says_so,
	.claim = "An NMI that comes in the shadow of STI has bits 16 and 18, one that STI held has "
		 "18 only; which, is recorded.",
	.sdm = SDM_STACK, .needs = HAS_FRED, .rules = {F1, F2})
{
	use_fred(FRED_HOST);
	block_and_latch(RETURN_BY_RET);
	host(ERETS_STI_NMI);
	if (allow(NMI, HOST, after(ERETS_STI_NMI))) {
		expect_frame(TYPE_NMI, FRED_SS_NMI | FRED_SS_STI, 0);
		record("STI does not hold an NMI");
	} else {
		expect(NMI, HOST, PLACE_ANYWHERE);
		expect_frame(TYPE_NMI, FRED_SS_NMI, 0);
		record("STI holds an NMI");
	}
	host(ERETS_NMI);
	expect_host_open();
}

EXPERIMENT(
	515, erets_lets_one_latched_nmi_in,
	.claim =
		"Of the NMIs that arrive while NMIs are blocked, exactly one comes, right after an "
		"ERETS with bit 18.",
	.sdm = SDM_ERETS, .needs = HAS_FRED, .rules = {F2, R4})
{
	use_fred(FRED_HOST);
	host_takes_nmi();
	nmis_arrive(3);
	host(ERETS_NMI, NOP);
	expect(NMI, HOST, after(ERETS_NMI));
	host(ERETS_NMI, NOP);
	expect_host_open();
}

EXPERIMENT(516, other_returns_do_not_unblock_with_fred,
	   .claim = "POPF, RET, RETF and ERETS without bit 18 leave NMIs blocked.",
	   .sdm = SDM_ERETS, .needs = HAS_FRED, .rules = {F2, R3})
{
	use_fred(FRED_HOST);
	block_and_latch(RETURN_BY_RET);
	host(POPF, NOP, RETF, NOP, ERETS, NOP);
	host(ERETS_NMI);
	expect(NMI, HOST, after(ERETS_NMI));
	expect_host_blocked();
	host(ERETS_NMI);
	expect_host_open();
}

EXPERIMENT(517, only_an_open_nmi_ends_hlt_with_fred,
	   .claim = "An NMI ends HLT, with the return address after it; a blocked one does not.",
	   .sdm = SDM_DELIVERY, .needs = HAS_FRED | HAS_HELPER, .rules = {R8, R1})
{
	use_fred(FRED_HOST);
	host(halt(NMI));
	expect(NMI, HOST, after(HLT));
	expect(FENCE, HOST, after(HLT));
	host(halt(NMI));
	expect(FENCE, HOST, after(HLT));
	host(ERETS_NMI);
	expect(NMI, HOST, after(ERETS_NMI));
	host(ERETS_NMI);
	expect_host_open();
}

EXPERIMENT(
	518, software_events_tell_their_instruction,
	.claim = "INT n has type 4 and bit 17, INT3 type 6 and INT1 type 5 without it; the frames "
		 "have the instructions' lengths.",
	.sdm = SDM_STACK, .needs = HAS_FRED, .rules = {F1})
{
	use_fred(FRED_HOST);
	host(INTN);
	expect(SOFT, HOST, after(INTN));
	expect_frame(TYPE_SOFTWARE_INTERRUPT, FRED_SS_SOFTWARE, 2);
	host(INT3);
	expect_exception(BP, HOST, after(INT3));
	expect_frame(TYPE_SOFTWARE_EXCEPTION, 0, 1);
	host(INT1);
	expect_exception(DB, HOST, after(INT1));
	expect_frame(TYPE_PRIVILEGED_EXCEPTION, 0, 1);
}

EXPERIMENT(
	524, nmi_has_a_stack_level_of_its_own,
	.claim = "An NMI with stack level 1 comes on the stack of IA32_FRED_RSP1, INT 2 on the one "
		 "that it interrupts; ERETS goes back to level 0.",
	.sdm = SDM_LEVELS, .needs = HAS_FRED, .rules = {F6, F1})
{
	use_fred(FRED_HOST);
	set_stack_level(NMI, 1);
	handlers_return(RETURN_BY_ERETS);
	host_takes_nmi();
	expect_levels(0, 1, 1);
	expect_frame(TYPE_NMI, FRED_SS_NMI, 0);
	host(INT2);
	expect(NMI, HOST, after(INT2));
	expect_levels(0, 0, 0);
	set_stack_level(NMI, 2);
	host_takes_nmi();
	expect_levels(0, 2, 2);
	expect_host_open();
}

EXPERIMENT(525, erets_does_not_raise_the_stack_level,
	   .claim = "ERETS with a higher stack level in its frame than the current one keeps that.",
	   .sdm = SDM_ERETS, .needs = HAS_FRED, .rules = {F6})
{
	use_fred(FRED_HOST);
	host(ERETS_LEVEL, INTN);
	expect(SOFT, HOST, after(INTN));
	expect_levels(0, 0, 0);
}

EXPERIMENT(526, event_of_ring_3_has_stack_level_0,
	   .claim = "In ring 3 an NMI has stack level 0, whatever IA32_FRED_STKLVLS says.",
	   .sdm = SDM_LEVELS, .needs = HAS_FRED, .rules = {F6})
{
	use_fred(FRED_HOST);
	set_stack_level(NMI, 1);
	block_and_latch(RETURN_BY_RET);
	host(ERETU_NMI);
	expect(NMI, HOST, after(ERETU_NMI));
	expect_levels(0, 0, 0);
	expect_syscall(FRED_VECTOR_SYSCALL, HOST, PLACE_ANYWHERE);
	host(ERETS_NMI);
	expect_host_open();
}

EXPERIMENT(
	527, erets_needs_fred,
	.claim =
		"While CR4.FRED is 0 ERETS and ERETU are undefined, and events come through the IDT.",
	.sdm = SDM_ERETS, .needs = HAS_FRED, .rules = {F2})
{
	host(ERETS_NMI);
	expect_exception(UD, HOST, at(ERETS_NMI));
	host(ERETU_NMI);
	expect_exception(UD, HOST, at(ERETU_NMI));
	host_takes_nmi();
	nmis_arrive(1);
	host(ERETS_NMI);
	expect_exception(UD, HOST, at(ERETS_NMI));
	host(IRET);
	expect(NMI, HOST, after(IRET));
	host(IRET);
	expect_host_open();
}

EXPERIMENT(
	528, nested_event_keeps_the_stack_level,
	.claim =
		"At stack level 2 an event with a lower one stays there, on the stack that it finds; "
		"ERETU faults there, ERETS leads back to level 0.",
	.sdm = SDM_LEVELS, .needs = HAS_FRED, .rules = {F6})
{
	use_fred(FRED_HOST);
	set_stack_level(NMI, 2);
	set_stack_level(BP, 1);
	handlers_return(RETURN_BY_RET_AT_LEVEL);
	host_takes_nmi();
	expect_levels(0, 2, 2);
	host(INTN);
	expect(SOFT, HOST, after(INTN));
	expect_levels(2, 2, 0);
	host(INT3);
	expect_exception(BP, HOST, after(INT3));
	expect_levels(2, 2, 0);
	host(ERETU);
	expect_exception(GP, HOST, at(ERETU));
	host(ERETS_NMI, INTN);
	expect(SOFT, HOST, after(INTN));
	expect_levels(0, 0, 0);
	handlers_return(RETURN_BY_ERETS);
	expect_host_open();
}

/* --- 401 to 410 with FRED, where none of the above is that --- */

/* As 406: a vector is no type. */
EXPERIMENT(532, vector_2_is_not_an_nmi_with_fred,
	   .claim = "A fixed IPI with vector 2, should it be delivered, has the frame of an "
		    "interrupt, without bit 18, and blocks nothing.",
	   .sdm = SDM_STACK, .needs = HAS_FRED, .rules = {F1, R5})
{
	use_fred(FRED_HOST);
	nmi_to_self(BY_VECTOR_2);
	if (allow(NMI, HOST, PLACE_ANYWHERE))
		expect_frame(TYPE_EXTERNAL_INTERRUPT, 0, 0);
	host_takes_nmi();
	expect_frame(TYPE_NMI, FRED_SS_NMI, 0);
	host(ERETS_NMI);
	expect_host_open();
}

EXPERIMENT(533, erets_outside_a_handler_unblocks,
	   .claim = "Any ERETS with bit 18 unblocks, as any IRET does without FRED (403): this one "
		    "pops a frame that no event made.",
	   .sdm = SDM_ERETS, .needs = HAS_FRED, .rules = {F2, F3})
{
	use_fred(FRED_HOST);
	host_takes_nmi();
	host(ERETS_NMI);
	expect_host_open();
	host_takes_nmi();
	host(ERETS);
	expect_host_blocked();
	host(ERETS_NMI);
	expect_host_open();
}

EXPERIMENT(534, mov_ss_holds_an_nmi_with_fred,
	   .claim = "While a CPU does MOV SS and NOP by turns, no NMI and no interrupt comes "
		    "between a MOV SS and the next instruction (407).",
	   .sdm = "Masking Exceptions and Interrupts When Switching Stacks",
	   .needs = HAS_FRED | HAS_HELPER, .rules = {R6})
{
	use_fred(FRED_HOST);
	for (unsigned i = 0; i < 32; i++) {
		host(mov_ss_loop(NMI));
		expect_elsewhere(NMI, HOST, after(MOV_SS_LOOP));
		expect_elsewhere(FENCE, HOST, after(MOV_SS_LOOP));
		host(ERETS_NMI);
	}
	expect_host_open();
}

EXPERIMENT(535, debug_trap_comes_before_the_nmi_with_fred,
	   .claim =
		   "After an ERETS with bit 17 and TF, which makes a single-step trap pending, and "
		   "with bit 18, which lets a latched NMI in, the trap is taken first: the NMI "
		   "hits the first instruction of its handler (408). The trap's frame has DR6.",
	   .sdm = "Prioritization of Concurrent Events", .needs = HAS_FRED, .rules = {F1, R7, F2})
{
	use_fred(FRED_HOST);
	host_takes_nmi();
	nmis_arrive(1);
	host(ERETS_TRAP_NMI);
	expect(NMI, HOST, fred_entry(0));
	expect_frame(TYPE_NMI, FRED_SS_NMI, 0);
	expect_exception(DB, HOST, after(ERETS_TRAP_NMI));
	expect_frame(TYPE_EXCEPTION, 0, 0);
	expect_data(DR6_BS, 0);
	expect_host_blocked();
	host(ERETS_NMI);
	expect_host_open();
}

EXPERIMENT(
	536, latched_nmi_comes_after_the_first_erets,
	.claim = "An ERETS that returns to itself, with bit 18, and then on, without: the latched "
		 "NMI comes after the first one (410), and the second leaves it blocking.",
	.sdm = SDM_ERETS, .needs = HAS_FRED, .rules = {F2})
{
	use_fred(FRED_HOST);
	host_takes_nmi();
	nmis_arrive(1);
	host(SELF_ERETS);
	expect(NMI, HOST, at(SELF_ERETS));
	expect_host_blocked();
	host(ERETS_NMI);
	expect_host_open();
}

EXPERIMENT(537, only_eretu_leads_to_ring_3_with_fred,
	   .claim =
		   "With FRED an IRET to ring 3 is a #GP for its selector, and SYSRET is undefined "
		   "and leaves NMIs blocked (402).",
	   .sdm = "IRET/IRETD/IRETQ—Interrupt Return", .needs = HAS_FRED | HAS_SYSENTER,
	   .rules = {F2, R3})
{
	use_fred(FRED_HOST);
	host(RING_3_IRET);
	expect_exception(GP, HOST, at(RING_3_IRET));
	expect_data(0, HOST_CS3 & ~3);
	block_and_latch(RETURN_BY_RET);
	host(SYSRET);
	expect_exception(UD, HOST, at(SYSRET));
	host(ERETS_NMI);
	expect(NMI, HOST, after(ERETS_NMI));
	host(ERETS_NMI);
	expect_host_open();
}
