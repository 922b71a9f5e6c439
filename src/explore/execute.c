/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/execute.h"

#include "nmi/event_info.h"
#include "nmi/story.h"
#include "nmi/trace.h"
#include "string.h"
#include "x86/trap.h"

#define PRIORITY_MAX 15 /* of a virtual interrupt */
#define ROUNDS_MAX   4  /* to open the host: each lets in one NMI */

/* What the verbs keep, and what undoes it. */
static struct {
	struct tale *tale;
	unsigned operation; /* that runs, or runs next */
	struct entry next;
	struct exit last;
	enum step steps[STEPS_MAX];
	unsigned loaded_length; /* of the last injection's instruction */
	bool entered[GUESTS];   /* and it can go on where it left */
	bool knows_return;      /* of the software event to inject: it was cut off here */
	unsigned guest;
	bool changed[OTHER_PAGE];
	bool asked;       /* for what is perhaps still on its way */
	unsigned fences;  /* that may wait, as long as GIF is 0 */
	bool sipi, later; /* come in the next entry */
	unsigned later_nmis;
	struct fred_use fred;
} run;

static void end(enum tale_end how)
{
	if (run.tale->end == TALE_DONE)
		run.tale->end = how;
}

/* --- what happened --- */

/* Of one run of steps there is at most one exit. */
static void collect(void)
{
	const struct event *event;

	while ((event = trace_front())->kind != EVENT_NONE) {
		uint64_t decided = trace_ticks();

		trace_pop();
		if (event->kind == EVENT_EXIT)
			tale_add_exit(run.tale, &run.last, event->place, run.operation);
		else
			tale_add_event(run.tale, event, trace_frame(), run.operation);
		if (run.tale->count)
			run.tale->items[run.tale->count - 1].decided = decided;
	}
	if (virt->took_back())
		end(TALE_STUCK);
}

/* --- acting --- */

/* Tell the sender what the HLTs want. Fences that wait would end them before their time. */
static bool plan(const struct operation *operation)
{
	unsigned nmis[PROGRAM_STEPS_MAX], halts = 0;

	for (unsigned i = 0; i < operation->count; i++) {
		run.steps[i] = operation->steps[i];
		if (run.steps[i] == HLT)
			nmis[halts++] = operation->nmis[i];
	}
	if (halts && !virt->drain()) {
		end(TALE_UNSOUND);
		return false;
	}
	virt->plan(nmis, halts);
	run.asked |= halts;
	return true;
}

static void host_steps(const struct operation *operation)
{
	if (plan(operation))
		virt->run_host(run.steps, operation->count);
}

static bool ends_in_the_guest(enum exit_reason reason)
{
	return reason != EXIT_SHUTDOWN && reason != EXIT_ENTRY_FAILED && reason != EXIT_INVALID &&
	       reason != EXIT_INIT;
}

static void run_guest(void)
{
	run.loaded_length = run.next.length;
	virt->run_guest(&run.next, &run.last);
	trace_exit((struct event){EVENT_EXIT, GUEST, run.last.reason, run.last.place, run.last.ip});
	run.last.flags &= ~(uint64_t)ENTRY_FLAGS;
	run.next.flags = run.last.flags;
	run.next.injection = 0;
	run.next.event_data = 0;
	run.next.length = 0;
	memset(run.entered, 0, sizeof(run.entered));
	run.entered[run.guest] = ends_in_the_guest(run.last.reason);
}

static bool uses_ring_3_well(const struct operation *operation)
{
	if (!(run.next.flags & RING_3))
		return true;
	for (unsigned i = 0; i < operation->count; i++)
		if (i ? operation->steps[i] != NOP : !step_is_plain(operation->steps[i]))
			return false;
	return run.next.injection & EVENT_VALID &&
	       event_type(run.next.injection) != TYPE_OTHER_EVENT;
}

/* Steps whose set-up pushes, or that read what they have not pushed. */
static bool needs_stack(enum step step)
{
	return !step_is_plain(step) && step != HLT && step != MOV_SS && step != BAD_SELECTOR;
}

/* #SS that does not exit has no stack; a TPR that is not the guest's own would hold our fences. */
static bool steps_have_what_they_need(const struct operation *operation)
{
	bool stack = !(run.next.flags & NESTED_PAGING) || !run.changed[GUEST_STACK];

	for (unsigned i = 0; i < operation->count; i++) {
		enum step step = operation->steps[i];
		if ((needs_stack(step) && !stack) ||
		    (step == SS_IRET && !(run.next.flags & INTERCEPT_SS)) ||
		    (step == CR8_15 && !(run.next.flags & V_INTR_MASKING)))
			return false;
	}
	return true;
}

static bool is_software(uint32_t event)
{
	enum event_type type = event_type(event);
	unsigned vector = event_vector(event);

	return event & EVENT_VALID &&
	       ((type >= TYPE_SOFTWARE_INTERRUPT && type <= TYPE_SOFTWARE_EXCEPTION) ||
		(type == TYPE_OTHER_EVENT && vector && run.fred.parties & FRED_GUEST) ||
		(virt_features & HAS_SVM && type == TYPE_EXCEPTION &&
		 (vector == 3 || vector == 4)));
}

static unsigned plain_length(const struct operation *operation)
{
	static const unsigned char lengths[STEPS] = {
		[NOP] = 1,    [INT3] = 1,    [INT2] = 2, [INTN] = 2,
		[VMCALL] = 3, [VMMCALL] = 3, [CLGI] = 3, [STGI] = 3,
	};
	return lengths[operation->count ? operation->steps[0] : virt->hypercall];
}

/* A software event must return to an instruction: what is behind the guest's first one. A length
 * that VM entry refuses is no danger. */
static bool returns_well(const struct operation *operation)
{
	bool refused = virt_features & HAS_VMX && (!run.next.length || run.next.length > 15);

	return !is_software(run.next.injection) || refused ||
	       run.next.length == plain_length(operation);
}

/* What comes later must find the guest waiting for it. */
static bool waits_for_what_comes(void)
{
	if (run.sipi)
		return run.next.activity == ACTIVITY_WAIT_FOR_SIPI;
	return !run.later || run.next.activity == ACTIVITY_SHUTDOWN;
}

/* An entry that loads FRED's registers needs some. An ERETU at a stack level that is not 0 would
 * fault in the handler; a handler on a stack of its own would go back to one that is not there. */
static bool uses_fred_well(void)
{
	const uint64_t registers = ENTRY_LOADS_FRED | EXIT_SAVES_FRED | EXIT_LOADS_FRED;
	uint64_t flags = run.next.flags;
	uint32_t injection = run.next.injection;
	bool injects = injection & EVENT_VALID;
	bool high = injection & INFO_NESTED || event_vector(injection) == VECTOR_DF;
	bool stack = !(flags & NESTED_PAGING) || !run.changed[GUEST_STACK];

	if (flags & registers && !run.fred.parties)
		return false;
	if (!(run.fred.parties & FRED_GUEST))
		return true;
	if (!stack && (run.fred.levels || (injects && high)))
		return false;
	if (flags & RING_3)
		return !(injects && high && run.fred.how != RETURN_BY_RET);
	return true;
}

static bool is_sound_entry(const struct operation *operation)
{
	return uses_ring_3_well(operation) && steps_have_what_they_need(operation) &&
	       returns_well(operation) && waits_for_what_comes() && uses_fred_well();
}

/* Each request that waits has its fence's vector to itself: of more, one would hide another. */
static bool has_room_for_a_fence(void)
{
	if (virt->drain())
		run.fences = 0;
	return run.fences++ < FENCES - 1;
}

/* A guest that begins in HLT must not sleep for ever. */
static void end_inactivity(void)
{
	if (run.next.activity != ACTIVITY_ACTIVE && (!has_room_for_a_fence() || !virt->deliver(0)))
		end(TALE_UNSOUND);
}

static void enter(const struct operation *operation)
{
	if (!is_sound_entry(operation)) {
		end(TALE_UNSOUND);
		return;
	}
	if (!plan(operation))
		return;
	end_inactivity();
	if (run.sipi || run.later)
		virt->ask(run.later_nmis, run.sipi ? ASK_SIPI_IN_GUEST : ASK_IN_GUEST);
	run.asked |= run.sipi || run.later;
	run.sipi = run.later = false;
	run.later_nmis = 0;
	run.next.resume = false;
	run.next.steps = run.steps;
	run.next.count = operation->count;
	run_guest();
}

/* In ring 3 no step but NOP means what it says; nRIP that nobody knows leads nowhere, and so does
 * the length of another instruction than the one at which the guest goes on. */
static void resume(void)
{
	bool nowhere = is_software(run.next.injection) && (!run.next.length || !run.knows_return);

	if (!run.entered[run.guest] || run.next.flags & RING_3 || nowhere || run.sipi ||
	    run.later || !uses_fred_well()) {
		end(TALE_UNSOUND);
		return;
	}
	run.next.resume = true;
	run_guest();
}

static void set_guest(uint64_t flags)
{
	memset(&run.next, 0, sizeof(run.next));
	run.next.flags = flags;
	run.next.priority = PRIORITY_MAX;
	run.next.interrupts_on = flags & INTERRUPTS_ON;
}

/* An external interrupt needs RFLAGS.IF: SDM "Checks on Guest Non-Register State". */
static void inject(const struct operation *operation)
{
	run.next.injection = operation->value;
	run.next.length = operation->length;
	run.knows_return = false;
	if (event_type(run.next.injection) == TYPE_EXTERNAL_INTERRUPT)
		run.next.interrupts_on = true;
}

static void reinject(void)
{
	run.next.injection = run.last.vectoring;
	run.next.event_data = run.last.event_data;
	run.knows_return = true;
	if (is_software(run.last.vectoring))
		run.next.length = run.last.length ? run.last.length : run.loaded_length;
}

static void arrive(unsigned nmis)
{
	if (!has_room_for_a_fence() || !virt->deliver(nmis))
		end(TALE_UNSOUND);
}

static void send_to_self(enum nmi_to_self how)
{
	if (!has_room_for_a_fence() || !virt->to_self(how) || !virt->deliver(0))
		end(TALE_UNSOUND);
}

static void set_activity(enum activity activity)
{
	run.next.activity = activity;
	run.next.interrupts_on = true;
}

static void change_page(enum operation_kind how, enum guest_page page)
{
	run.changed[page] = how != DO_MAP;
	if (how == DO_RENEW)
		virt->renew_page(page);
	else
		virt->set_page(page, how == DO_MAP);
}

static void use_guest(unsigned guest)
{
	virt->use_guest(guest);
	run.guest = guest;
}

static void set_priority(unsigned value)
{
	run.next.priority = value / 16;
	run.next.tpr = value % 16;
}

/* What a guest was in the midst of, it cannot go on with otherwise. */
static void use_fred(unsigned value)
{
	static const enum fred_return ways[] = {RETURN_BY_RET, RETURN_BY_ERETS,
						RETURN_BY_ERETS_MARKED, RETURN_BY_ERETS_UNMARKED};

	run.fred = (struct fred_use){.parties = FRED_PARTIES(value),
				     .how = ways[FRED_HOW(value)],
				     .levels = FRED_LEVELS_OF(value)};
	memset(run.entered, 0, sizeof(run.entered));
	if (!virt->use_fred(&run.fred))
		end(TALE_UNSOUND);
}

static void stop_using_fred(void)
{
	if (run.fred.parties)
		use_fred(0);
}

static void come_later(unsigned nmis)
{
	run.later = true;
	run.later_nmis = nmis;
}

static void operate(const struct operation *operation)
{
	switch ((enum operation_kind)operation->kind) {
	case DO_HOST:
		host_steps(operation);
		break;
	case DO_ENTER:
		enter(operation);
		break;
	case DO_RESUME:
		resume();
		break;
	case DO_SET:
		set_guest(operation->value);
		break;
	case DO_INJECT:
		inject(operation);
		break;
	case DO_REINJECT:
		reinject();
		break;
	case DO_ARRIVE:
		arrive(operation->value);
		break;
	case DO_SELF:
		send_to_self(operation->value);
		break;
	case DO_ACTIVITY:
		set_activity(operation->value);
		break;
	case DO_UNMAP:
	case DO_MAP:
	case DO_RENEW:
		change_page(operation->kind, operation->value);
		break;
	case DO_IDT:
		run.next.idt_end = operation->value;
		break;
	case DO_CLEAN:
		run.next.clean = operation->value;
		break;
	case DO_PRIORITY:
		set_priority(operation->value);
		break;
	case DO_USE:
		use_guest(operation->value);
		break;
	case DO_LATER:
		come_later(operation->value);
		break;
	case DO_SIPI:
		run.sipi = true;
		break;
	case DO_FRED:
		use_fred(operation->value);
		break;
	case OPERATIONS:
		break;
	}
}

/* What the sender has been asked for has arrived when the next operation begins: taken or held. */
static void wait_for_what_was_asked(void)
{
	if (run.asked)
		virt->drain();
	run.asked = false;
}

/* --- before and after --- */

static void begin(struct tale *tale)
{
	memset(&run, 0, sizeof(run));
	run.tale = tale;
	set_guest(0);
	tale_begin(tale);
	trace_reset();
	virt->reset();
	if (virt->use_guest)
		virt->use_guest(0);
}

/* Is the host open? An NMI comes at once, or where it is opened; a second one says the same of what
 * was latched. Without FRED, and with IRET, which is sure to open it. */
static void tell_live_state(void)
{
	static const enum step nop[] = {NOP};

	stop_using_fred();
	arrive(1);
	if (run.tale->end != TALE_DONE)
		return;
	virt->run_host(nop, 1);
	virt_open_host();
	collect();
}

/* Opening lets in a latched NMI, whose handler blocks again, hence the rounds. */
static void settle_host(void)
{
	for (unsigned i = 0; i < ROUNDS_MAX; i++) {
		unsigned seen = trace_count;
		story_alive();
		virt_open_host();
		if (virt->drain() && virt->deliver(0) && virt->drain() && seen == trace_count)
			return;
	}
}

static void settle(void)
{
	struct exit exit;

	for (enum guest_page page = 0; page < OTHER_PAGE; page++)
		if (run.changed[page])
			virt->set_page(page, true);
	stop_using_fred();
	if (virt->use_guest)
		virt->use_guest(0);
	settle_host();
	if (virt->open_guest && virt_features & HAS_VIRTUAL_NMIS) {
		virt->run_guest(virt->open_guest, &exit);
		settle_host();
	}
	virt->took_back();
	trace_reset();
}

void execute(const struct program *program, struct tale *tale)
{
	begin(tale);
	for (; run.operation < program->count && tale->end == TALE_DONE; run.operation++) {
		story_alive();
		operate(&program->operations[run.operation]);
		wait_for_what_was_asked();
		collect();
	}
	if (tale->end == TALE_DONE)
		tell_live_state();
	if (tale->end == TALE_DONE)
		tale_add_wakeups(tale, trace_spurious, run.operation);
	settle();
}

bool execute_raced(const struct tale_difference *difference)
{
	const struct tale_item *got = difference->got;

	if (!got || got->value[TALE_KIND] == EVENT_EXCEPTION)
		return false;
	unsigned place = got->value[TALE_PLACE];
	return place == at(HLT) || place == first(HLT) || place == (PLACE_BEFORE | HLT);
}
