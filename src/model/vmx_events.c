/* SPDX-License-Identifier: BSD-2-Clause */
/* Between two instructions of the guest: what exits, what is delivered, and in which order. */
#include "model/vmx.h"

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

	return leave_if(model.mtf_injected || after_one, EXIT_MTF);
}

/* R41: it has run out at the entry. */
static bool take_timer(void)
{
	bool late = broken(timer_exits_after_an_instruction) && !model.has_moved;
	bool counts = activity() != ACTIVITY_WAIT_FOR_SIPI;

	return leave_if(model_vmx_has(PREEMPTION_TIMER_0) && counts && !late, EXIT_TIMER);
}

/* R39: it ends HLT and shutdown. R44: nothing but a SIPI ends wait-for-SIPI. */
static bool window_may_open(void)
{
	if (activity() == ACTIVITY_SHUTDOWN && broken(nmi_window_does_not_end_shutdown))
		return false;
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

	if (!model_cpu_nmi_is_open())
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

/* R40 */
static bool take_interrupt_window(void)
{
	bool open = model.program[GUEST].interrupts_on && !model.sti && !model.mov_ss &&
		    activity() <= ACTIVITY_HLT;

	return leave_if(model_vmx_has(INTERRUPT_WINDOW_EXITING) && open &&
				!broken(interrupt_window_never_exits),
			EXIT_INTERRUPT_WINDOW);
}

/* It stays pending: the exit does not acknowledge it. RFLAGS.IF does not matter. */
static bool take_interrupt(void)
{
	return leave_if(model_vmx_has(EXTERNAL_INTERRUPT_EXITING) && model.fences_pending &&
				!model.mov_ss && model_cpu_activity_takes_interrupts(),
			EXIT_INTERRUPT);
}

/* R44 */
static bool take_sipi(void)
{
	bool comes = model.sipi_coming && !model.nmis_coming && !model.fence_coming;

	if (activity() != ACTIVITY_WAIT_FOR_SIPI || !comes)
		return false;
	model.sipi_coming = false;
	return leave_if(true, EXIT_SIPI);
}

/* R38 */
bool model_vmx_events_take(void)
{
	if (broken(preemption_timer_before_mtf) && take_timer())
		return true;
	if (take_mtf())
		return true;
	if (broken(nmi_before_the_preemption_timer) && take_nmi())
		return true;
	if (take_timer())
		return true;
	if (broken(interrupt_window_before_the_nmi) && take_interrupt_window())
		return true;
	if (broken(nmi_before_the_nmi_window) && take_nmi())
		return true;
	return take_nmi_window() || take_nmi() || take_interrupt_window() || take_interrupt() ||
	       take_sipi();
}
