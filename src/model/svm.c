/* SPDX-License-Identifier: BSD-2-Clause */
/* VMRUN and #VMEXIT. Rules S1-S13. Twin of vmx.c. */
#include "model/svm.h"
#include "model/vnmi.h"

#include "x86/registers.h"
#include "x86/trap.h"

enum { VECTOR_OF = 4, VECTOR_BR = 5 };

/* APM Vol. 2 "SVM Intercept Exit Codes". */
static const uint32_t codes[] = {
	[EXIT_EXCEPTION] = 0x40, [EXIT_NMI] = 0x61,       [EXIT_INIT] = 0x63,
	[EXIT_INTERRUPT] = 0x60, [EXIT_SHUTDOWN] = 0x7f,  [EXIT_VINTR] = 0x64,
	[EXIT_IRET] = 0x74,      [EXIT_HYPERCALL] = 0x81, [EXIT_NESTED_FAULT] = 0x400,
	[EXIT_INVALID] = ~0U,
};

bool model_svm_has(uint64_t flag)
{
	return model.controls & flag;
}

static bool has(uint64_t flag)
{
	return model_svm_has(flag);
}

/* --- #VMEXIT --- */

struct exit *model_svm_leave(enum exit_reason reason, unsigned length)
{
	bool kept = model.is_injecting && has(INTERRUPT_SHADOW) &&
		    broken(cut_off_injection_saves_the_shadow);

	model_vnmi_exit(reason);
	model.is_injecting = false;
	uint64_t flags = model_vnmi_saved(model.controls) & ~(uint64_t)INTERRUPT_SHADOW;
	bool shadow = model.sti || model.mov_ss || kept; /* S13: one bit for both */
	struct exit *exit = model_cpu_leave(reason, codes[reason]);

	if (broken(vgif_is_not_saved))
		flags = (flags & ~(uint64_t)V_GIF) | (model.loaded & V_GIF);
	exit->flags = flags | (shadow && !broken(shadow_is_not_saved) ? INTERRUPT_SHADOW : 0);
	/* S27 */
	model.resume_flag &= !broken(exit_clears_the_guests_rf);
	model.host_trap = has(HOST_TRAPS_ON) && !broken(host_tf_is_lost_at_vmrun) &&
			  !broken(host_tf_traps_in_the_guest);
	if (broken(nrip_is_not_saved))
		length = 0;
	if (!length && broken(nrip_is_not_cleared))
		length = 3; /* the last VMMCALL's */
	exit->length = length;
	exit->no_length = !length;
	model.length = length ? length : (unsigned)RETURN_NOWHERE;
	if (broken(exitintinfo_is_not_cleared))
		exit->vectoring = model.last_injection;
	exit->tpr = broken(v_tpr_is_not_saved) ? model.loaded_tpr : model.tpr;
	model.virtual_interrupt_left = has(V_IRQ);
	model.stray_interrupt = has(V_IRQ) && broken(v_irq_stays_pending_in_the_host);
	/* R33 */
	if (!broken(exit_keeps_eventinj) &&
	    (reason == EXIT_HYPERCALL || !broken(only_hypercalls_clear_the_injection)))
		exit->injection &= ~EVENT_VALID;
	/* S2: GIF is clear. S22 is open: NMI blocking stays as it is, or not. */
	model.blocked &= !chosen(vmexit_unmasks_nmis);
	model.gif = broken(vmexit_does_not_clear_gif);
	model.at_exit_handler = true;
	model.program[GUEST].activity = ACTIVITY_ACTIVE; /* there is none to save */
	return exit;
}

struct exit *model_svm_leave_for_exception(unsigned vector)
{
	struct exit *exit = model_svm_leave(EXIT_EXCEPTION, 0);

	exit->vector = vector;
	exit->code += vector;
	return exit;
}

/* Mutants: what becomes of an event that nobody has injected. */
static uint32_t own_event(uint32_t event)
{
	bool lost = (event_type(event) == TYPE_EXTERNAL_INTERRUPT &&
		     broken(exitintinfo_has_no_interrupts)) ||
		    (event_type(event) == TYPE_NMI && broken(exitintinfo_has_no_nmis));

	if (event && event_type(event) != TYPE_EXCEPTION &&
	    broken(exitintinfo_has_the_last_injection))
		return model.last_injection;
	if (event && event_type(event) != TYPE_SOFTWARE_INTERRUPT &&
	    broken(exitintinfo_has_the_guests_events_as_exceptions))
		return EVENT_INFO(TYPE_EXCEPTION, event_vector(event));
	return lost ? 0 : event;
}

/* S11: the types are those of EVENTINJ. */
static uint32_t exit_int_info(uint32_t event)
{
	if (broken(exitintinfo_is_not_reported))
		return 0;
	if (!model.is_injecting)
		event = own_event(event);
	if ((event >> 8 & 7) == TYPE_SOFTWARE_INTERRUPT && broken(exitintinfo_has_no_int_n))
		return EVENT_INFO(TYPE_EXTERNAL_INTERRUPT, event & 0xff);
	return event & (EVENT_INFO(7, 0xff) | INFO_ERROR_CODE);
}

static void nested_fault(enum guest_page page, uint32_t event, unsigned length)
{
	(void)length;
	uint32_t info = exit_int_info(event);
	struct exit *exit = model_svm_leave(EXIT_NESTED_FAULT, 0);

	exit->page = page;
	exit->vectoring = info;
}

/* --- VMRUN --- */

static unsigned type(void)
{
	return model.injection >> 8 & 7;
}

/* An NMI's vector is not looked at. */
static unsigned vector(void)
{
	return type() == TYPE_NMI ? VECTOR_NMI : model.injection & 0xff;
}

/* S9 */
static bool injection_is_good(void)
{
	switch (model.injection & EVENT_VALID ? type() : 0U) {
	case TYPE_EXTERNAL_INTERRUPT:
	case TYPE_NMI:
	case TYPE_SOFTWARE_INTERRUPT:
		return true;
	case TYPE_EXCEPTION:
		/* 64-bit mode has no BOUND. */
		if (vector() == VECTOR_BR && !broken(eventinj_br_in_64_bit_mode_accepted))
			return false;
		return broken(eventinj_any_vector_is_an_exception) ||
		       (vector() < 32 && vector() != VECTOR_NMI);
	default:
		return broken(eventinj_reserved_type_accepted);
	}
}

/* S6: nothing comes before the injection, and no intercept looks at it. */
static bool event_instead_of_injection(void)
{
	bool injects_nmi = type() == TYPE_NMI;

	if (broken(injected_nmi_waits_while_blocked) && model.blocked && injects_nmi) {
		model.nmis_pending = 1;
		return true;
	}
	if (broken(eventinj_interrupt_waits_for_gif) && type() == TYPE_EXTERNAL_INTERRUPT &&
	    !model_vnmi_gif())
		return true;
	if (model_vnmi_instead_of_injection(injects_nmi))
		return true;
	if (broken(v_irq_before_eventinj) && model_svm_take_virtual_interrupt())
		return true;
	if (broken(interrupt_before_eventinj) && model.fences_pending &&
	    model_svm_interrupts_on() && model_svm_interrupt_exits())
		return true;
	if (!has(INTERCEPT_NMI))
		return false;
	if (!(broken(nmi_before_eventinj) && model_cpu_nmi_is_open()) &&
	    !(broken(eventinj_nmi_is_intercepted) && injects_nmi))
		return false;
	model_svm_leave(EXIT_NMI, 0);
	return true;
}

/* S10: INT n, and INT3 and INTO too, return to nRIP. */
static unsigned return_length(void)
{
	bool int3 = type() == TYPE_EXCEPTION && (vector() == VECTOR_BP || vector() == VECTOR_OF);

	if (type() == TYPE_SOFTWARE_INTERRUPT && broken(eventinj_ignores_nrip))
		return RETURN_HERE;
	if (type() != TYPE_SOFTWARE_INTERRUPT && !int3)
		return broken(injected_event_skips_an_instruction) ? model_code_length()
								   : RETURN_HERE;
	return model.length;
}

static void inject(void)
{
	bool nmi = type() == TYPE_NMI;

	if (event_instead_of_injection())
		return;
	if (broken(nmi_before_eventinj) && model_cpu_nmi_is_open())
		model_cpu_take_nmi();
	if (model.who != GUEST)
		return;
	model.last_injection = model.injection;
	model.is_injecting = true;
	if (nmi)
		model_vnmi_injected();
	else
		model_vnmi_injected_otherwise(vector());
	if (!model_deliver_injected((model.injection & ~0xffU) | vector(), return_length()))
		return;
	model_vnmi_delivered();
	model.is_injecting = false;
	model.nmi_late = broken(eventinj_holds_nmis_for_one_instruction) ||
			 broken(eventinj_holds_interrupts_for_one_instruction);
	/* S7: an injected NMI does not block. */
	if (nmi && broken(eventinj_nmi_blocks))
		model.blocked = true;
}

/* S21: what has a clean bit may be what the last #VMEXIT left; what has none is read anew. */
static void use_cache(const struct entry *entry)
{
	const uint64_t virtual_interrupt = V_IRQ | V_NMI;

	if (entry->clean && broken(clean_bits_cover_eventinj))
		model.injection = 0;
	if (entry->clean && broken(clean_bits_cover_the_shadow))
		model.controls &= ~(uint64_t)INTERRUPT_SHADOW;
	if (entry->clean && broken(clear_clean_bits_are_ignored))
		model.controls &= ~virtual_interrupt;
}

/* nRIP is what the host wrote, or what the last exit left there: 0 is nowhere. */
static void load_nrip(const struct entry *entry)
{
	if (entry->length || !entry->resume)
		model.length = entry->length;
}

static void load_interrupt_control(const struct entry *entry)
{
	model.host_interrupts_on = has(HOST_INTERRUPTS_ON);
	model.priority = entry->priority;
	model.tpr = model.loaded_tpr = entry->tpr;
	model.virtual_interrupts_masked =
		model.program[GUEST].interrupts_on && broken(v_irq_waits_for_the_guests_own_sti);
	if (model.virtual_interrupt_left && broken(v_irq_is_the_cpus))
		model.controls |= V_IRQ;
}

/* Mutants: whose TF is whose. */
static void load_traps(void)
{
	struct model_program *guest = &model.program[GUEST];
	bool early = (has(HOST_TRAPS_ON) && broken(host_tf_traps_in_the_guest)) ||
		     (guest->traps_on && broken(guests_tf_traps_before_its_first_instruction));

	guest->traps_on &= !broken(guests_tf_is_not_loaded);
	model.debug_traps = early ? DR6_BS : 0;
}

static bool enter(const struct entry *entry)
{
	load_nrip(entry);
	use_cache(entry);
	load_interrupt_control(entry);
	model.gif &= has(HOST_GIF) != 0; /* the CLGI before VMRUN */
	model.who = GUEST;
	if (!injection_is_good() || !model_vnmi_is_good()) {
		model_svm_leave(EXIT_INVALID, 0)->code_high = ~0U;
		model.gif |= broken(invalid_vmrun_sets_gif);
		return false;
	}
	/* S2: GIF is set once the guest is loaded. */
	model.gif = !broken(vmrun_does_not_set_gif);
	model.blocked &= !chosen(vmrun_unmasks_nmis);
	/* S13 */
	model.mov_ss = has(INTERRUPT_SHADOW) && !broken(shadow_is_ignored);
	model.mov_ss |= has(GUEST_INTERRUPT_MASK) && broken(any_bit_at_68h_is_a_shadow);
	model_vnmi_enter();
	if (!entry->resume)
		model.resume_flag = has(RESUME_FLAG);
	model.entered_at = model_code_place();
	load_traps();
	if (model.injection & EVENT_VALID)
		inject();
	return true;
}

/* --- in the guest --- */

/* S5: the exit comes before the IRET and its unblocking. S20: vNMI asks for no such exit. */
static bool iret_exits(void)
{
	bool leaks = has(V_NMI_MASK) && broken(iret_exits_without_being_asked_for);

	unsigned length = model_code_length();
	if (!leaks && (!has(INTERCEPT_IRET) || broken(iret_intercept_is_ignored)))
		return false;
	if (broken(iret_intercept_unblocks) || broken(iret_intercept_comes_after_iret))
		model.blocked = false;
	if (broken(iret_intercept_comes_after_iret))
		model_code_advance();
	model_svm_leave(EXIT_IRET, broken(nrip_is_not_saved_for_iret) ? 0 : length);
	return true;
}

/* APM Vol. 2 "Exception Intercepts": RIP is the instruction's own. S12: nRIP is not. */
static bool int3_exits(void)
{
	if (!has(INTERCEPT_BP))
		return false;
	unsigned length = model_code_length();
	struct exit *exit = model_svm_leave_for_exception(VECTOR_BP);
	if (!broken(nrip_is_not_saved_for_int3)) {
		exit->length = length;
		exit->no_length = false;
	}
	return true;
}

/* S27: a breakpoint at the guest's first instruction; RF keeps it from matching once. */
static bool breakpoint_matches(void)
{
	bool held = model.resume_flag && !broken(guest_rf_is_not_loaded);

	model.resume_flag &= broken(guest_rf_lasts);
	if (held || !has(BREAKPOINT_AT_ENTRY) || model_code_place() != model.entered_at)
		return false;
	model_deliver(model_deliver_exception(VECTOR_DB), RETURN_HERE);
	return true;
}

static bool instruction_exits(enum model_op op)
{
	if (breakpoint_matches())
		return true;
	if (op == OP_INT3)
		return int3_exits();
	if (model_deliver_is_iret(op))
		return iret_exits();
	if (op != OP_VMMCALL)
		return false;
	model_svm_leave(EXIT_HYPERCALL, model_code_length());
	return true;
}

/* R2: it unblocks. S17: with vNMI, virtually. S23 is open: one that faults does nothing here. */
static void iret(bool completes)
{
	if (has(V_NMI_ENABLE))
		model_vnmi_iret(completes);
	else if (completes || chosen(faulting_iret_unmasks_nmis))
		model.blocked &= broken(iret_in_an_svm_guest_does_not_unblock);
}

static bool fault_exits(enum model_op op, unsigned vector)
{
	(void)op;
	if (vector != VECTOR_GP || !has(INTERCEPT_GP))
		return false;
	model_svm_leave_for_exception(VECTOR_GP);
	return true;
}

/* S11: EXITINTINFO is about what came before the exception that exits, a #DF too. */
static bool delivery_fault_exits(unsigned vector, uint32_t event)
{
	bool in_double_fault =
		event_type(event) == TYPE_EXCEPTION && event_vector(event) == VECTOR_DF;

	if (!has(vector == VECTOR_DF ? INTERCEPT_DF : INTERCEPT_GP) ||
	    (in_double_fault && broken(intercepts_end_with_a_double_fault)))
		return false;
	uint32_t info = exit_int_info(event);
	if (vector == VECTOR_DF && broken(double_fault_hides_the_event))
		info = 0;
	struct exit *exit = model_svm_leave_for_exception(vector);
	exit->vectoring = info;
	if (event_type(event) == TYPE_SOFTWARE_INTERRUPT &&
	    broken(fault_in_int_ns_delivery_saves_nrip))
		exit->no_length = false;
	return true;
}

static void triple_fault(uint32_t event)
{
	uint32_t info = exit_int_info(event);

	if (broken(guests_triple_fault_is_the_machines)) {
		model.taken_back = true;
		model_svm_leave(EXIT_INIT, 0);
		return;
	}
	model_svm_leave(EXIT_SHUTDOWN, 0)->vectoring = info;
	model.gif |= broken(shutdown_exit_leaves_gif_set);
}

static void take_back(void)
{
	model_svm_leave(EXIT_INIT, 0);
}

/* VMMCALL in the host is #UD: APM Vol. 3 "VMMCALL". */
static bool undefined(enum model_op op)
{
	return op == OP_VMCALL || (op == OP_VMMCALL && model.who == HOST);
}

const struct model_architecture model_svm = {
	.enter = enter,
	.take_event = model_svm_take_event,
	.take_last_event = model_svm_take_virtual_interrupt,
	.interrupts_on = model_svm_interrupts_on,
	.interrupt_exits = model_svm_interrupt_exits,
	.set_tpr = model_svm_set_tpr,
	.instruction_exits = instruction_exits,
	.iret = iret,
	.fault_exits = fault_exits,
	.nested_fault = nested_fault,
	.delivery_fault_exits = delivery_fault_exits,
	.triple_fault = triple_fault,
	.take_back = take_back,
	.undefined = undefined,
	.int3 = TYPE_EXCEPTION,
};
