/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * 60-68: VMX, maskable interrupts: as exits, in the interrupt window, and held by STI and MOV SS.
 * The interrupt is the fence, which waits in the local APIC when the guest is entered.
 */
#include "experiments/settings.h"
#include "nmi/experiment.h"

#define SDM_CAUSES "Other Causes of VM Exits"
#define SDM_WINDOW "Interrupt-Window Exiting and Virtual-Interrupt Delivery"
#define SDM_SHADOW "Interruptibility State"

#define EXT        EXTERNAL_INTERRUPT_EXITING
#define WINDOW     INTERRUPT_WINDOW_EXITING

static void enter_with_fence(uint64_t flags)
{
	fence_waits();
	set_guest(flags);
	enter(NOP);
}

static void enter_idle_with_fence(uint64_t flags, enum activity activity)
{
	fence_waits();
	set_guest(flags);
	set_idle(activity);
	enter(NOP);
}

EXPERIMENT(
	60, interrupts_exit,
	.claim = "With external-interrupt exiting a waiting interrupt exits at the entry, IF=1 or "
		 "0, and again at the next one: it stays pending.",
	.sdm = SDM_CAUSES, .needs = HAS_VMX, .rules = {R49})
{
	static const uint64_t settings[] = {INTERRUPTS_ON, 0};

	for (unsigned i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		enter_with_fence(EXT | settings[i]);
		expect_exit(EXIT_INTERRUPT, first(NOP));
		expect_guest(EXT);
		resume();
		expect_exit(EXIT_INTERRUPT, first(NOP));
	}
}

EXPERIMENT(61, interrupts_without_exiting_need_if,
	   .claim = "Without external-interrupt exiting an interrupt goes through the guest's IDT "
		    "with IF=1, and waits with IF=0.",
	   .sdm = SDM_CAUSES, .needs = HAS_VMX, .rules = {R49})
{
	enter_with_fence(INTERRUPTS_ON);
	expect(FENCE, GUEST, first(NOP));
	expect_guest(0);
	enter_with_fence(0);
	expect_guest(0);
}

EXPERIMENT(62, interrupts_exit_out_of_hlt,
	   .claim = "An interrupt exits out of an entered HLT, with IF=1 and 0, and out of an "
		    "executed one; the saved activity state is HLT.",
	   .sdm = SDM_CAUSES, .needs = HAS_VMX | HAS_HLT_STATE | HAS_HELPER, .rules = {R49})
{
	static const uint64_t settings[] = {INTERRUPTS_ON, 0};

	for (unsigned i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		enter_idle_with_fence(EXT | settings[i], ACTIVITY_HLT);
		expect_exit(EXIT_INTERRUPT, first(NOP));
		expect_activity(ACTIVITY_HLT);
	}
	set_guest(EXT);
	enter(halt());
	expect_exit(EXIT_INTERRUPT, after(HLT));
	expect_activity(ACTIVITY_HLT);
}

EXPERIMENT(63, an_exit_can_acknowledge_its_interrupt,
	   .claim =
		   "With \"acknowledge interrupt on exit\" the exit says the vector, the interrupt "
		   "is in service, and comes no more.",
	   .sdm = "VM-Exit Controls", .needs = HAS_VMX | HAS_ACKNOWLEDGE, .rules = {R49})
{
	enter_with_fence(EXT | ACKNOWLEDGE_INTERRUPT | INTERRUPTS_ON);
	expect_exit(EXIT_INTERRUPT, first(NOP));
	expect_acknowledged_fence();
	resume();
	expect_guest(EXT | ACKNOWLEDGE_INTERRUPT);
}

static void window_opens_after_one(uint64_t shadow)
{
	set_guest(WINDOW | shadow | INTERRUPTS_ON);
	enter(NOP, NOP);
	expect_exit(EXIT_INTERRUPT_WINDOW, after(NOP));
	expect_guest(WINDOW);
}

EXPERIMENT(64, interrupt_window_needs_if_and_no_shadow,
	   .claim = "The interrupt window is closed with IF=0, and for one instruction by the STI "
		    "bit, the MOV SS bit and the guest's own STI.",
	   .sdm = SDM_WINDOW, .needs = HAS_VMX | HAS_INTERRUPT_WINDOW, .rules = {R40, R23})
{
	set_guest(WINDOW);
	enter(NOP);
	expect_guest(WINDOW);
	window_opens_after_one(BLOCKED_BY_STI);
	window_opens_after_one(BLOCKED_BY_MOV_SS);
	set_guest(WINDOW);
	enter(STI, NOP);
	expect_exit(EXIT_INTERRUPT_WINDOW, first(NOP));
	expect_guest(WINDOW);
}

EXPERIMENT(65, interrupt_window_ends_hlt,
	   .claim = "The interrupt-window exit comes out of an entered HLT and out of an executed "
		    "one, and saves the activity state HLT.",
	   .sdm = SDM_WINDOW, .needs = HAS_VMX | HAS_INTERRUPT_WINDOW | HAS_HLT_STATE | HAS_HELPER,
	   .rules = {R40})
{
	set_guest(WINDOW | INTERRUPTS_ON);
	set_idle(ACTIVITY_HLT);
	enter(NOP);
	expect_exit(EXIT_INTERRUPT_WINDOW, first(NOP));
	expect_activity(ACTIVITY_HLT);
	set_guest(WINDOW);
	enter(halt());
	expect_exit(EXIT_INTERRUPT_WINDOW, after(HLT));
	expect_activity(ACTIVITY_HLT);
}

EXPERIMENT(66, interrupt_window_does_not_end_shutdown,
	   .claim = "With IF=1 in shutdown the interrupt window does not open: the NMI that comes "
		    "later exits.",
	   .sdm = SDM_WINDOW,
	   .needs = HAS_VMX | HAS_INTERRUPT_WINDOW | HAS_SHUTDOWN_STATE | HAS_HELPER,
	   .rules = {R40, R44})
{
	set_guest(WINDOW | NMI_EXITING | INTERRUPTS_ON);
	set_idle(ACTIVITY_SHUTDOWN);
	nmis_come_later(1);
	enter(NOP);
	expect_exit(EXIT_NMI, first(NOP));
	expect_activity(ACTIVITY_SHUTDOWN);
	host(IRET);
}

EXPERIMENT(67, interrupt_window_comes_before_an_interrupt,
	   .claim = "With IF=1 and an interrupt waiting the window's exit is first, with "
		    "external-interrupt exiting and without.",
	   .sdm = SDM_WINDOW, .needs = HAS_VMX | HAS_INTERRUPT_WINDOW, .rules = {R38, R40})
{
	enter_with_fence(WINDOW | EXT | INTERRUPTS_ON);
	expect_exit(EXIT_INTERRUPT_WINDOW, first(NOP));
	expect_guest(WINDOW | EXT);
	enter_with_fence(WINDOW | INTERRUPTS_ON);
	expect_exit(EXIT_INTERRUPT_WINDOW, first(NOP));
	expect_guest(WINDOW);
}

EXPERIMENT(68, shadows_hold_an_interrupt_for_one_instruction,
	   .claim = "The STI bit and the MOV SS bit hold a waiting interrupt for exactly one "
		    "instruction, as the guest's own STI does.",
	   .sdm = SDM_SHADOW, .needs = HAS_VMX, .rules = {R23})
{
	enter_with_fence(BLOCKED_BY_STI | INTERRUPTS_ON);
	expect(FENCE, GUEST, after(NOP));
	enter_with_fence(BLOCKED_BY_MOV_SS | INTERRUPTS_ON);
	expect(FENCE, GUEST, after(NOP));
	fence_waits();
	set_guest(0);
	enter(STI, NOP);
	expect(FENCE, GUEST, first(NOP));
	expect_guest(0);
}
