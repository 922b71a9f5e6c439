/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug traps of the host's instructions: RFLAGS.TF. Rules R6 and R7. */
#include "model/state.h"
#include "x86/trap.h"

/* R6: one that MOV SS holds is gone; with TF set the next instruction has its own. */
void model_trap_after(bool traps_on)
{
	bool held = model.mov_ss && !broken(mov_ss_does_not_hold_debug_traps);

	model.debug_trap = traps_on && model.who == HOST && !held;
}

/* R7: debug traps come before NMIs. */
bool model_trap_take(void)
{
	if (!model.debug_trap || (broken(nmi_before_debug_traps) && model_cpu_nmi_is_open()))
		return false;
	model.debug_trap = false;
	model_deliver(model_deliver_exception(VECTOR_DB), RETURN_HERE);
	return true;
}
