/* SPDX-License-Identifier: BSD-2-Clause */
/* Any x86: how NMIs and interrupts reach a program. Rules R1-R8. */
#include "model/state.h"

#include "string.h"
#include "x86/trap.h"

enum { VECTOR_UD = 6 };

/* Selectors that steps.S loads. */
enum {
	BAD_SELECTOR_VALUE = 0xfffc,
	LDT_SELECTOR_VALUE = 0x000c,
	RING_3_SELECTOR_VALUE = 0x0080, /* HOST_CS3, as an error code */
};

static struct model_program *current(void)
{
	return &model.program[model.who];
}

/* --- events --- */

/* R44: wait-for-SIPI holds everything but a SIPI. R8: HLT does not. */
static bool activity_holds_nmis(void)
{
	switch (current()->activity) {
	case ACTIVITY_WAIT_FOR_SIPI:
		return !broken(nmi_ends_wait_for_sipi);
	case ACTIVITY_SHUTDOWN:
		return broken(shutdown_holds_nmis);
	case ACTIVITY_HLT:
		return model.who == HOST && broken(nmi_does_not_end_hlt);
	default:
		return false;
	}
}

/* R6, R23: MOV SS does. R24: open, where the NMI exits; also whether STI does. */
static bool shadow_holds_nmis(void)
{
	bool exits = model.who == GUEST && model.controls & NMI_EXITING;

	if (model.sti && (exits ? chosen(sti_holds_nmi_exits) : chosen(sti_holds_nmis)))
		return true;
	return model.mov_ss && !broken(mov_ss_does_not_hold_nmis) &&
	       !(exits && chosen(mov_ss_holds_no_nmi_exits));
}

/* R1: blocking. S1: GIF. */
bool model_cpu_nmi_is_open(void)
{
	bool gif = model.gif || broken(gif_does_not_hold_nmis);

	bool blocked = model.blocked && !(model.storm && model_code_op() == OP_IRET &&
					  broken(nmis_are_open_at_an_iret));

	return model.nmis_pending && !blocked && gif && !shadow_holds_nmis() && !model.nmi_late &&
	       !activity_holds_nmis() && !(model.nmis_held && model.who == GUEST);
}

/* R44: shutdown holds maskable interrupts. */
bool model_cpu_activity_takes_interrupts(void)
{
	return current()->activity <= ACTIVITY_HLT || broken(interrupt_ends_shutdown);
}

/* RFLAGS.IF, unless the architecture has another one. */
static bool interrupts_on(void)
{
	if (model.who == GUEST && model.architecture->interrupts_on)
		return model.architecture->interrupts_on();
	return current()->interrupts_on;
}

/* S1: GIF. STI and MOV SS hold it for one instruction. */
bool model_cpu_fence_is_open(void)
{
	bool gif = model.gif || broken(gif_does_not_hold_interrupts);

	bool mov_ss = model.mov_ss && !broken(mov_ss_does_not_hold_interrupts);

	return model.fences_pending && interrupts_on() && gif && !model.sti && !mov_ss &&
	       model_cpu_activity_takes_interrupts();
}

/* R1: a true NMI blocks further ones. */
static bool nmi_blocks(void)
{
	bool guest = model.who == GUEST;

	if (!guest && model.tasks == NMI_TASK && broken(nmi_through_a_task_gate_does_not_block))
		return false;
	return !broken(nmi_does_not_block) && !(guest && broken(guest_nmi_does_not_block));
}

/* R20: it blocks before it is delivered. */
void model_cpu_take_nmi(void)
{
	bool blocks = nmi_blocks();

	/* R8: the address pushed is that of the instruction after the HLT. */
	if (current()->activity == ACTIVITY_HLT && current()->instruction &&
	    broken(nmi_returns_to_the_hlt))
		current()->instruction--;
	model.nmis_pending--;
	bool faults_below = virt_features & HAS_VMX && model.who == GUEST &&
			    model.controls & NESTED_PAGING && model_deliver_faults_below();
	if (faults_below && broken(own_nmi_is_lost_in_a_fault_below))
		return;
	blocks &= !(faults_below && broken(own_nmi_does_not_block_after_a_fault_below));
	if (!broken(nmi_blocks_after_its_delivery))
		model.blocked |= blocks;
	if (model_deliver(EVENT_INFO(TYPE_NMI, VECTOR_NMI), RETURN_HERE))
		model.blocked |= blocks;
}

static void take_fence(void)
{
	if (model.who == GUEST && model.architecture->interrupt_exits &&
	    model.architecture->interrupt_exits())
		return;
	model.fences_pending--;
	model.fences_in_service++;
	model_deliver(EVENT_INFO(TYPE_EXTERNAL_INTERRUPT, VECTOR_FENCE), RETURN_HERE);
}

/* Mutants: an interrupt that the guest has left behind in the CPU. */
static bool take_stray_interrupt(void)
{
	bool open = model.stray_interrupt && model.who == HOST && model.gif && !model.sti &&
		    current()->interrupts_on;

	if (!open)
		return false;
	model.stray_interrupt = false;
	model_deliver(EVENT_INFO(TYPE_EXTERNAL_INTERRUPT, VECTOR_IRQ), RETURN_HERE);
	return true;
}

/* Between two instructions. R7: debug traps, then an NMI, then a maskable interrupt. */
static bool take_event(void)
{
	bool (*take_first)(void) = model.architecture->take_first_event;

	if (model.who == GUEST && take_first && take_first())
		return true;
	if (model_trap_take())
		return true;
	if (model.who == GUEST && model.architecture->take_event())
		return true;
	if (broken(interrupt_before_the_nmi) && model_cpu_fence_is_open())
		take_fence();
	else if (model_cpu_nmi_is_open())
		model_cpu_take_nmi();
	else if (model_cpu_fence_is_open())
		take_fence();
	else if (take_stray_interrupt())
		return true;
	else
		return model.who == GUEST && model.architecture->take_last_event();
	return true;
}

/* --- instructions --- */

/* INT n and INT3. R5: INT 2 goes the NMI's way and is none. */
static void software_event(enum model_op op)
{
	uint32_t event = EVENT_INFO(TYPE_SOFTWARE_INTERRUPT, VECTOR_INTN);

	if (op == OP_INT2)
		event = EVENT_INFO(TYPE_SOFTWARE_INTERRUPT, VECTOR_NMI);
	if (op == OP_INT3)
		event = EVENT_INFO(model.architecture->int3, VECTOR_BP);
	if (op == OP_INT1)
		event = EVENT_INFO(TYPE_PRIVILEGED_EXCEPTION, VECTOR_DB);
	if (op == OP_SYSCALL)
		event = EVENT_INFO(TYPE_OTHER_EVENT, FRED_VECTOR_SYSCALL);
	model_deliver_instruction(event, model_code_length());
	if (op == OP_INT2 && broken(int2_blocks_nmis))
		model.blocked = true;
	if (op == OP_INT2 && model.who == GUEST && broken(int2_blocks_virtually))
		model.virtually_blocked = true;
}

static void ask(void)
{
	model.asked++;
	model.woken_in_vain = false;
	if (!model.helper)
		return;
	model.nmis_coming = model.plan_next < STEPS_MAX ? model.plan[model.plan_next++] : 0;
	model.behind_another = false;
	model.fences_coming++;
}

/* The HLT step ends with its fence. A wake-up without an event is R8's to forbid. */
static void halt_again(void)
{
	if (model.fenced == model.asked)
		return;
	if (current()->halt_seen == trace_count)
		trace_spurious++;
	current()->halt_seen = trace_count;
	model_code_again();
}

/* What x86/trap.c does. */
static void record(const struct model_frame *frame)
{
	bool fence = frame->vector - VECTOR_FENCE < FENCES;
	unsigned vector = fence ? VECTOR_FENCE : frame->vector;

	struct trace_frame pushed = frame->fred;

	pushed.pushed = frame->error;
	pushed.resume_flag = frame->resume_flag;
	trace_framed((struct event){frame->kind, model.who, vector, frame->place, frame->place},
		     pushed);
	if (fence && model.fences_in_service) {
		/* Not an injected one: those never are in service. */
		model.fences_in_service--;
		model.fenced++;
	}
}

static void handler_return(void)
{
	current()->interrupts_on = false;
	model_iret_instead(broken(popf_unblocks));
	model_fred_return(model_code_frame());
	model_code_return();
}

static void set_interrupts_on(void)
{
	if (!current()->interrupts_on)
		model.virtual_interrupts_masked = false;
	current()->interrupts_on = true;
}

/* The program counter has moved on already: an event that this raises returns behind it. */
/* What only changes a flag or a priority. */
static void execute_flag(enum model_op op)
{
	switch (op) {
	case OP_STI:
		model.sti = !current()->interrupts_on && !broken(sti_does_not_hold_interrupts);
		model.sti_again = model.sti && broken(sti_holds_interrupts_for_two_instructions);
		set_interrupts_on();
		break;
	case OP_CLI:
		current()->interrupts_on = false;
		break;
	case OP_SET_TF:
		current()->traps_on = true;
		break;
	case OP_CR8_15:
		if (model.who == GUEST && model.architecture->set_tpr)
			model.architecture->set_tpr(15);
		break;
	default:
		break;
	}
}

/* Returns other than IRET, and the IRET that ends a task. */
static bool execute_return(enum model_op op)
{
	switch (op) {
	case OP_TASK_IRET:
		if (!broken(task_return_does_not_unblock))
			model_iret(true);
		return true;
	case OP_RETF:
		model_iret_instead(broken(retf_unblocks));
		return true;
	case OP_SYSRET:
		model_iret_instead(broken(sysret_unblocks));
		return true;
	case OP_POPF:
		model_iret_instead(broken(popf_unblocks));
		return true;
	default:
		return false;
	}
}

/* What is around a HLT, or in the place of one: asking for events and waiting for them. */
static bool execute_waiting(enum model_op op)
{
	switch (op) {
	case OP_ASK:
		ask();
		return true;
	case OP_SEEN:
		current()->halt_seen = trace_count;
		return true;
	case OP_AGAIN:
		halt_again();
		return true;
	case OP_WAIT:
		while (model_arrive_next())
			;
		return true;
	case OP_LOOP:
		if (model.fenced != model.asked)
			model_code_again();
		return true;
	default:
		return false;
	}
}

static void execute(enum model_op op)
{
	switch (op) {
	case OP_RET:
		model_code_ret();
		break;
	case OP_HLT:
		current()->activity = ACTIVITY_HLT;
		break;
	case OP_ERETS:
	case OP_ERETS_NMI:
	case OP_ERETS_STI:
	case OP_ERETS_STI_NMI:
	case OP_ERETS_LEVEL:
	case OP_ERETS_TRAP_NMI:
	case OP_ERETU:
	case OP_ERETU_NMI:
		model_fred_execute(op);
		break;
	case OP_IRET_ON:
		set_interrupts_on();
		model_iret(true);
		break;
	case OP_IRET:
		model_iret(true);
		break;
	case OP_RING_3_IRET:
		if (!broken(iret_to_ring_3_does_not_unblock))
			model_iret(true);
		current()->in_ring_3 = true;
		break;
	case OP_MOV_SS:
	case OP_WATCHED_MOV_SS:
		model.mov_ss = true;
		model.mov_ss_again = broken(mov_ss_holds_for_two_instructions);
		model_arrive_next(); /* what is to come comes at the worst moment */
		break;
	case OP_SET_TF_IF:
		current()->traps_on = true;
		set_interrupts_on();
		break;
	case OP_RECORD:
		record(model_code_frame());
		break;
	case OP_HANDLER_RETURN:
		handler_return();
		break;
	case OP_CLGI:
	case OP_STGI:
		model_gif_set(op == OP_STGI);
		break;
	default:
		if (!execute_waiting(op) && !execute_return(op))
			execute_flag(op);
		break;
	}
}

/* R6, R23, S13: they block for exactly one instruction. */
static void end_shadows(void)
{
	model.nmi_late = model.window_late = false;
	model.sti = model.sti_again;
	model.mov_ss = model.mov_ss_again;
	model.sti_again = model.mov_ss_again = false;
}

static bool is_software_event(enum model_op op)
{
	return op == OP_INT2 || op == OP_INT3 || op == OP_INT1 || op == OP_INTN || op == OP_SYSCALL;
}

/* The fault that this instruction raises here; 0: none. */
static unsigned fault_of(enum model_op op)
{
	switch (op) {
	case OP_BAD_IRET:
	case OP_LDT_IRET:
	case OP_V86_IRET:
	case OP_BAD_SELECTOR:
	case OP_BAD_ERETS:
	case OP_BAD_ERETU:
		return VECTOR_GP;
	case OP_ERETU:
	case OP_ERETU_NMI:
		return model_fred_eretu_faults() ? VECTOR_GP : 0;
	case OP_RING_3_IRET:
		return model_fred_keeps_the_ring() ? VECTOR_GP : 0;
	case OP_PRIVILEGED:
		return current()->in_ring_3 ? VECTOR_GP : 0;
	case OP_SS_IRET:
		return VECTOR_SS;
	case OP_PF_IRET:
		return VECTOR_PF;
	default:
		return 0;
	}
}

/* A #GP or #SS is about a selector that is not there; a #PF's page is not present. */
static unsigned long error_of(enum model_op op)
{
	return op == OP_BAD_IRET || op == OP_BAD_SELECTOR ? BAD_SELECTOR_VALUE
	       : op == OP_LDT_IRET                        ? LDT_SELECTOR_VALUE
	       : op == OP_RING_3_IRET                     ? RING_3_SELECTOR_VALUE
							  : 0;
}

/* Not an INT n's or a trap: the flags that it pushes have RF, so that no breakpoint matches twice.
 */
static void deliver_fault(unsigned vector)
{
	model.fault = true;
	model_deliver(model_deliver_exception(vector), RETURN_HERE);
}

/* The faulting instruction has not been executed: the program counter stays. */
static bool faults(enum model_op op)
{
	if (model.architecture->undefined(op) || model_fred_undefined(op)) {
		deliver_fault(VECTOR_UD);
		return true;
	}
	unsigned vector = fault_of(op);
	if (!vector)
		return false;
	model.iret_unblocked = false;
	model_fred_fault(op);
	if (model_deliver_is_iret(op) || (op == OP_V86_IRET && !broken(v86_iret_keeps_blocking)))
		model_iret(false);
	model.error = error_of(op);
	if (model.who != GUEST || !model.architecture->fault_exits(op, vector))
		deliver_fault(vector);
	return true;
}

/* An exit comes instead of the instruction and leaves everything as it is before it. */
static bool exits(enum model_op op)
{
	return model.who == GUEST &&
	       (model_deliver_handler_is_missing() || model.architecture->instruction_exits(op) ||
		model_deliver_page_is_missing(op));
}

static void step(void)
{
	enum model_op op = model_code_op();
	bool traps_on = current()->traps_on;

	if (exits(op) || faults(op))
		return;
	end_shadows();
	model.has_moved = true;
	model.ticks++;
	if (is_software_event(op)) {
		software_event(op);
		return;
	}
	if (op != OP_SPIN && op != OP_NONE)
		model_code_advance();
	execute(op);
	if (op == OP_CPUID && broken(cpuid_is_not_single_stepped))
		traps_on = false;
	if (op == OP_HLT && broken(hlt_is_not_single_stepped))
		traps_on = false;
	model_trap_after(traps_on, op == OP_WATCHED_WRITE || op == OP_WATCHED_MOV_SS);
}

/* --- running --- */

/* R8: a blocked NMI does not end HLT. */
static bool wakes_in_vain(void)
{
	if (!broken(blocked_nmi_ends_hlt) || !model.nmis_pending || model.woken_in_vain)
		return false;
	model.woken_in_vain = true;
	return true;
}

/* False: there is no way on, it halts for ever. */
static bool halt(void)
{
	if (!wakes_in_vain())
		return model_arrive_next();
	current()->activity = ACTIVITY_ACTIVE;
	return true;
}

static void give_up(void)
{
	model.taken_back = true;
	if (model.who == GUEST)
		model.architecture->take_back();
	else
		model_code_end_steps();
}

/* One event or instruction. False: there is no way on. */
static bool advance(void)
{
	model_arrive_weather();
	if (take_event())
		return true;
	if (current()->activity != ACTIVITY_ACTIVE)
		return halt();
	step();
	return true;
}

void model_cpu_run(void)
{
	enum party who = model.who;

	for (model.budget = MODEL_BUDGET; model.who == who && !model_code_is_done();
	     model.budget--) {
		if (!model.budget || !advance()) {
			give_up();
			return;
		}
	}
}

void model_cpu_settle(void)
{
	for (model.budget = MODEL_BUDGET; model.budget; model.budget--) {
		if (take_event())
			continue;
		if (!model_code_frame())
			return;
		step();
	}
	give_up();
}

struct exit *model_cpu_leave(enum exit_reason reason, uint32_t code)
{
	struct exit *exit = model.exit;

	model.decided = mutants_last();
	memset(exit, 0, sizeof(*exit));
	exit->reason = reason;
	exit->code = code;
	exit->place = model_code_place();
	exit->ip = exit->place;
	exit->flags = model.controls;
	exit->injection = model.injection;
	model.sti = model.mov_ss = model.nmi_late = model.fault = false;
	model.debug_traps = 0;
	model.who = HOST;
	return exit;
}
