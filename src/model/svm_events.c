/* SPDX-License-Identifier: BSD-2-Clause */
/* What happens between two instructions of the guest. Rules S3, S14-S18, S25-S29. Twin of
 * vmx_events.c. */
#include "model/svm.h"

#include "model/vnmi.h"
#include "x86/trap.h"

static bool has(uint64_t flag)
{
	return model_svm_has(flag);
}

/* S24 is open: a masked one too, or not. */
static bool nmi_may_exit(void)
{
	bool blocked = model.blocked, open;

	model.blocked &= !(has(INTERCEPT_NMI) && chosen(masked_nmi_exits));
	open = model_cpu_nmi_is_open();
	model.blocked = blocked;
	return open;
}

/* S4 is open. */
static bool nmi_exits_as_an_exception(void)
{
	if (!has(INTERCEPT_VECTOR_2) || !model_cpu_nmi_is_open() ||
	    !chosen(vector_2_intercept_exits))
		return false;
	model.nmis_pending--;
	model_svm_leave_for_exception(VECTOR_NMI);
	return true;
}

/* S3: with the intercept an open NMI exits, and stays pending. */
static bool nmi_exits(void)
{
	bool intercepted = has(INTERCEPT_NMI) && !broken(nmi_intercept_is_ignored);

	if (!nmi_may_exit() || !(intercepted || broken(nmi_is_always_intercepted)))
		return false;
	model_svm_leave(EXIT_NMI, 0);
	if (broken(intercepted_nmi_is_consumed))
		model.nmis_pending--;
	return true;
}

/* S15: the intercept is for physical NMIs. */
static bool take_virtual_nmi(void)
{
	if (!model_vnmi_is_open())
		return false;
	if (broken(nmi_intercept_sees_virtual_nmis))
		model_svm_leave(EXIT_NMI, 0);
	else
		model_vnmi_take();
	return true;
}

/* S25: with V_INTR_MASKING the host's IF masks physical interrupts, the guest's virtual ones only.
 */
bool model_svm_interrupts_on(void)
{
	bool guest = model.program[GUEST].interrupts_on;
	bool halts = model.program[GUEST].activity == ACTIVITY_HLT;

	if (model.nmi_late && broken(eventinj_holds_interrupts_for_one_instruction))
		return false;
	if (halts && has(INTERCEPT_INTR) && broken(intercepted_interrupt_does_not_end_hlt))
		return false;
	if (!model_vnmi_gif() && broken(vgif_0_holds_physical_interrupts))
		return false;
	if (model.tpr == 15 && broken(v_tpr_holds_physical_interrupts))
		return false;
	if (!has(V_INTR_MASKING) || broken(v_intr_masking_is_ignored))
		return broken(host_if_masks_without_v_intr_masking) ? model.host_interrupts_on
								    : guest;
	if (broken(v_intr_masking_opens_physical_interrupts))
		return true;
	return model.host_interrupts_on && (guest || !broken(v_intr_masking_adds_the_guests_if));
}

/* S29: it stays pending. */
bool model_svm_interrupt_exits(void)
{
	if (!has(INTERCEPT_INTR) || broken(intr_intercept_is_ignored))
		return false;
	model_svm_leave(EXIT_INTERRUPT, 0);
	if (broken(intercepted_interrupt_is_consumed)) {
		model.fences_pending--;
		model.fenced++;
	}
	return true;
}

/* S26 */
void model_svm_set_tpr(unsigned tpr)
{
	if (has(V_IRQ) && broken(cr8_while_v_irq_is_set_stops_the_cpu)) {
		model.taken_back = true;
		model_svm_leave(EXIT_INIT, 0);
	}
	if (!broken(cr8_does_not_change_v_tpr))
		model.tpr = tpr;
}

/* S14: a virtual interrupt's priority against V_TPR, */
static bool priority_suffices(void)
{
	if (has(V_IGN_TPR) && !broken(v_ign_tpr_is_ignored))
		return true;
	if (broken(v_irq_ignores_v_tpr))
		return true;
	return model.priority > model.tpr ||
	       (model.priority == model.tpr && broken(v_irq_comes_at_the_same_priority));
}

/* the guest's IF, whatever V_INTR_MASKING, */
static bool virtual_interrupts_on(void)
{
	bool halts = model.program[GUEST].activity == ACTIVITY_HLT;

	if (halts && broken(v_irq_does_not_end_hlt))
		return false;
	if (halts && has(INTERCEPT_VINTR) && broken(vintr_exit_does_not_end_hlt))
		return false;
	if (has(V_INTR_MASKING) && broken(host_if_masks_virtual_interrupts))
		return model.host_interrupts_on;
	return (model.program[GUEST].interrupts_on && !model.virtual_interrupts_masked) ||
	       broken(v_irq_ignores_if);
}

/* GIF, or S19: the guest's own, */
static bool gif_lets_in(void)
{
	if (has(INTERCEPT_VINTR) && broken(vintr_exit_ignores_gif))
		return true;
	if (has(V_GIF_ENABLE))
		return model_vnmi_gif() || broken(v_irq_ignores_gif);
	return model.gif || broken(gif_does_not_hold_virtual_interrupts);
}

/* and the shadow. */
static bool virtual_interrupt_is_open(void)
{
	bool shadow = (model.sti || model.mov_ss) && !broken(v_irq_ignores_the_shadow);

	return has(V_IRQ) && virtual_interrupts_on() && !shadow && gif_lets_in() &&
	       priority_suffices();
}

static void virtual_interrupt_exits(void)
{
	if (broken(vintr_exit_takes_the_interrupt))
		model.controls &= ~(uint64_t)V_IRQ;
	model_svm_leave(EXIT_VINTR, broken(vintr_exit_saves_nrip) ? 1 : 0);
}

/* V_IRQ clears before the IDT is read. */
static void deliver_virtual_interrupt(void)
{
	bool kept = broken(v_irq_is_not_cleared) ||
		    (model.has_moved && broken(v_irq_is_cleared_by_vmrun_only));

	if (!kept && !broken(v_irq_is_cleared_by_its_handler))
		model.controls &= ~(uint64_t)V_IRQ;
	if (model_deliver(EVENT_INFO(TYPE_EXTERNAL_INTERRUPT, VECTOR_IRQ), RETURN_HERE) && !kept)
		model.controls &= ~(uint64_t)V_IRQ;
}

bool model_svm_take_virtual_interrupt(void)
{
	if (!virtual_interrupt_is_open())
		return false;
	if (has(INTERCEPT_VINTR) && !broken(vintr_intercept_is_ignored))
		virtual_interrupt_exits();
	else
		deliver_virtual_interrupt();
	return true;
}

/* S18: a physical NMI comes before a virtual one. */
bool model_svm_take_event(void)
{
	if (broken(virtual_nmi_before_the_physical_one) && take_virtual_nmi())
		return true;
	if (broken(v_irq_before_physical_events) && model_svm_take_virtual_interrupt())
		return true;
	if (nmi_exits() || nmi_exits_as_an_exception())
		return true;
	return !model_cpu_nmi_is_open() && take_virtual_nmi();
}
