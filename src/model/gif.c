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

static void set_virtual(bool on)
{
	model.controls = (model.controls & ~(uint64_t)V_GIF) | (on ? V_GIF : 0);
}

/* S28: with VGIF the guest's are about its own. */
static void set_in_guest(bool on)
{
	bool vgif = model.controls & V_GIF_ENABLE;

	if (vgif && !broken(guests_stgi_is_physical_with_vgif))
		set_virtual(on);
	else if (vgif || !broken(clgi_in_the_guest_is_ignored))
		model.gif = on;
}

void model_gif_set(bool on)
{
	if (model.who == GUEST)
		set_in_guest(on);
	else
		model.gif = on;
	if (model.gif && model.match_held) {
		model.match_held = false;
		deliver_debug_trap();
	}
}
