/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How an event goes through the IDT: the CPU reads a gate, then writes a frame to the stack. In a
 * guest with nested paging either page may be missing: the guest exits in the midst of it.
 *
 * A guest's page that nobody has used since it was made present is one that a hypervisor below us
 * has to make present for us: it sees an exit in the midst of the delivery that we must not notice.
 */
#include "model/state.h"
#include "x86/trap.h"

enum { VECTOR_OF = 4 };

enum { ERROR_IDT = 2 };

static bool is_nmi(uint32_t event)
{
	return event_type(event) == TYPE_NMI;
}

static bool is_int3_or_into(uint32_t event)
{
	unsigned vector = event_vector(event);

	return event_type(event) == TYPE_SOFTWARE_EXCEPTION ||
	       (event_type(event) == TYPE_EXCEPTION &&
		(vector == VECTOR_BP || vector == VECTOR_OF));
}

bool model_deliver_has_error_code(unsigned vector)
{
	return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17;
}

uint32_t model_deliver_exception(unsigned vector)
{
	return EVENT_INFO(TYPE_EXCEPTION, vector) |
	       (model_deliver_has_error_code(vector) ? INFO_ERROR_CODE : 0);
}

static bool is_missing(enum guest_page page)
{
	return model.who == GUEST && model.controls & NESTED_PAGING && model.is_missing[page];
}

/* F8: FRED reads no IDT, nor a privilege in it. */
static bool reads_idt(void)
{
	return !model_fred_is_on() || broken(fred_reads_the_idt);
}

static bool uses_gates(void)
{
	return !model_fred_is_on() || broken(fred_checks_the_gates_privilege);
}

/* The page that the delivery needs and has not, the first one: OTHER_PAGE: it has all. */
static enum guest_page missing_page(void)
{
	if (reads_idt() && is_missing(GUEST_IDT))
		return GUEST_IDT;
	return is_missing(GUEST_STACK) ? GUEST_STACK : OTHER_PAGE;
}

/* #DE #TS #NP #SS #GP #PF: SDM Vol. 3 "Interrupt 8—Double Fault Exception (#DF)" */
static bool is_contributory(uint32_t event)
{
	unsigned vector = event_vector(event);

	return event_type(event) == TYPE_EXCEPTION && (!vector || (vector >= 10 && vector <= 14));
}

/* INT n, INT3 and INTO; INT1 is not among them. */
static bool is_an_instructions(uint32_t event)
{
	return event_type(event) == TYPE_SOFTWARE_INTERRUPT ||
	       (is_int3_or_into(event) && event_type(event) == model.architecture->int3);
}

/* SDM Vol. 3 "Error Code": the gate's, and whether the program asked for it. */
static unsigned long gate_error(uint32_t event)
{
	bool external = !is_an_instructions(event) || broken(every_gate_error_is_external);

	if (broken(gate_error_is_0))
		return 0;
	return event_vector(event) * 8 | ERROR_IDT |
	       (external && !broken(no_gate_error_is_external));
}

/* The event has no gate that it may use: that is a #GP, which the intercepts see before it becomes
 * a #DF or a triple fault. */
static bool escalate(uint32_t event, unsigned length)
{
	model.cut_off_error = model.error;
	model.cut_off_length = length;
	model.error = gate_error(event);
	model.fault = true;
	if (model.architecture->delivery_fault_exits(VECTOR_GP, event))
		return false;
	if (event_type(event) == TYPE_EXCEPTION && (event_vector(event)) == VECTOR_DF) {
		model.architecture->triple_fault(event);
		return false;
	}
	if (!is_contributory(event))
		return model_deliver(model_deliver_exception(VECTOR_GP), RETURN_HERE);
	model.error = 0;
	if (model.architecture->delivery_fault_exits(VECTOR_DF, event))
		return false;
	return model_deliver(model_deliver_exception(VECTOR_DF), RETURN_HERE);
}

static enum event_kind kind_of(uint32_t event)
{
	unsigned vector = event_vector(event);

	if (event_type(event) == TYPE_OTHER_EVENT)
		return EVENT_SYSCALL;
	return vector < 32 && vector != VECTOR_NMI ? EVENT_EXCEPTION : EVENT_INTERRUPT;
}

/* F7: of an injected event the interruptibility state tells what STI blocked, until then. */
static bool had_sti_bit(void)
{
	return model.controls & BLOCKED_BY_STI && !broken(injected_event_forgets_the_sti_bit);
}

/* An interrupt gate clears IF; an event ends HLT and what MOV SS and STI hold off, also when the
 * delivery exits. */
static bool deliver(uint32_t event, unsigned length, bool injected)
{
	struct model_program *program = &model.program[model.who];
	unsigned vector = event_vector(event);
	enum guest_page missing = missing_page();
	bool fred = model_fred_is_on(), sti = injected ? had_sti_bit() : model.sti;

	program->activity = ACTIVITY_ACTIVE;
	model.sti = model.mov_ss = false;
	if (model.who == GUEST && model.idt_end && vector >= model.idt_end && !fred)
		return escalate(event, length);
	if (missing != OTHER_PAGE) {
		model.cut_off_error = model.error;
		model.architecture->nested_fault(missing, event, length);
		return false;
	}
	if (!(event & INFO_ERROR_CODE) && vector != VECTOR_DB)
		model.error = 0;
	model_code_interrupt(kind_of(event), vector, length);
	if (fred)
		model_fred_push(event, length, sti, injected);
	model.error = 0;
	model.fault = false;
	program->interrupts_on = program->traps_on = program->in_ring_3 = false;
	model.has_moved = !broken(mtf_waits_in_the_guests_own_handlers);
	model.are_touched |= model.who == GUEST;
	model.ring_3 &= model.who != GUEST;
	/* It is pushed, and clear in the handler. */
	model.resume_flag &= model.who != GUEST || broken(guest_rf_lasts);
	return true;
}

bool model_deliver(uint32_t event, unsigned length)
{
	return deliver(event, length, false);
}

/* R32, S10: an instruction's event needs a gate that the instruction may use; INT1 and what comes
 * by itself need not. The guest's gates all have DPL 0. */
static bool checks_dpl(uint32_t event)
{
	enum event_type int3 = model.architecture->int3;
	bool svm = int3 == TYPE_EXCEPTION;

	if (event_type(event) == int3 && is_int3_or_into(event))
		return !(svm ? broken(eventinj_int3_ignores_dpl)
			     : broken(injected_int3_ignores_dpl));
	if (event_type(event) == TYPE_SOFTWARE_INTERRUPT)
		return !(svm ? broken(eventinj_int_n_ignores_dpl)
			     : broken(injected_int_n_ignores_dpl));
	if (event_type(event) == TYPE_PRIVILEGED_EXCEPTION)
		return broken(injected_int1_checks_dpl);
	if (svm)
		return broken(eventinj_checks_dpl_always);
	return event_type(event) == TYPE_EXCEPTION ? broken(injected_exception_checks_dpl)
						   : broken(injected_interrupt_checks_dpl);
}

bool model_deliver_faults_below(void)
{
	return !model.are_touched && missing_page() == OTHER_PAGE;
}

bool model_deliver_injected(uint32_t event, unsigned length)
{
	bool faults_below = model_deliver_faults_below();

	if (model.ring_3 && uses_gates() && checks_dpl(event))
		return escalate(event, length);
	if (faults_below && is_int3_or_into(event) && broken(injected_int3_is_executed_instead))
		return false;
	if (faults_below && event_type(event) == TYPE_PRIVILEGED_EXCEPTION &&
	    broken(injected_int1_is_lost_in_a_fault_below))
		return false;
	if (faults_below && length && broken(return_address_is_lost_in_a_fault_below))
		length = RETURN_HERE;
	if (!deliver(event, length, true))
		return false;
	if ((event_vector(event)) == VECTOR_NMI && !is_nmi(event) &&
	    broken(injected_vector_2_blocks))
		model.blocked = true;
	if (faults_below && is_nmi(event) && broken(injected_nmi_blocks_after_a_fault_below))
		model.blocked = true;
	if (faults_below && is_nmi(event) && broken(injected_nmi_comes_twice_after_a_fault_below))
		model_deliver(event, length);
	return true;
}

void model_deliver_instruction(uint32_t event, unsigned length)
{
	bool checks =
		model.who == GUEST && model.ring_3 && uses_gates() && !broken(int_n_ignores_dpl);

	if (checks)
		escalate(event, length);
	else
		model_deliver(event, length);
}

/* R35, S11: the event has been delivered, this is the handler's own fault. FRED's entry point is
 * elsewhere. */
bool model_deliver_handler_is_missing(void)
{
	struct model_frame *frame = model_code_frame();
	uint32_t event = 0;

	if (!frame || frame->instruction || frame->fred.ss || !is_missing(GUEST_HANDLERS))
		return false;
	if (frame->vector == VECTOR_NMI && broken(nmi_is_lost_when_its_handler_is_missing))
		model.program[GUEST].depth--;
	if (broken(handlers_own_fault_reports_the_event))
		event = EVENT_INFO(TYPE_EXTERNAL_INTERRUPT, frame->vector);
	model.architecture->nested_fault(GUEST_HANDLERS, event, 0);
	return true;
}

/* The steps themselves are on another page: RET needs that one. */
static bool uses_stack(enum model_op op)
{
	switch (op) {
	case OP_RETF:
	case OP_POPF:
	case OP_IRET:
	case OP_BAD_IRET:
	case OP_PF_IRET:
	case OP_LDT_IRET:
	case OP_ERETS:
	case OP_ERETS_NMI:
	case OP_ERETS_STI:
	case OP_ERETS_STI_NMI:
	case OP_ERETS_LEVEL:
	case OP_ERETS_TRAP_NMI:
	case OP_BAD_ERETS:
	case OP_ERETU:
	case OP_ERETU_NMI:
	case OP_BAD_ERETU:
	case OP_RECORD:
	case OP_HANDLER_RETURN:
		return true;
	default:
		return false;
	}
}

bool model_deliver_is_iret(enum model_op op)
{
	return op == OP_IRET || op == OP_RING_3_IRET || (op >= OP_BAD_IRET && op <= OP_LDT_IRET);
}

bool model_deliver_page_is_missing(enum model_op op)
{
	bool stack = uses_stack(op) && is_missing(GUEST_STACK);

	if (!stack && !(op == OP_LDT_IRET && is_missing(GUEST_LDT)))
		return false;
	model.iret_unblocked = false;
	if (model_deliver_is_iret(op))
		model.architecture->iret(false);
	model.architecture->nested_fault(stack ? GUEST_STACK : GUEST_LDT, 0, 0);
	return true;
}
