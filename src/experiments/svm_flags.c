/* SPDX-License-Identifier: BSD-2-Clause */
/* SVM, TF and RF of host and guest across VMRUN. */
#include "nmi/experiment.h"

#define APM_FLAGS "VMRUN and TF/RF Bits in EFLAGS"

EXPERIMENT(174, single_stepped_vmrun_traps_after_the_exit,
	   .claim = "With TF set in the host VMRUN traps once it has ended, at the host's first "
		    "instruction after the #VMEXIT, whatever the exit; the guest does not see it.",
	   .apm = APM_FLAGS, .needs = HAS_SVM, .rules = {S27})
{
	set_guest(HOST_TRAPS_ON);
	enter(NOP, NOP);
	expect_exit(EXIT_HYPERCALL, at(HYPERCALL));
	expect_exception(DB, HOST, VMEXIT);
	host(CLGI);
	nmis_arrive(1);
	set_guest(HOST_TRAPS_ON | INTERCEPT_NMI);
	enter(NOP);
	expect_exit(EXIT_NMI, first(NOP));
	expect_exception(DB, HOST, VMEXIT);
	host(STGI);
	expect(NMI, HOST, after(STGI));
	host(IRET);
	expect_host_open();
}

EXPERIMENT(175, guests_rf_is_for_its_first_instruction,
	   .claim = "A breakpoint at the guest's first instruction matches there with RF=0; with "
		    "RF=1 it does not, but the next time that instruction is reached.",
	   .apm = APM_FLAGS, .needs = HAS_SVM, .rules = {S27})
{
	set_guest(BREAKPOINT_AT_ENTRY);
	enter(NOP);
	expect_exception(DB, GUEST, first(NOP));
	set_guest(BREAKPOINT_AT_ENTRY | RESUME_FLAG);
	enter(NOP, INT2, NOP);
	expect(NMI, GUEST, after(INT2));
	expect_exception(DB, GUEST, first(NOP));
}

EXPERIMENT(176, guests_rf_survives_an_exit,
	   .claim = "RF is saved by an exit before the guest's first instruction: entered again, "
		    "the guest executes that without a match.",
	   .apm = APM_FLAGS, .needs = HAS_SVM, .rules = {S27})
{
	host(CLGI);
	nmis_arrive(1);
	set_guest(INTERCEPT_NMI | RESUME_FLAG);
	enter(NOP, INT2, NOP);
	expect_exit(EXIT_NMI, first(NOP));
	host(STGI);
	expect(NMI, HOST, after(STGI));
	host(IRET);
	set_guest(BREAKPOINT_AT_ENTRY);
	resume();
	expect(NMI, GUEST, after(INT2));
	expect_exception(DB, GUEST, first(NOP));
	host(STGI);
	expect_host_open();
}

EXPERIMENT(182, guests_tf_traps_after_its_first_instruction,
	   .claim = "With TF in the guest's RFLAGS its first instruction traps, after it, with BS "
		    "in DR6 and RF clear; the host does not trap.",
	   .apm = APM_FLAGS, .needs = HAS_SVM, .rules = {S27, R7, R10})
{
	set_guest(0);
	set_traps_on();
	enter(NOP, NOP);
	expect_exception(DB, GUEST, after(NOP));
	expect_pushed_error(DR6_BS);
	expect_pushed_resume_flag(false);
	host(STGI);
	expect_host_open();
}
