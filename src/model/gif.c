/* SPDX-License-Identifier: BSD-2-Clause */
/* SVM's global interrupt flag, and what it does to debug exceptions. Rules S1 and S19. */
#include "model/state.h"
#include "x86/registers.h"

/* S1: GIF=0 discards what breakpoint registers match, and does nothing to a trace trap. */
unsigned model_gif_lets_through(unsigned traps)
{
	if (model.gif)
		return traps;
	if (broken(gif_holds_trace_traps))
		traps &= ~DR6_BS;
	if (!(traps & DR6_B0) || broken(gif_does_not_discard_breakpoints))
		return traps;
	model.match_held = broken(gif_holds_breakpoints);
	return traps & ~DR6_B0;
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
		model.debug_traps |= DR6_B0;
	}
}
