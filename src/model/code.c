/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/state.h"

#include "string.h"

#define STEP_LENGTH 8 /* instructions */

struct instruction {
	enum model_op op;
	unsigned place; /* enum place_kind */
};

/* steps.def: the code of steps.S. */
#define STEP(name, shape, ...) [name] = {__VA_ARGS__},
#define FIRST(op)              {OP_##op, PLACE_FIRST},
#define BEFORE(op)             {OP_##op, PLACE_BEFORE},
#define AT(op)                 {OP_##op, PLACE_AT},
#define AFTER(op)              {OP_##op, PLACE_AFTER},
#define LATER(op)              {OP_##op, PLACE_UNKNOWN},
static const struct instruction code[STEPS][STEP_LENGTH] = {
#include "nmi/steps.def"
};
#undef STEP

#define IRET_LENGTH (sizeof(long) / 4) /* with its prefix in 64 bit */

/* In bytes, where both widths agree or experiments ask. */
static const unsigned char lengths[OPS] = {
	[OP_NOP] = 1,     [OP_RET] = 1,  [OP_HLT] = 1,     [OP_POPF] = 1,           [OP_INT2] = 2,
	[OP_INT3] = 1,    [OP_INT1] = 1, [OP_SYSCALL] = 2, [OP_INTN] = 2,           [OP_VMCALL] = 3,
	[OP_VMMCALL] = 3, [OP_CLGI] = 3, [OP_STGI] = 3,    [OP_IRET] = IRET_LENGTH,
};

enum { LOOP = 2 }; /* where a step's loop begins */

/* Any handler: what trap_stubs.S and trap.c come down to. */
static const enum model_op handler_code[] = {OP_PLAIN, OP_RECORD, OP_HANDLER_RETURN};

static struct model_program *current(void)
{
	return &model.program[model.who];
}

void model_code_load(enum party who, const enum step *steps, unsigned count, enum step last)
{
	struct model_program *p = &model.program[who];

	memset(p, 0, sizeof(*p));
	p->count = count < STEPS_MAX ? count : STEPS_MAX;
	for (unsigned i = 0; i < p->count; i++)
		p->steps[i] = steps[i];
	p->steps[p->count] = last;
}

struct model_frame *model_code_frame(void)
{
	struct model_program *p = current();

	return p->depth ? &p->frames[p->depth - 1] : NULL;
}

/* A mutant may lead behind the last step, where nothing is. */
static enum step step_of(const struct model_program *p)
{
	return p->step <= p->count ? p->steps[p->step] : SPIN;
}

static bool has_next_instruction(void)
{
	struct model_program *p = current();

	return step_of(p) != STEPS_END && p->instruction < STEP_LENGTH;
}

/* Only a step that is one instruction is ever replaced, by one that is. */
static enum model_op op_of(enum step step, unsigned instruction)
{
	bool replaced = step == model.replaced && code[step][instruction].place == PLACE_AT;

	return code[replaced ? model.replaced_by : step][instruction].op;
}

enum model_op model_code_op(void)
{
	struct model_program *p = current();
	struct model_frame *frame = model_code_frame();

	if (frame)
		return handler_code[frame->instruction];
	return has_next_instruction() ? op_of(step_of(p), p->instruction) : OP_NONE;
}

static unsigned frame_place(const struct model_frame *frame)
{
	if (frame->instruction)
		return PLACE_UNKNOWN;
	return frame->fred.ss ? fred_entry(frame->fred.ring) : handler(frame->vector);
}

unsigned model_code_place(void)
{
	struct model_program *p = current();
	struct model_frame *frame = model_code_frame();

	if (frame)
		return frame_place(frame);
	if (model.who == HOST && model.at_exit_handler)
		return PLACE_EXIT;
	if (!has_next_instruction())
		return PLACE_UNKNOWN;
	unsigned kind = code[step_of(p)][p->instruction].place;
	return kind == PLACE_UNKNOWN ? PLACE_UNKNOWN : kind | step_of(p);
}

void model_code_advance(void)
{
	struct model_frame *frame = model_code_frame();

	if (frame)
		frame->instruction++;
	else
		current()->instruction++;
}

void model_code_ret(void)
{
	current()->step++;
	current()->instruction = 0;
}

void model_code_again(void)
{
	current()->instruction = LOOP;
}

bool model_code_is_done(void)
{
	struct model_program *p = current();

	return !p->depth && step_of(p) == STEPS_END;
}

unsigned model_code_length(void)
{
	return lengths[model_code_op()];
}

/* To the instruction that is so many bytes on. If that is none, no experiment will expect it. */
static unsigned return_place(unsigned length)
{
	bool is_next = length == model_code_length() && !model_code_frame();

	if (length == RETURN_HERE)
		return model_code_place();
	if (is_next)
		model_code_advance();
	return is_next ? model_code_place() : (unsigned)PLACE_UNKNOWN;
}

void model_code_interrupt(enum event_kind kind, unsigned vector, unsigned length)
{
	struct model_program *p = current();
	bool resume_flag = model.fault ? !broken(fault_pushes_no_rf) : broken(trap_pushes_rf);
	struct model_frame frame = {.kind = kind,
				    .vector = vector,
				    .place = return_place(length),
				    .error = model.error,
				    .resume_flag = resume_flag};

	if (p->depth < MODEL_NESTING)
		p->frames[p->depth++] = frame;
	else
		model.budget = 1; /* a storm: the run ends here */
}

void model_code_end_steps(void)
{
	struct model_program *p = current();

	p->depth = 0;
	p->step = p->count;
	p->instruction = 0;
	p->activity = ACTIVITY_ACTIVE;
}

void model_code_return(void)
{
	if (model_code_frame()->kind == EVENT_EXCEPTION)
		model_code_end_steps();
	else
		current()->depth--;
}
