/* SPDX-License-Identifier: BSD-2-Clause */
/* SVM's global interrupt flag, and what it does to debug exceptions. Rules S1 and S19. */
#include "model/state.h"
#include "x86/trap.h"

static void deliver_debug_trap(void)
{
	model_deliver(model_deliver_exception(VECTOR_DB), RETURN_HERE);
}

/* S1: GIF=0 discards what breakpoint registers match, and does nothing to a trace trap. */
void model_gif_debug_trap(bool match)
{
	bool gif = model.gif || (match && broken(gif_does_not_discard_breakpoints));

	if (gif || (!match && !broken(gif_holds_trace_traps)))
		deliver_debug_trap();
	else if (match)
		model.match_held = broken(gif_holds_breakpoints);
}

/* S19: with VGIF the guest's are about its own. */
void model_gif_set(bool on)
{
	if (model.who == HOST || !(model.controls & V_GIF_ENABLE))
		model.gif = on;
	else
		model.controls = (model.controls & ~(unsigned long)V_GIF) | (on ? V_GIF : 0);
	if (model.gif && model.match_held) {
		model.match_held = false;
		deliver_debug_trap();
	}
}
