/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FRED: the frame that an event's delivery leaves, the returns that pop it, and whose registers say
 * where it is. Rules F1-F9.
 */
#include "model/state.h"
#include "x86/registers.h"
#include "x86/trap.h"

static struct model_program *current(void)
{
	return &model.program[model.who];
}

bool model_fred_is_on(void)
{
	return model.fred.parties & (model.who == HOST ? FRED_HOST : FRED_GUEST);
}

/* --- delivery --- */

static bool is_software(enum event_type type)
{
	return type >= TYPE_SOFTWARE_INTERRUPT;
}

/* F1. F3: INT 2 is no NMI. */
static uint64_t mark_of(enum event_type type, unsigned vector, bool injected)
{
	if (type == TYPE_NMI)
		return (broken(fred_does_not_mark_nmis) ||
			(injected && broken(fred_does_not_mark_injected_nmis)))
			       ? 0
			       : FRED_SS_NMI;
	if (vector == VECTOR_NMI && is_software(type) && broken(fred_marks_int_2_as_an_nmi))
		return FRED_SS_SOFTWARE | FRED_SS_NMI;
	if (type == TYPE_SOFTWARE_INTERRUPT)
		return broken(fred_does_not_mark_int_n) ? 0 : FRED_SS_SOFTWARE;
	if (type == TYPE_OTHER_EVENT)
		return broken(fred_does_not_mark_system_calls) ? 0 : FRED_SS_SOFTWARE;
	if (is_software(type))
		return broken(fred_marks_int3_as_int_n) ? FRED_SS_SOFTWARE : 0;
	return broken(fred_marks_every_event_as_an_nmi) ? FRED_SS_NMI : 0;
}

/* F1: the length is that of the instruction which asked for the event. */
static uint64_t ss_of(uint32_t event, unsigned length, bool sti, bool injected)
{
	enum event_type type = event_type(event);
	bool has_length = is_software(type) && !broken(fred_frame_has_no_length);
	uint64_t ss = FRED_SS_64_BIT | mark_of(type, event_vector(event), injected) |
		      FRED_SS_EVENT(type, event_vector(event), has_length ? length : 0);

	if (sti && !broken(fred_forgets_the_shadow_of_sti))
		ss |= FRED_SS_STI;
	if (event & INFO_NESTED && !broken(fred_forgets_nested_exceptions))
		ss |= FRED_SS_NESTED;
	return ss;
}

/* F6: what comes in the midst of a delivery counts as ring 0's, whatever it found; so does a #DF.
 */
static bool comes_in_ring_3(uint32_t event)
{
	bool nested = event & INFO_NESTED || event_vector(event) == VECTOR_DF;

	return current()->in_ring_3 &&
	       !(nested && !broken(fred_nested_exception_of_ring_3_has_level_0));
}

/* F6: interrupts have the level in IA32_FRED_CONFIG, which is 0 here. */
static unsigned level_of(uint32_t event)
{
	enum event_type type = event_type(event);
	unsigned vector = event_vector(event) & 15;
	bool has_none = type == TYPE_EXTERNAL_INTERRUPT || type == TYPE_SOFTWARE_INTERRUPT ||
			type == TYPE_OTHER_EVENT;

	if (has_none && !broken(fred_int_n_has_a_stack_level))
		return 0;
	if (vector == VECTOR_DF && type == TYPE_EXCEPTION)
		return FRED_LEVELS - 1; /* x86/fred.h */
	if (comes_in_ring_3(event) && !broken(fred_event_of_ring_3_has_a_stack_level))
		return 0;
	return broken(fred_ignores_stack_levels) ? 0 : model.registers.levels >> 2 * vector & 3;
}

/* A stack that only its own level uses is told by the host's number. */
static unsigned stack_of(unsigned level)
{
	return model.registers.guests && level % 3 ? 3 - level : level;
}

/* F1: of a #DB what DR6 will have. (CR2 is nothing that the model has.) F7: an injected event's are
 * the entry's. */
static uint64_t data_of(uint32_t event, bool injected)
{
	if (injected)
		return broken(injected_event_data_is_lost) ? 0 : model.event_data;
	bool debug = event_type(event) == TYPE_EXCEPTION && event_vector(event) == VECTOR_DB;

	return debug && !broken(fred_frame_has_no_data) ? model.error : 0;
}

void model_fred_push(uint32_t event, unsigned length, bool sti, bool injected)
{
	struct trace_frame *frame = &model_code_frame()->fred;
	unsigned from = current()->in_ring_3 ? 0 : model.registers.level;
	unsigned level = level_of(event);

	if (level < from && !broken(fred_lowers_the_stack_level))
		level = from;
	*frame = (struct trace_frame){
		.ss = ss_of(event, length, sti, injected),
		.data = data_of(event, injected),
		.error = event & INFO_ERROR_CODE && !injected ? model.error : 0,
		.ring = current()->in_ring_3 ? 3 : 0,
		.from = from,
		.level = level,
		.stack = level > from || current()->in_ring_3 ? stack_of(level) : 0,
	};
	model.registers.level = level;
}

/* --- returns --- */

/* F4: as IRET does, R14. */
static void unblock_guest(void)
{
	if (model.controls & VIRTUAL_NMIS)
		model.virtually_blocked &= broken(erets_keeps_virtual_blocking);
	else if (model.controls & NMI_EXITING)
		model.blocked &= !broken(erets_unblocks_with_nmi_exiting);
	else
		model.blocked &= broken(erets_keeps_the_guest_blocked);
}

static void unblock_if(bool marked)
{
	bool guest = model.who == GUEST;

	if (guest && !marked && broken(unmarked_erets_unblocks_the_guest))
		marked = true;
	if (!marked)
		return;
	if (guest)
		unblock_guest();
	else
		model.blocked = false;
}

/* F2. The mutants know what kind of frame it is; the CPU knows the bit alone. */
static bool erets_unblocks(uint64_t ss, bool delivered)
{
	enum event_type type = FRED_SS_TYPE(ss);

	if (broken(erets_never_unblocks))
		return false;
	if (broken(every_erets_unblocks))
		return true;
	if (delivered && type == TYPE_EXCEPTION && broken(erets_of_a_fault_unblocks))
		return true;
	if (delivered && FRED_SS_VECTOR(ss) == VECTOR_NMI && broken(erets_of_vector_2_unblocks))
		return true;
	if (type != TYPE_NMI && broken(erets_ignores_a_mark_made_by_hand))
		return false;
	return ss & FRED_SS_NMI;
}

/* F1: a frame's flags have TF only in a step that wants its trap. */
static void pend_trap(uint64_t ss, bool delivered)
{
	if (delivered || !(ss & FRED_SS_SOFTWARE))
		return;
	current()->traps_on = true;
	if (!broken(erets_forgets_the_pending_trap))
		model.debug_traps |= DR6_BS;
}

static void erets(uint64_t ss, unsigned level, bool interrupts_on, bool delivered)
{
	bool lower = level < model.registers.level;

	if ((lower && !broken(erets_keeps_the_stack_level)) ||
	    (!lower && broken(erets_raises_the_stack_level)))
		model.registers.level = level;
	model.sti = ss & FRED_SS_STI && interrupts_on && !broken(erets_forgets_the_shadow_of_sti);
	pend_trap(ss, delivered);
	unblock_if(erets_unblocks(ss, delivered));
}

/* A step's frame: bits 18:16 of its SS word. It has no event information: the step made it. */
static uint64_t ss_of_step(enum model_op op)
{
	switch (op) {
	case OP_ERETS_NMI:
	case OP_ERETU_NMI:
		return FRED_SS_NMI;
	case OP_ERETS_STI:
		return FRED_SS_STI;
	case OP_ERETS_STI_NMI:
		return FRED_SS_STI | FRED_SS_NMI;
	case OP_ERETS_TRAP_NMI:
		return FRED_SS_SOFTWARE | FRED_SS_NMI;
	default:
		return 0;
	}
}

static void eretu(bool marked)
{
	bool ignores = model.who == GUEST && broken(eretu_in_the_guest_ignores_the_controls);

	if (marked ? broken(eretu_never_unblocks) : broken(every_eretu_unblocks))
		marked = !marked;
	current()->in_ring_3 = true;
	if (ignores && marked)
		model.blocked = false;
	else
		unblock_if(marked);
}

void model_fred_execute(enum model_op op)
{
	uint64_t ss = ss_of_step(op);

	if (op == OP_ERETU || op == OP_ERETU_NMI) {
		eretu(op == OP_ERETU_NMI);
		return;
	}
	if (ss & FRED_SS_STI)
		current()->interrupts_on = true;
	erets(ss | FRED_SS_EVENT(TYPE_NMI, 0, 0), op == OP_ERETS_LEVEL ? 3 : 0,
	      current()->interrupts_on, false);
}

/* F6: ERETU is for stack level 0. */
bool model_fred_eretu_faults(void)
{
	return model.registers.level && !broken(eretu_ignores_the_stack_level);
}

/* F5: open. */
void model_fred_fault(enum model_op op)
{
	bool is_return = op == OP_BAD_ERETS || op == OP_BAD_ERETU;

	if (is_return && chosen(faulting_erets_unblocks))
		unblock_if(true);
}

bool model_fred_iret_keeps_blocking(void)
{
	return model_fred_is_on() && chosen(iret_keeps_blocking);
}

/* F5 */
bool model_fred_keeps_the_ring(void)
{
	return model_fred_is_on() && !broken(iret_changes_the_ring_with_fred);
}

/* F2: without CR4.FRED they are undefined; with it SYSRET is. */
bool model_fred_undefined(enum model_op op)
{
	if (op >= OP_ERETS && op <= OP_BAD_ERETU)
		return !model_fred_is_on() && !broken(erets_without_fred_is_executed);
	return op == OP_SYSRET && model_fred_is_on() && !broken(sysret_with_fred_is_executed);
}

/* --- whose registers they are: F9 --- */

static struct model_fred_registers registers_of(enum party who)
{
	return (struct model_fred_registers){
		.levels = who == HOST ? model.fred.levels : model.fred.guest_levels,
		.guests = who == GUEST,
	};
}

/* The stack level outlives CR4.FRED; an experiment begins at level 0. */
void model_fred_use(const struct fred_use *use)
{
	unsigned level = use->parties ? model.registers.level : 0;

	model.fred = *use;
	model.registers = registers_of(HOST);
	model.registers.level = level;
}

void model_fred_enter(bool resume)
{
	bool asked = model.controls & ENTRY_LOADS_FRED;

	if (!resume)
		model.guest_area = registers_of(GUEST);
	if (asked ? !broken(entry_does_not_load_freds_registers)
		  : broken(entry_always_loads_freds_registers))
		model.registers = model.guest_area;
}

void model_fred_leave(struct exit *exit)
{
	bool asked = model.controls & EXIT_LOADS_FRED;

	if (model.controls & EXIT_SAVES_FRED && !broken(exit_does_not_save_freds_registers))
		model.guest_area = model.registers;
	exit->fred_level = model.guest_area.level;
	if (asked ? !broken(exit_does_not_load_freds_registers)
		  : broken(exit_always_loads_freds_registers))
		model.registers = registers_of(HOST);
}

/* What x86/fred.c does with its frame. A system call goes on in ring 0, by RET. */
void model_fred_return(const struct model_frame *handler)
{
	uint64_t ss = handler->fred.ss;
	enum fred_return how = model.fred.how;

	if (!ss)
		return;
	if (how <= RETURN_BY_RET_AT_LEVEL || FRED_SS_TYPE(ss) == TYPE_OTHER_EVENT) {
		if (how != RETURN_BY_RET_AT_LEVEL)
			model.registers.level = handler->fred.from;
		return;
	}
	if (FRED_SS_VECTOR(ss) == VECTOR_NMI && how == RETURN_BY_ERETS_MARKED)
		ss |= FRED_SS_NMI;
	if (FRED_SS_VECTOR(ss) == VECTOR_NMI && how == RETURN_BY_ERETS_UNMARKED)
		ss &= ~FRED_SS_NMI;
	if (handler->fred.ring == 3)
		eretu(ss & FRED_SS_NMI);
	else
		erets(ss, handler->fred.from, false, true);
}
