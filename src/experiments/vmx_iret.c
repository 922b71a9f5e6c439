/* SPDX-License-Identifier: BSD-2-Clause */
/* VMX, an IRET that faults: what it has unblocked, and what its exit says of that.
 */
#include "experiments/settings.h"
#include "nmi/experiment.h"

#define SDM_FAULTS "Information for VM Exits Due to Vectored Events"

EXPERIMENT(31, a_fault_that_is_no_irets_reports_no_unblocking,
	   .claim = "A fault of MOV FS exits with \"NMI unblocking due to IRET\" clear, blocked or "
		    "virtually blocked.",
	   .sdm = SDM_FAULTS, .needs = HAS_VMX | HAS_VIRTUAL_NMIS, .rules = {R37})
{
	set_guest(EVB | INTERCEPT_GP);
	enter(BAD_SELECTOR);
	expect_fault_exit(GP, at(BAD_SELECTOR), false);
	expect_guest(EVB | INTERCEPT_GP);
	set_guest(BLOCKED_BY_NMI | INTERCEPT_GP);
	enter(BAD_SELECTOR);
	expect_fault_exit(GP, at(BAD_SELECTOR), false);
	expect_guest(BLOCKED_BY_NMI | INTERCEPT_GP);
	host(IRET);
	expect_host_open();
}

/* From a blocked host; after (0,0) and (1,0) the host is blocked again. The latched NMI hits the
 * fault's handler. */
static void fault_is_delivered(enum step iret, unsigned vector)
{
	nmis_arrive(1);
	set_guest(BLOCKED_BY_NMI);
	enter(iret);
	expect(NMI, GUEST, handler(vector));
	expect_exception(vector, GUEST, at(iret));
	expect_guest(BLOCKED_BY_NMI);

	set_guest(EB);
	enter(iret);
	expect_exception(vector, GUEST, at(iret));
	expect_guest(EB);
	expect_host_blocked();
	host(IRET);

	set_guest(EVB);
	enter(iret);
	expect_exception(vector, GUEST, at(iret));
	expect_guest(EV);
	expect_host_open();
}

/* From a blocked host, to an open one. The latched NMI hits the host. With (1,0) the manual leaves
 * open whether the exit says that the IRET unblocked; it did not. */
static void fault_exits(enum step iret, unsigned vector, uint64_t intercept)
{
	nmis_arrive(1);
	set_guest(BLOCKED_BY_NMI | intercept);
	enter(iret);
	expect_fault_exit(vector, at(iret), true);
	expect(NMI, HOST, VMEXIT);
	expect_guest(intercept);

	set_guest(EB | intercept);
	enter(iret);
	expect_exit(EXIT_EXCEPTION, at(iret));
	expect_guest(EB | intercept);
	expect_host_blocked();
	host(IRET);

	set_guest(EVB | intercept);
	enter(iret);
	expect_fault_exit(vector, at(iret), true);
	expect_guest(EV | intercept);
	expect_host_open();

	set_guest(EV | intercept);
	enter(iret);
	expect_fault_exit(vector, at(iret), false);
	expect_guest(EV | intercept);
	expect_host_open();
}

EXPERIMENT(
	32, faulting_iret_unblocks,
	.claim = "An IRET that faults with #GP has unblocked: (0,0) NMIs, (1,1) virtual NMIs, "
		 "(1,0) nothing; the exit of its fault says so, and the latched NMI comes at once.",
	.sdm = SDM_FAULTS, .needs = HAS_VMX | HAS_VIRTUAL_NMIS, .rules = {R2, R14, R37})
{
	host_takes_nmi();
	fault_is_delivered(BAD_IRET, GP);
	host_takes_nmi();
	fault_exits(BAD_IRET, GP, INTERCEPT_GP);
}

/* On the stack that an IRET cannot read #SS cannot be delivered either. */
EXPERIMENT(
	53, iret_that_faults_with_ss_unblocks,
	.claim =
		"An IRET that faults because it cannot pop (#SS, intercepted) has unblocked NMIs, or "
		"virtual NMIs with (1,1), or nothing with (1,0).",
	.sdm = SDM_FAULTS, .needs = HAS_VMX | HAS_VIRTUAL_NMIS, .rules = {R2, R14, R37})
{
	host_takes_nmi();
	fault_exits(SS_IRET, SS, INTERCEPT_SS);
}

EXPERIMENT(
	54, iret_that_faults_with_pf_unblocks,
	.claim =
		"An IRET whose code segment's descriptor is not mapped (#PF) has unblocked NMIs, or "
		"virtual NMIs with (1,1), or nothing with (1,0).",
	.sdm = SDM_FAULTS, .needs = HAS_VMX | HAS_VIRTUAL_NMIS, .rules = {R2, R14, R37})
{
	host_takes_nmi();
	fault_is_delivered(PF_IRET, PF);
	host_takes_nmi();
	fault_exits(PF_IRET, PF, INTERCEPT_PF);
}

static void iret_violates_ept(uint64_t flags, uint64_t saved)
{
	set_guest(flags | NESTED_PAGING);
	enter(LDT_IRET);
	expect_nested_fault(GUEST_LDT, at(LDT_IRET), 0);
	if (flags == BLOCKED_BY_NMI)
		expect(NMI, HOST, VMEXIT);
	expect_guest(saved | NESTED_PAGING);
}

EXPERIMENT(
	55, iret_that_violates_ept_unblocks,
	.claim =
		"An IRET whose code segment's descriptor EPT has not has unblocked as any other that "
		"faults, and the exit qualification says so.",
	.sdm = "Exit Qualification for EPT Violations",
	.needs = HAS_VMX | HAS_VIRTUAL_NMIS | HAS_NESTED_PAGING, .rules = {R37, R14, R2})
{
	unmap(GUEST_LDT);
	host_takes_nmi();
	nmis_arrive(1);
	iret_violates_ept(BLOCKED_BY_NMI, 0);
	expect_unblocked(true);
	iret_violates_ept(EB, EB);
	expect_host_blocked();
	host(IRET);
	iret_violates_ept(EVB, EV);
	expect_unblocked(true);
	expect_host_open();
	iret_violates_ept(EV, EV);
	expect_unblocked(false);
	expect_host_open();
}
