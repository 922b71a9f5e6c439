/* SPDX-License-Identifier: BSD-2-Clause */
/* VMX, entries into HLT, shutdown and wait-for-SIPI, and exits out of them. */
#include "experiments/settings.h"
#include "nmi/experiment.h"

#define SDM_ACTIVITY "Activity State"

/* From a blocked host, with one NMI latched. */
static void enter_inactive(uint64_t flags, enum activity activity)
{
	nmis_arrive(1);
	set_guest(flags);
	set_activity(activity);
	enter(NOP);
}

static void latched_nmi_exits(uint64_t flags, enum activity activity)
{
	enter_inactive(flags, activity);
	expect_exit(EXIT_NMI, first(NOP));
	expect_guest(flags);
	expect_activity(activity);
}

static void latched_nmi_is_delivered(enum activity activity)
{
	enter_inactive(0, activity);
	expect(NMI, GUEST, first(NOP));
	expect_guest(BLOCKED_BY_NMI);
}

EXPERIMENT(40, latched_nmi_ends_an_entered_hlt,
	   .claim =
		   "A VM entry into HLT with an NMI latched: (0,0) the guest takes it at the entry "
		   "RIP, (1,0) and (1,1) it exits there, with the activity state HLT.",
	   .sdm = SDM_ACTIVITY, .needs = HAS_VMX | HAS_VIRTUAL_NMIS | HAS_HLT_STATE,
	   .rules = {R26, R43, R15})
{
	host_takes_nmi();
	latched_nmi_is_delivered(ACTIVITY_HLT);
	latched_nmi_exits(NMI_EXITING, ACTIVITY_HLT);
	latched_nmi_exits(EV, ACTIVITY_HLT);
	latched_nmi_exits(EVB, ACTIVITY_HLT);
	host(IRET);
	expect_host_open();
}

/* The active guest comes first: on a machine that delivers no latched NMI to that, an inactive one
 * would sleep for ever. */
EXPERIMENT(50, latched_nmi_ends_an_entered_shutdown,
	   .claim = "A VM entry into shutdown with an NMI latched: as with HLT.",
	   .sdm = SDM_ACTIVITY, .needs = HAS_VMX | HAS_VIRTUAL_NMIS | HAS_SHUTDOWN_STATE,
	   .rules = {R44, R43, R26})
{
	host_takes_nmi();
	latched_nmi_is_delivered(ACTIVITY_ACTIVE);
	latched_nmi_is_delivered(ACTIVITY_SHUTDOWN);
	latched_nmi_exits(NMI_EXITING, ACTIVITY_SHUTDOWN);
	latched_nmi_exits(EV, ACTIVITY_SHUTDOWN);
	latched_nmi_exits(EVB, ACTIVITY_SHUTDOWN);
	host(IRET);
	expect_host_open();
}

/* A fence waits at the entry, the NMI comes only then. */
static void shutdown_until_nmi(uint64_t flags)
{
	set_guest(flags);
	set_activity(ACTIVITY_SHUTDOWN);
	nmis_come_later(1);
	enter(NOP);
}

EXPERIMENT(52, shutdown_holds_maskable_interrupts,
	   .claim = "In shutdown a maskable interrupt is neither delivered (IF=1) nor does it exit "
		    "(with external-interrupt exiting); the NMI that comes after it is, or does.",
	   .sdm = SDM_ACTIVITY, .needs = HAS_VMX | HAS_SHUTDOWN_STATE | HAS_HELPER, .rules = {R44})
{
	host_takes_nmi();
	latched_nmi_is_delivered(ACTIVITY_ACTIVE);
	shutdown_until_nmi(0);
	expect(NMI, GUEST, first(NOP));
	expect_guest(BLOCKED_BY_NMI);
	shutdown_until_nmi(NMI_EXITING | EXTERNAL_INTERRUPT_EXITING);
	expect_exit(EXIT_NMI, first(NOP));
	expect_guest(NMI_EXITING | EXTERNAL_INTERRUPT_EXITING);
	host(IRET);
	expect_host_open();
}

static void wait_for_sipi(uint64_t flags)
{
	sipi_comes_later(0);
	enter_inactive(flags, ACTIVITY_WAIT_FOR_SIPI);
	expect_exit(EXIT_SIPI, first(NOP));
	expect(NMI, HOST, VMEXIT);
	expect_guest(flags);
	expect_activity(ACTIVITY_WAIT_FOR_SIPI);
}

EXPERIMENT(51, wait_for_sipi_holds_a_latched_nmi,
	   .claim = "(0,0), (1,0) and (1,1): in wait-for-SIPI the latched NMI is neither delivered "
		    "nor does it exit; a SIPI exits, and the NMI then hits the open host.",
	   .sdm = SDM_ACTIVITY, .needs = HAS_VMX | HAS_VIRTUAL_NMIS | HAS_SIPI_STATE | HAS_HELPER,
	   .rules = {R44, R43, R17})
{
	host_takes_nmi();
	latched_nmi_is_delivered(ACTIVITY_ACTIVE);
	wait_for_sipi(0);
	wait_for_sipi(NMI_EXITING);
	wait_for_sipi(EV);
	host(IRET);
	expect_host_open();
}

EXPERIMENT(47, nmi_exits_out_of_hlt_save_the_activity_hlt, .claim = "(1,0,0) and (1,1,1): as in 8.",
	   .sdm = "Saving Non-Register State", .needs = HAS_VMX | HAS_VIRTUAL_NMIS | HAS_HELPER,
	   .rules = {R43})
{
	set_guest(NMI_EXITING);
	enter(halt(NMI));
	expect_exit(EXIT_NMI, after(HLT));
	expect_activity(ACTIVITY_HLT);
	host(IRET);
	set_guest(EVB);
	enter(halt(NMI));
	expect_exit(EXIT_NMI, after(HLT));
	expect_activity(ACTIVITY_HLT);
	host(IRET);
	expect_host_open();
}
