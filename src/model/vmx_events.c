/* SPDX-License-Identifier: BSD-2-Clause */
/* Between two instructions of the guest: what exits, what is delivered, and in which order. */
#include "model/vmx.h"

#include "x86/trap.h"

static enum activity activity(void)
{
	return model.program[GUEST].activity;
}

static bool leave_if(bool exits, enum exit_reason reason)
{
	if (exits)
		model_vmx_leave(reason, 0);
	return exits;
}

/* R42: an injected MTF exits before any instruction, the control after one, or after an event. */
static bool take_mtf(void)
{
	bool after_one = model_vmx_has(MONITOR_TRAP_FLAG) && model.has_moved &&
			 !broken(mtf_control_is_ignored);

	/* "Pending MTF VM Exits": they end HLT, and wait in the other inactive states. */
	bool inactive = activity() > ACTIVITY_HLT ||
			(activity() == ACTIVITY_HLT && broken(mtf_does_not_end_hlt));

	return leave_if((model.mtf_injected || after_one) && !inactive, EXIT_MTF);
}

/* R41: it has run out at the entry. */
static bool take_timer(void)
{
	bool late = broken(timer_exits_after_an_instruction) && !model.has_moved;
	bool counts = activity() != ACTIVITY_WAIT_FOR_SIPI || broken(timer_ends_wait_for_sipi);

	if (activity() == ACTIVITY_HLT && broken(timer_does_not_end_hlt))
		return false;

	return leave_if(model_vmx_has(PREEMPTION_TIMER_0) && counts && !late, EXIT_TIMER);
}

/* R39: it ends HLT and shutdown. R44: nothing but a SIPI ends wait-for-SIPI. */
static bool window_may_open(void)
{
	if (activity() == ACTIVITY_SHUTDOWN && broken(nmi_window_does_not_end_shutdown))
		return false;
	if (activity() == ACTIVITY_WAIT_FOR_SIPI && broken(windows_end_wait_for_sipi))
		return true;
	return activity() == ACTIVITY_ACTIVE ||
	       (activity() <= ACTIVITY_SHUTDOWN && !broken(nmi_window_does_not_end_hlt));
}

/* R39: with neither virtual-NMI blocking nor blocking by MOV SS. */
bool model_vmx_events_window_is_open(void)
{
	bool virtually = model.virtually_blocked && !broken(nmi_window_ignores_virtual_blocking);
	bool mov_ss = model.mov_ss && !broken(nmi_window_ignores_mov_ss);

	return model_vmx_has(NMI_WINDOW_EXITING) && window_may_open() && !virtually && !mov_ss &&
	       !model.window_late && !broken(nmi_window_never_exits);
}

static bool take_nmi_window(void)
{
	return leave_if(model_vmx_events_window_is_open(), EXIT_NMI_WINDOW);
}

/* R12, R13: NMI exiting decides, and with virtual NMIs nothing else. */
static bool nmi_exits(void)
{
	if (model.virtually_blocked && broken(bit3_blocks_physical_nmis))
		return false;
	return broken(nmis_always_exit) ||
	       (model_vmx_has(NMI_EXITING) && !broken(nmi_exiting_is_ignored));
}

static bool take_nmi(void)
{
	struct model_program *guest = &model.program[GUEST];
	bool exits = model_vmx_has(EXTERNAL_INTERRUPT_EXITING) && model.fences_pending;

	if (!model_cpu_nmi_is_open())
		return false;
	if (broken(interrupt_before_the_nmi) && (exits || model_cpu_fence_is_open()))
		return false;
	if (!nmi_exits()) {
		model_cpu_take_nmi();
		return true;
	}
	/* R43: the HLT is over, as if the NMI had come through the IDT. */
	if (guest->activity == ACTIVITY_HLT && guest->instruction &&
	    broken(nmi_exit_points_to_the_hlt))
		guest->instruction--;
	model.nmis_pending -= !broken(nmi_of_an_exit_stays_pending);
	model_vmx_leave_for_nmi();
	return true;
}

/* R40: it ends HLT, R44: and no other inactive state. */
static bool interrupt_window_may_open(void)
{
	switch (activity()) {
	case ACTIVITY_HLT:
		return !broken(interrupt_window_does_not_end_hlt);
	case ACTIVITY_SHUTDOWN:
		return broken(interrupt_window_ends_shutdown);
	case ACTIVITY_WAIT_FOR_SIPI:
		return broken(windows_end_wait_for_sipi);
	default:
		return true;
	}
}

/* R40 */
static bool interrupt_window_is_open(void)
{
	bool on = model.program[GUEST].interrupts_on || broken(interrupt_window_ignores_if);
	bool sti = model.sti && !broken(interrupt_window_ignores_sti);
	bool mov_ss = model.mov_ss && !broken(interrupt_window_ignores_mov_ss);

	return on && !sti && !mov_ss && interrupt_window_may_open();
}

static bool take_interrupt_window(void)
{
	/* It is looked at after the interrupt: one that does not exit comes when we are done. */
	bool late = model.fences_pending && !model_vmx_has(EXTERNAL_INTERRUPT_EXITING) &&
		    broken(interrupt_before_the_interrupt_window);

	return leave_if(model_vmx_has(INTERRUPT_WINDOW_EXITING) && interrupt_window_is_open() &&
				!late && !broken(interrupt_window_never_exits),
			EXIT_INTERRUPT_WINDOW);
}

/* R44, R49 */
static bool interrupt_may_exit(void)
{
	if (activity() == ACTIVITY_WAIT_FOR_SIPI && broken(interrupt_ends_wait_for_sipi))
		return true;
	if (activity() == ACTIVITY_HLT && broken(interrupt_exit_does_not_end_hlt))
		return false;
	return model_cpu_activity_takes_interrupts();
}

/* R49: it stays pending, the exit does not acknowledge it. RFLAGS.IF does not matter. */
static bool take_interrupt(void)
{
	bool asked = model_vmx_has(EXTERNAL_INTERRUPT_EXITING) && !broken(interrupt_never_exits);
	bool masked = !model.program[GUEST].interrupts_on && broken(interrupt_exit_needs_if);
	bool always =
		broken(interrupt_always_exits) && model.program[GUEST].interrupts_on && !model.sti;
	bool exits = (asked && !masked) || always;

	if (!exits || !model.fences_pending || model.mov_ss || !interrupt_may_exit())
		return false;
	if (model.sti && chosen(sti_holds_interrupt_exits))
		return false;
	if (model_vmx_has(ACKNOWLEDGE_INTERRUPT) && !broken(interrupt_is_not_acknowledged)) {
		model_vmx_leave(EXIT_INTERRUPT, EVENT_INFO(TYPE_EXTERNAL_INTERRUPT, VECTOR_FENCE));
		model.fences_pending--;
		model.fences_in_service++;
		return true;
	}
	model_vmx_leave(EXIT_INTERRUPT, 0);
	if (broken(interrupt_of_an_exit_is_lost)) {
		model.fences_pending--;
		model.fenced++;
	}
	return true;
}

/* R44 */
static bool take_sipi(void)
{
	bool comes = model.sipi_coming && !model.nmis_coming && !model.fences_coming;
	bool waits = activity() == ACTIVITY_WAIT_FOR_SIPI;

	/* R44: it is discarded, there comes another one until the guest exits. */
	if (waits && comes)
		model.sipi_coming = false;
	if (!waits || !comes)
		return false;
	model_vmx_leave(EXIT_SIPI, 0)->qualification =
		broken(sipi_exit_has_no_vector) ? 0 : model.sipi_sent;
	return true;
}

/* R46: pending since before the entry; wait-for-SIPI blocks it. */
static bool take_init(void)
{
	bool open = activity() != ACTIVITY_WAIT_FOR_SIPI || broken(init_ends_wait_for_sipi);

	bool halts = activity() != ACTIVITY_ACTIVE && broken(init_does_not_end_hlt);
	bool late = model.debug_traps && broken(init_after_debug_traps);

	if (!model.init_pending || !open || halts || late || broken(init_never_exits))
		return false;
	model.init_pending = broken(init_of_an_exit_stays_pending);
	return leave_if(true, EXIT_INIT);
}

/* R38: before debug traps. */
bool model_vmx_events_take_first(void)
{
	if (broken(preemption_timer_before_mtf) && take_timer())
		return true;
	if (broken(mtf_before_init) && take_mtf())
		return true;
	if (broken(preemption_timer_before_debug_traps) && model.debug_traps && take_timer())
		return true;
	if (broken(debug_traps_before_mtf) && model.debug_traps)
		return false;
	return take_init() || take_mtf();
}

/* R38 */
bool model_vmx_events_take(void)
{
	if (broken(debug_traps_before_mtf) && take_mtf())
		return true;
	if (broken(nmi_before_the_preemption_timer) && take_nmi())
		return true;
	if (take_timer())
		return true;
	if (broken(interrupt_window_before_the_nmi) && take_interrupt_window())
		return true;
	if (broken(interrupt_before_the_interrupt_window) && !model_cpu_nmi_is_open() &&
	    take_interrupt())
		return true;
	if (broken(nmi_before_the_nmi_window) && take_nmi())
		return true;
	return take_nmi_window() || take_nmi() || take_interrupt_window() || take_interrupt() ||
	       take_sipi();
}
