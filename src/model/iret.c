/* SPDX-License-Identifier: BSD-2-Clause */
/* What IRET does to NMI blocking, and other returns do not. Rules R2, R3, R14, S20. */
#include "model/state.h"

/* S20: a hypervisor below us that intercepts it, to see when NMIs are open again, costs time. */
static void take_time(void)
{
	enum { EXIT_TICKS = 1000 };

	if (!model.timed || !model.blocked)
		return;
	if (broken(hidden_iret_intercept) ||
	    (model.nmis_pending && broken(hidden_iret_intercept_for_two_nmis)))
		model.ticks += EXIT_TICKS;
}

/* R2. S23 leaves it open. */
static bool faulting_iret_unblocks(void)
{
	return model.architecture->faulting_iret_unblocks || chosen(faulting_iret_unmasks_nmis);
}

/* R2, R14: IRET ends blocking, one that faults too. S23 leaves that open. */
void model_iret(bool completes)
{
	take_time();
	if (model_fred_iret_keeps_blocking())
		return;
	if (broken(iret_unblocks_only_in_a_handler))
		return;
	if (model.who == GUEST && model.ring_3 && broken(iret_in_ring_3_does_not_unblock))
		return;
	if (!completes && broken(faulting_iret_keeps_blocking))
		return;
	if (broken(iret_holds_nmis_for_one_instruction))
		model.nmi_late = true;
	if (model.who == GUEST)
		model.architecture->iret(completes);
	else if (completes || faulting_iret_unblocks())
		model.blocked = false;
}

/* R3: nothing else does. */
void model_iret_instead(bool unblocks)
{
	if (unblocks)
		model.blocked = false;
}
