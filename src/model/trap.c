/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug traps: RFLAGS.TF, and data breakpoints. Rules R6 and R7. */
#include "model/state.h"
#include "x86/registers.h"
#include "x86/trap.h"

/* R6; R45: MOV SS blocking that the entry loaded. */
static bool is_held(void)
{
	bool loaded = model.who == GUEST && !model.has_moved;

	return model.mov_ss && !broken(mov_ss_does_not_hold_debug_traps) &&
	       !(loaded && broken(mov_ss_bit_does_not_hold_debug_traps));
}

/* R6: what MOV SS holds comes after the next instruction, with what that one has itself. */
void model_trap_after(bool traps_on, bool match)
{
	unsigned traps = (traps_on ? DR6_BS : 0) | (match ? DR6_B0 : 0);

	if (model.mov_ss && broken(debug_trap_under_mov_ss_is_lost))
		return;
	model.debug_traps |= model_gif_lets_through(traps);
}

/* R7: debug traps come before NMIs. */
bool model_trap_take(void)
{
	unsigned traps = model.debug_traps;

	if (!traps || is_held() || (broken(nmi_before_debug_traps) && model_cpu_nmi_is_open()))
		return false;
	/* R6: one exception for all of them. */
	bool two = traps == (DR6_BS | DR6_B0) && broken(debug_traps_are_not_merged);
	model.error = two ? DR6_B0 : traps;
	model.debug_traps = two ? DR6_BS : 0;
	if (model.who == GUEST && model.architecture->debug_trap_exits &&
	    model.architecture->debug_trap_exits(model.error))
		return true;
	model_deliver(model_deliver_exception(VECTOR_DB), RETURN_HERE);
	return true;
}
