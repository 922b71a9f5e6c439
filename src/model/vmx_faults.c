/* SPDX-License-Identifier: BSD-2-Clause */
/* The exits of faults: the guest's own, and those in the midst of an event's delivery. R35-R37. */
#include "model/vmx.h"
#include "x86/trap.h"

/* R37: bit 12 is about an IRET that unblocked. */
static bool unblocking_due_to_iret(enum model_op op)
{
	bool blocked = model_vmx_has(BLOCKED_BY_NMI);

	if (broken(unblocking_is_never_reported))
		return false;
	if (model_deliver_is_iret(op) && broken(unblocking_is_reported_for_any_iret))
		return true;
	if (!model_deliver_is_iret(op))
		return blocked && broken(unblocking_is_reported_for_any_fault);
	return model.iret_unblocked;
}

static bool is_intercepted(unsigned vector)
{
	return (vector == VECTOR_GP && model_vmx_has(INTERCEPT_GP)) ||
	       (vector == VECTOR_SS && model_vmx_has(INTERCEPT_SS)) ||
	       (vector == VECTOR_PF && model_vmx_has(INTERCEPT_PF)) ||
	       (vector == VECTOR_DB && model_vmx_has(INTERCEPT_DB));
}

bool model_vmx_faults_exits(enum model_op op, unsigned vector)
{
	bool unblocked = unblocking_due_to_iret(op);

	if (!is_intercepted(vector))
		return false;
	struct exit *exit =
		model_vmx_leave(EXIT_EXCEPTION,
				model_deliver_exception(vector) | (unblocked ? INFO_UNBLOCKED : 0));
	exit->unblocked = unblocked;
	exit->vector = vector;
	exit->error = broken(exit_has_no_error_code) ? 0 : model.error;
	exit->resume_flag = !broken(fault_exit_saves_no_rf);
	return true;
}

/* SDM Vol. 3 "Information for VM Exits That Occur During Event Delivery" */
static uint32_t vectoring(uint32_t event)
{
	unsigned type = event >> 8 & 7;

	if (broken(idt_vectoring_is_not_reported))
		return 0;
	if (type > TYPE_SOFTWARE_INTERRUPT && broken(idt_vectoring_has_no_software_exceptions))
		return EVENT_INFO(TYPE_EXCEPTION, event & 0xff);
	uint32_t nested = broken(cut_off_event_is_never_nested) ? 0 : INFO_NESTED;

	if (broken(idt_vectoring_has_no_error_code_bit))
		return event & EVENT_INFO(7, 0xff);
	return event & (EVENT_INFO(7, 0xff) | INFO_ERROR_CODE | nested);
}

/* R36: the length is a software event's. */
void model_vmx_faults_nested(enum guest_page page, uint32_t event, unsigned length)
{
	bool unblocked = !event && model.iret_unblocked && !broken(unblocking_is_never_reported) &&
			 !broken(unblocking_is_not_in_the_qualification);
	bool fault = model.fault;
	struct exit *exit = model_vmx_leave(EXIT_NESTED_FAULT, 0);

	if (event & INFO_ERROR_CODE && !broken(cut_off_event_has_no_error_code))
		exit->vectoring_error = model.cut_off_error;
	exit->resume_flag = event ? fault || broken(cut_off_event_always_saves_rf)
				  : !broken(nested_fault_saves_no_rf);
	exit->unblocked = unblocked;
	exit->page = page;
	exit->vectoring = vectoring(event);
	/* F8 */
	exit->event_data = event && !broken(cut_off_event_loses_its_data) ? model.event_data : 0;
	exit->length = broken(cut_off_event_has_no_length) ? 0 : length;
}

/* R35: the event that became a #DF is not reported. */
bool model_vmx_faults_in_delivery_exits(unsigned vector, uint32_t event)
{
	bool reported = vector != VECTOR_DF || broken(double_fault_reports_the_event);
	unsigned long intercept = vector == VECTOR_DF ? INTERCEPT_DF : INTERCEPT_GP;

	bool in_double_fault =
		event_type(event) == TYPE_EXCEPTION && event_vector(event) == VECTOR_DF;

	if (!model_vmx_has(intercept) ||
	    (in_double_fault && broken(double_faults_delivery_never_exits)))
		return false;
	struct exit *exit = model_vmx_leave(EXIT_EXCEPTION, model_deliver_exception(vector));
	exit->vector = vector;
	exit->vectoring = reported ? vectoring(event) : 0;
	/* R36: of a software event's instruction. */
	bool software = event_type(event) >= TYPE_SOFTWARE_INTERRUPT;
	exit->length =
		software && !broken(fault_in_delivery_has_no_length) ? model.cut_off_length : 0;
	if (event & INFO_ERROR_CODE && exit->vectoring && !broken(cut_off_event_has_no_error_code))
		exit->vectoring_error = model.cut_off_error;
	exit->error = broken(exit_has_no_error_code) ? 0 : model.error;
	exit->resume_flag = true;
	return true;
}

/* R35 */
void model_vmx_faults_triple(uint32_t event)
{
	struct exit *exit = model_vmx_leave(EXIT_SHUTDOWN, 0);

	exit->vectoring = broken(triple_fault_reports_the_event) ? vectoring(event) : 0;
}

/* R45: a #DB is a trap: RF is not set. */
bool model_vmx_faults_debug(unsigned traps)
{
	if (!is_intercepted(VECTOR_DB))
		return false;
	struct exit *exit = model_vmx_leave(EXIT_EXCEPTION, model_deliver_exception(VECTOR_DB));
	exit->vector = VECTOR_DB;
	exit->qualification = broken(debug_exit_has_no_qualification) ? 0 : traps;
	return true;
}
