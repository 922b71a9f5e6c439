/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/vnmi.h"

#include "x86/trap.h"

static bool has(uint64_t flag)
{
	return model.controls & flag;
}

static void set(uint64_t flag, bool on)
{
	model.controls = (model.controls & ~flag) | (on ? flag : 0);
}

bool model_vnmi_is_good(void)
{
	return !has(V_NMI_ENABLE) || has(INTERCEPT_NMI) ||
	       broken(vnmi_without_the_nmi_intercept_accepted);
}

/* S19 */
bool model_vnmi_gif(void)
{
	return has(V_GIF_ENABLE) && !broken(vgif_is_ignored) ? has(V_GIF) : model.gif;
}

bool model_vnmi_is_open(void)
{
	bool masked = has(V_NMI_MASK) && !broken(v_nmi_ignores_the_mask);
	bool shadow = (model.sti || model.mov_ss) && !broken(v_nmi_ignores_the_shadow);

	bool gif = model_vnmi_gif() || (!has(V_GIF_ENABLE) && broken(v_nmi_ignores_gif));
	bool enabled = has(V_NMI_ENABLE) || broken(v_nmi_needs_no_enable);

	return enabled && has(V_NMI) && !masked && !shadow && gif;
}

/* S16: V_NMI and the mask change before the IDT is read. */
void model_vnmi_take(void)
{
	set(V_NMI_MASK, !broken(virtual_nmi_sets_no_mask));
	if (!broken(v_nmi_is_cleared_by_its_handler) && !broken(v_nmi_is_not_cleared))
		set(V_NMI, false);
	model.delivers_virtual_nmi = true;
	bool delivered = model_deliver(EVENT_INFO(TYPE_NMI, VECTOR_NMI), RETURN_HERE);
	model_vnmi_delivered();
	if (delivered && !broken(v_nmi_is_not_cleared))
		set(V_NMI, false);
}

void model_vnmi_injected(void)
{
	bool enabled = has(V_NMI_ENABLE) || broken(eventinj_nmi_sets_the_mask_without_enable);

	model.delivers_virtual_nmi = has(V_NMI_ENABLE);
	if (enabled && !broken(eventinj_nmi_sets_no_mask))
		set(V_NMI_MASK, true);
}

/* S8: it is an NMI's. */
void model_vnmi_injected_otherwise(unsigned vector)
{
	bool sets = broken(any_injection_sets_the_virtual_mask) ||
		    (vector == VECTOR_NMI && broken(injected_vector_2_sets_the_virtual_mask));

	if (has(V_NMI_ENABLE) && sets)
		set(V_NMI_MASK, true);
}

/* Mutants: what comes instead of an injected NMI, or before any. */
bool model_vnmi_instead_of_injection(bool nmi)
{
	if (nmi && has(V_NMI_MASK) && broken(injected_nmi_waits_for_the_virtual_mask)) {
		set(V_NMI, true);
		return true;
	}
	if (!broken(virtual_nmi_before_eventinj) || !model_vnmi_is_open())
		return false;
	model_vnmi_take();
	return true;
}

/* Mutants: V_NMI_MASK is not the VMCB's own. */
void model_vnmi_enter(void)
{
	if (model.virtual_mask_left && broken(v_nmi_mask_is_the_cpus))
		set(V_NMI_MASK, true);
	model.nmis_held = has(V_NMI_MASK) && broken(v_nmi_mask_holds_physical_nmis);
	model.nmis_held |= has(V_NMI_MASK) && !has(V_NMI_ENABLE) &&
			   broken(v_nmi_mask_without_enable_holds_nmis);
}

void model_vnmi_delivered(void)
{
	model.delivers_virtual_nmi = false;
}

void model_vnmi_iret(bool completes)
{
	if (broken(iret_keeps_the_virtual_mask))
		return;
	if (completes || broken(faulting_iret_clears_the_virtual_mask))
		set(V_NMI_MASK, false);
}

void model_vnmi_exit(enum exit_reason reason)
{
	bool kept = broken(cut_off_virtual_nmi_keeps_the_mask) ||
		    (reason == EXIT_EXCEPTION &&
		     broken(exception_in_a_virtual_nmis_delivery_keeps_the_mask)) ||
		    (reason == EXIT_SHUTDOWN &&
		     broken(shutdown_in_a_virtual_nmis_delivery_keeps_the_mask));

	if (model.delivers_virtual_nmi && !kept)
		set(V_NMI_MASK, false);
	if (reason == EXIT_IRET && broken(iret_intercept_clears_the_virtual_mask))
		set(V_NMI_MASK, false);
	model.virtual_mask_left = has(V_NMI_MASK);
	model_vnmi_delivered();
}

uint64_t model_vnmi_saved(uint64_t flags)
{
	const uint64_t bits = V_NMI | V_NMI_MASK;

	if (!broken(vnmi_bits_are_not_written_back))
		return flags;
	return (flags & ~bits) | (model.loaded & bits);
}
