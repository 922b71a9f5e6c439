/* SPDX-License-Identifier: BSD-2-Clause */
/* SVM, IRET, invalid VMRUNs, shadows, virtual interrupts, what VMRUN reads and exits save.
 */
#include "nmi/experiment.h"

#define APM_GIF       "Global Interrupt Flag, STGI and CLGI Instructions"
#define APM_INJECT    "Event Injection"

#define RESERVED_TYPE 1

EXPERIMENT(131, latched_nmi_comes_after_the_first_of_two_irets,
	   .claim = "An IRET that returns to itself: the latched NMI comes after the first one.",
	   .apm = "Non-Maskable Interrupt Exception (Vector 2)", .needs = HAS_SVM | HAS_HELPER,
	   .rules = {R2})
{
	set_guest(0);
	enter(halt(NMI), halt(NMI), SELF_IRET);
	expect(NMI, GUEST, after(HLT));
	expect(FENCE, GUEST, after(HLT));
	expect(FENCE, GUEST, after(HLT));
	expect(NMI, GUEST, at(SELF_IRET));
	host(STGI);
	expect_host_open();
}

EXPERIMENT(132, invalid_vmrun_keeps_gif_clear,
	   .claim = "A VMRUN that ends in VMEXIT_INVALID leaves GIF 0, EXITINTINFO not valid, and "
		    "the NMI that GIF held is held still.",
	   .apm = APM_INJECT, .needs = HAS_SVM, .rules = {S9, S2})
{
	host(CLGI);
	nmis_arrive(1);
	set_guest(INTERCEPT_NMI);
	inject_software(RESERVED_TYPE, IRQ, 0);
	enter(NOP);
	expect_exit(EXIT_INVALID, PLACE_ANYWHERE);
	host(NOP);
	host(STGI);
	expect(NMI, HOST, after(STGI));
	host(IRET, NOP);
	expect_host_open();
}

static bool is_exception(unsigned vector)
{
	return vector < 20 && vector != 2 && vector != 9 && vector != 15;
}

static bool has_error_code(unsigned vector)
{
	return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17;
}

/* S9: 1 it is legal, 0 it is not, -1 the APM does not say (or our handlers could not tell). */
static int injection_is_legal(unsigned type, unsigned vector)
{
	switch (type) {
	case TYPE_EXTERNAL_INTERRUPT:
		return vector >= 32 ? 1 : -1;
	case TYPE_NMI:
		return 1;
	case TYPE_EXCEPTION:
		/* INT3 and INTO need nRIP; INTO and BOUND do not exist in 64-bit mode. */
		if (vector >= 3 && vector <= 5)
			return -1;
		return is_exception(vector) ? 1 : vector == 2 || vector >= 32 ? 0 : -1;
	case TYPE_SOFTWARE_INTERRUPT:
		return -1; /* needs nRIP: see 203 */
	default:
		return 0;
	}
}

EXPERIMENT(133, vmrun_checks_what_it_injects,
	   .claim = "VMRUN refuses reserved types, and exceptions with a vector that is none.",
	   .apm = APM_INJECT, .needs = HAS_SVM, .rules = {S9})
{
	for (unsigned type = 0; type < 8; type++)
		for (unsigned vector = 0; vector < 256; vector++) {
			bool code = type == TYPE_EXCEPTION && has_error_code(vector);
			int legal = injection_is_legal(type, vector);
			if (legal < 0)
				continue;
			bool entered = try_injection(type, vector, code);
			expect_case(entered == legal, "type %u vector %u: %s", type, vector,
				    entered ? "entered" : "refused");
		}
}

EXPERIMENT(172, exception_that_the_mode_does_not_have_is_refused,
	   .claim = "#BR cannot be injected in 64-bit mode, which has no BOUND: VMEXIT_INVALID. In "
		    "32-bit mode the guest gets it.",
	   .apm = "Event Injection", .needs = HAS_SVM, .rules = {S9})
{
	set_guest(0);
	inject(BR);
	enter(NOP);
	if (virt_features & HAS_64_BIT)
		expect_exit(EXIT_INVALID, PLACE_ANYWHERE);
	else
		expect_exception(BR, GUEST, first(NOP));
}

EXPERIMENT(134, gif_0_holds_nmis_and_no_trace_trap,
	   .claim =
		   "While GIF is 0 a trace trap is taken as ever, and of the NMIs that come before "
		   "it and after it one is held: STGI and VMRUN let it in right after themselves.",
	   .apm = APM_GIF, .needs = HAS_SVM, .rules = {S1, R4, S2})
{
	host(CLGI);
	nmis_arrive(1);
	host(TRAPPED_NOP);
	expect_exception(DB, HOST, after(TRAPPED_NOP));
	nmis_arrive(1);
	host(NOP);
	host(STGI);
	expect(NMI, HOST, after(STGI));
	host(IRET, NOP);
	host(CLGI);
	nmis_arrive(2);
	host(TRAPPED_NOP);
	expect_exception(DB, HOST, after(TRAPPED_NOP));
	set_guest(0);
	enter(NOP, IRET, NOP);
	expect(NMI, GUEST, first(NOP));
	host(STGI);
	expect_host_open();
}

EXPERIMENT(135, physical_mask_across_vmrun,
	   .claim = "Open: does VMRUN unmask NMIs, does a masked NMI exit, does a faulting IRET "
		    "unmask?",
	   .apm = "NMI Intercept", .needs = HAS_SVM, .rules = {S22, S23, S24})
{
	host_takes_nmi();
	nmis_arrive(1);
	set_guest(0);
	enter(NOP, IRET, NOP);
	record_next();
	forget();
	host(STGI, IRET, IRET);
	host_takes_nmi();
	nmis_arrive(1);
	set_guest(INTERCEPT_NMI);
	enter(NOP);
	record_next();
	forget();
	host(STGI, IRET, IRET);
	forget();
	host_takes_nmi();
	nmis_arrive(1);
	host(BAD_IRET);
	record_next();
	forget();
	host(IRET, IRET);
	forget();
}

EXPERIMENT(136, shadow_holds_a_virtual_interrupt,
	   .claim =
		   "A virtual interrupt is taken before the first instruction, and after it in the "
		   "interrupt shadow. Whether the shadow holds an NMI is recorded.",
	   .apm = "Interrupt Shadows", .needs = HAS_SVM, .rules = {S13, S14})
{
	set_guest(V_IRQ | INTERRUPTS_ON);
	enter(NOP);
	expect(IRQ, GUEST, first(NOP));
	expect_guest(0);
	set_guest(V_IRQ | INTERRUPT_SHADOW | INTERRUPTS_ON);
	enter(NOP);
	expect(IRQ, GUEST, after(NOP));
	expect_guest(0);
	nmis_arrive(1);
	set_guest(INTERRUPT_SHADOW);
	enter(NOP, IRET);
	record_next();
	host(STGI);
	expect_host_open();
}

EXPERIMENT(137, physical_events_come_before_the_virtual_interrupt,
	   .claim = "With a virtual interrupt pending an NMI comes first, and a physical interrupt "
		    "does; its intercept exits and leaves it pending.",
	   .apm = "Virtual Interrupts", .needs = HAS_SVM, .rules = {S14})
{
	host(CLGI);
	nmis_arrive(1);
	set_guest(V_IRQ | INTERRUPTS_ON);
	enter(NOP, IRET);
	expect(NMI, GUEST, first(NOP));
	expect_guest(V_IRQ);
	host(STGI);
	host(CLGI);
	nmis_arrive(0);
	set_guest(V_IRQ | INTERRUPTS_ON);
	enter(NOP);
	expect(FENCE, GUEST, first(NOP));
	expect_guest(V_IRQ);
	set_guest(V_IRQ | INTERCEPT_VINTR | INTERRUPTS_ON);
	enter(NOP);
	expect_exit(EXIT_VINTR, first(NOP));
	expect_guest(V_IRQ | INTERCEPT_VINTR);
	host(STGI);
	expect_host_open();
}

EXPERIMENT(138, nrip_is_saved_for_instructions_only,
	   .claim = "nRIP is the next instruction after VMMCALL's and an intercepted INT3's exit, "
		    "and 0 after an NMI's, a fault's and a nested page fault's.",
	   .apm = "State Saved on Exit", .needs = HAS_SVM | HAS_NRIPS | HAS_NESTED_PAGING,
	   .rules = {S12})
{
	set_guest(0);
	enter(NOP);
	expect_exit(EXIT_HYPERCALL, at(HYPERCALL));
	expect_length(3);
	set_guest(INTERCEPT_BP);
	enter(INT3);
	expect_exit(EXIT_EXCEPTION, at(INT3));
	expect_length(1);

	nmis_arrive(1);
	set_guest(INTERCEPT_NMI);
	enter(NOP);
	expect_exit(EXIT_NMI, first(NOP));
	expect_no_length();
	host(STGI);
	expect(NMI, HOST, after(STGI));
	host(IRET);

	set_guest(INTERCEPT_GP);
	enter(BAD_SELECTOR);
	expect_fault_exit(GP, at(BAD_SELECTOR), false);
	expect_no_length();
	unmap(GUEST_IDT);
	set_guest(NESTED_PAGING);
	inject(IRQ);
	enter(NOP);
	expect_nested_fault(GUEST_IDT, first(NOP), EVENT_INFO(TYPE_EXTERNAL_INTERRUPT, IRQ));
	expect_no_length();
}

EXPERIMENT(
	139, clean_bits_do_not_cover_eventinj,
	.claim = "EVENTINJ is read although all clean bits are set, V_IRQ when its own is clear.",
	.apm = "VMCB Clean Field", .needs = HAS_SVM | HAS_CLEAN_BITS, .rules = {S21})
{
	set_guest(0);
	enter(NOP);
	set_guest(0);
	set_clean(CLEAN_ALL);
	inject(IRQ);
	enter(NOP);
	expect(IRQ, GUEST, first(NOP));
	set_guest(V_IRQ | INTERRUPTS_ON);
	set_clean(CLEAN_ALL & ~CLEAN_TPR);
	enter(NOP);
	expect(IRQ, GUEST, first(NOP));
}

EXPERIMENT(140, clean_bits_do_not_cover_the_shadow,
	   .claim = "INTERRUPT_SHADOW is read although all clean bits but V_IRQ's are set.",
	   .apm = "VMCB Clean Field", .needs = HAS_SVM | HAS_CLEAN_BITS, .rules = {S21, S13})
{
	set_guest(0);
	enter(NOP);
	set_guest(V_IRQ | INTERRUPT_SHADOW | INTERRUPTS_ON);
	set_clean(CLEAN_ALL & ~CLEAN_TPR);
	enter(NOP);
	expect(IRQ, GUEST, after(NOP));
}

EXPERIMENT(141, exception_intercept_of_vector_2,
	   .claim = "Open: what does bit 2 of the exception intercepts do to an NMI?",
	   .apm = "Vector 2 (Reserved)", .needs = HAS_SVM, .rules = {S4})
{
	host(CLGI);
	nmis_arrive(1);
	set_guest(INTERCEPT_VECTOR_2);
	enter(NOP, IRET);
	record_next();
	forget();
	host(STGI, IRET, IRET);
	forget();
}

EXPERIMENT(142, breakpoints_are_discarded_while_gif_is_0,
	   .claim = "What a breakpoint register matches traps while GIF is 1, and while it is 0 is "
		    "discarded: STGI brings nothing.",
	   .apm = APM_GIF, .needs = HAS_SVM, .rules = {S1})
{
	host(WATCHED_WRITE);
	expect_exception(DB, HOST, after(WATCHED_WRITE));
	host(CLGI, WATCHED_WRITE, NOP);
	host(STGI, NOP);
	host(WATCHED_WRITE);
	expect_exception(DB, HOST, after(WATCHED_WRITE));
}

EXPERIMENT(147, shadow_is_saved,
	   .claim = "INTERRUPT_SHADOW is loaded and lasts until an instruction has been executed: "
		    "an exit before that saves it, one after that does not. What is saved when the "
		    "delivery of an injected event exits is recorded.",
	   .apm = "Interrupt Shadows", .needs = HAS_SVM | HAS_NESTED_PAGING, .rules = {S13})
{
	set_guest(INTERRUPT_SHADOW);
	enter();
	expect_guest(INTERRUPT_SHADOW);
	set_guest(INTERRUPT_SHADOW);
	enter(NOP);
	expect_guest(0);
	unmap(GUEST_IDT);
	set_guest(INTERRUPT_SHADOW | NESTED_PAGING);
	inject(UD);
	enter(NOP);
	expect_nested_fault(GUEST_IDT, first(NOP), EVENT_INFO(TYPE_EXCEPTION, UD));
	record_guest(INTERRUPT_SHADOW);
}

EXPERIMENT(167, irets_of_ring_3_unblock_in_a_guest,
	   .claim = "In the guest an IRET to ring 3 unblocks NMIs, and so does one in ring 3.",
	   .apm = "Non-Maskable Interrupt Exception (Vector 2)", .needs = HAS_SVM | HAS_HELPER,
	   .rules = {R2})
{
	set_guest(0);
	enter(halt(NMI));
	expect(NMI, GUEST, after(HLT));
	expect(FENCE, GUEST, after(HLT));
	nmis_arrive(1);
	set_guest(0);
	enter(RING_3_IRET);
	expect(NMI, GUEST, after(RING_3_IRET));
	nmis_arrive(1);
	set_guest(RING_3);
	enter(IRET, NOP);
	expect(NMI, GUEST, after(IRET));
	host(IRET, STGI);
	expect_host_open();
}
