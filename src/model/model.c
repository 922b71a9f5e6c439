/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/model.h"

#include "model/state.h"
#include "string.h"
#include "svm/check.h"
#include "vmx/check.h"
#include "x86/trap.h"

#define STORM_TURNS 20000

struct model model;

/* --- neither VMX nor SVM --- */

static bool none_undefined(enum model_op op)
{
	return op == OP_VMCALL || op == OP_VMMCALL || op == OP_CLGI || op == OP_STGI;
}

const struct model_architecture model_none = {
	.undefined = none_undefined,
	.int3 = TYPE_SOFTWARE_EXCEPTION,
	.faulting_iret_unblocks = true,
};

static const struct model_architecture *const architectures[MODEL_VENDORS] = {
	[MODEL_NONE] = &model_none,
	[MODEL_VMX] = &model_vmx,
	[MODEL_SVM] = &model_svm,
};

void model_power_on(enum model_vendor vendor, bool helper)
{
	memset(&model, 0, sizeof(model));
	model.architecture = architectures[vendor];
	model.helper = helper;
	model.gif = true;
	model_code_load(HOST, NULL, 0, STEPS_END);
}

/* --- struct virt --- */

static bool enable(const char **why)
{
	*why = NULL;
	return true;
}

static void disable(void)
{
}

/* The host takes what is open at the exit, then what was still on its way. */
static void arrive_in_host(void)
{
	if (model.host_trap) {
		model.host_trap = false;
		model.at_exit_handler &= !broken(host_tf_traps_after_one_more_instruction);
		model_deliver(model_deliver_exception(VECTOR_DB), RETURN_HERE);
	}
	model_arrive_weather();
	model_cpu_settle();
	model.at_exit_handler = false;
	model_arrive_all();
}

static void run_guest(const struct entry *entry, struct exit *exit)
{
	model.exit = exit;
	model.controls = model.loaded = entry->flags;
	model.injection = entry->injection;
	model.event_data = entry->event_data;
	model.idt_end = entry->idt_end;
	model.has_moved = model.mtf_injected = false;
	bool has_error = entry->injection & INFO_ERROR_CODE && !broken(injected_error_code_is_0);
	model.error = has_error ? entry->error : 0;
	model.fault = false;
	if (!entry->resume) {
		model_code_load(GUEST, entry->steps, entry->count, virt->hypercall);
		model.program[GUEST].interrupts_on = entry->interrupts_on;
		model.program[GUEST].traps_on = entry->traps_on;
		model.ring_3 = model.program[GUEST].in_ring_3 = entry->flags & RING_3;
	}
	if (model.architecture->enter(entry) && model.who == GUEST)
		model_cpu_run();
	arrive_in_host();
}

static void run_host(const enum step *steps, unsigned count)
{
	model_code_load(HOST, steps, count, STEPS_END);
	if (model.host_halts) /* mutants */
		model.program[HOST].activity = ACTIVITY_HLT;
	model_cpu_run();
	model.program[HOST].interrupts_on = false;
	if (model.storm)
		model_arrive_all();
}

static void plan(const unsigned *nmis, unsigned halts)
{
	for (unsigned i = 0; i < halts; i++) {
		model.plan[i] = nmis[i] & ~AT_ONCE;
		model.timed |= nmis[i] & AT_ONCE;
	}
	model.plan_next = 0;
	if (halts && !model.helper) {
		model.nmis_coming = model.plan[0];
		model.fences_coming++;
		model.behind_another = false;
		model_arrive_all();
	}
}

static void set_page(enum guest_page page, bool present)
{
	model.is_missing[page] = !present;
	model.are_touched = false;
}

static void renew_page(enum guest_page page)
{
	set_page(page, true);
}

static void replace(enum step step, enum step with)
{
	model.replaced = step;
	model.replaced_by = with;
}

static bool deliver(unsigned nmis)
{
	model.asked++;
	model.nmis_coming = nmis;
	model.fences_coming++;
	model.behind_another = false;
	model_arrive_all();
	return true;
}

static void ask(unsigned nmis, enum ask how)
{
	model.asked++;
	model.nmis_coming = nmis;
	model.fences_coming++;
	model.storm = true;
	/* One that nobody took is still the first. */
	if (how == ASK_SIPI_IN_GUEST && !model.sipi_coming)
		model.sipi_sent = model.sipi_vector;
	model.sipi_coming |= how == ASK_SIPI_IN_GUEST;
	model.behind_another = false;
	model.storm_pause = how == ASK_NOW ? 0 : 3;
	model.storm_seed = 0;
	model.storm_turns = 0;
}

static bool answered(unsigned *seen)
{
	*seen = model.seen;
	return !model.nmis_coming && !model.fences_coming;
}

/* Nobody keeps the model waiting: turns are its time. */
static bool is_late(void)
{
	return model.storm_turns++ == STORM_TURNS;
}

static void use_guest(unsigned guest)
{
	if (guest != model.guest && broken(vmptrld_loads_blocking))
		model.blocked = model.was_blocked[guest];
	model.guest = guest;
}

static void use_tasks(enum tasks tasks)
{
	model.tasks = tasks;
}

static bool use_fred(const struct fred_use *use)
{
	model_fred_use(use);
	return true;
}

static uint64_t ticks(void)
{
	return model.ticks;
}

/* The shorthand is for fixed interrupts: this APIC ignores it. */
static bool to_self(enum nmi_to_self how)
{
	bool leaves_out = how == BY_BROADCAST && broken(nmi_broadcast_leaves_out_its_sender);

	/* R5 */
	if (how == BY_VECTOR_2 && !broken(vector_2_is_an_nmi))
		return false;
	if (how != BY_SHORTHAND && !leaves_out && !broken(nmi_to_self_is_lost))
		model_arrive_nmi();
	return true;
}

/* Both before an instruction boundary, or one after the other. */
static bool collide(unsigned delay)
{
	model.asked++;
	model.fences_coming++;
	model_arrive_nmi();
	if (delay % 2)
		model_cpu_settle();
	model_arrive_nmi();
	model_arrive_all();
	return true;
}

static bool end_fence(void)
{
	if (!model.fences_in_service)
		return false;
	model.fences_in_service--;
	model.fenced++;
	return true;
}

/* R46 */
static bool init(void)
{
	model.init_pending = !broken(init_is_lost_in_root_operation);
	return true;
}

static void use_sipi(unsigned vector)
{
	model.sipi_vector = vector;
}

/* S1: GIF holds maskable interrupts too. */
static bool drain(void)
{
	if (model.gif) {
		if (!model.nmis_coming)
			model_arrive_all();
		model.fenced += model.fences_pending;
		model.fences_pending = 0;
	}
	return model.fenced == model.asked;
}

static void reset(void)
{
	model.fenced = model.asked;
	model.nmis_coming = 0;
	model.fences_coming = 0;
	model.sipi_coming = model.storm = model.timed = model.init_pending = false;
	model.sipi_vector = 0;
	memset(model.plan, 0, sizeof(model.plan));
}

static void be_patient(unsigned attempt)
{
	(void)attempt;
}

static unsigned disturbances(void)
{
	return 0;
}

static bool changed_helper(void)
{
	return false;
}

static bool took_back(void)
{
	bool result = model.taken_back;

	model.taken_back = false;
	return result;
}

/* The model's instruction pointers are places. */
static unsigned place(unsigned long ip)
{
	return ip;
}

static void check_exit(const struct exit *exit, virt_noter note)
{
	(void)exit, (void)note;
}

#define MODEL_OPERATIONS                                                                           \
	.exit_handler = PLACE_EXIT, .enable = enable, .disable = disable, .run_guest = run_guest,  \
	.use_tasks = use_tasks, .ask = ask, .answered = answered, .is_late = is_late,              \
	.use_guest = use_guest, .run_host = run_host, .plan = plan, .set_page = set_page,          \
	.renew_page = renew_page, .replace = replace, .ticks = ticks, .deliver = deliver,          \
	.to_self = to_self, .collide = collide, .init = init, .end_fence = end_fence,              \
	.use_sipi = use_sipi, .drain = drain, .reset = reset, .be_patient = be_patient,            \
	.changed_helper = changed_helper, .use_fred = use_fred, .took_back = took_back,            \
	.disturbances = disturbances, .place = place

static const struct entry open_guest = {
	.flags = NMI_EXITING | VIRTUAL_NMIS | BLOCKED_BY_NMI,
	.steps = (const enum step[]){IRET},
	.count = 1,
};

static const struct virt virts[MODEL_VENDORS] = {
	[MODEL_NONE] = {.name = "none",
			.hypercall = VMCALL,
			.check_exit = check_exit,
			.open_host = (const enum step[]){IRET, STEPS_END},
			MODEL_OPERATIONS},
	[MODEL_VMX] = {.name = "VMX",
		       .hypercall = VMCALL,
		       .check_exit = vmx_check_exit,
		       .open_guest = &open_guest,
		       .open_host = (const enum step[]){IRET, STEPS_END},
		       MODEL_OPERATIONS},
	[MODEL_SVM] = {.name = "SVM",
		       .hypercall = VMMCALL,
		       .check_exit = svm_check_exit,
		       .open_host = (const enum step[]){STGI, IRET, STEPS_END},
		       MODEL_OPERATIONS},
};

unsigned model_decided_at_exit(void)
{
	return model.decided;
}

const struct virt *model_virt(enum model_vendor vendor)
{
	return &virts[vendor];
}

unsigned long model_features(enum model_vendor vendor, bool helper)
{
	static const unsigned long features[MODEL_VENDORS] = {
		[MODEL_VMX] = HAS_VMX | HAS_GUEST | HAS_INTEL | HAS_VIRTUAL_NMIS | HAS_NMI_WINDOW |
			      HAS_NESTED_PAGING | HAS_INTERRUPT_WINDOW | HAS_MTF | HAS_TIMER |
			      HAS_HLT_STATE | HAS_SHUTDOWN_STATE | HAS_SIPI_STATE |
			      HAS_STRICT_ERROR_CODES | HAS_ACKNOWLEDGE | HAS_FRED | HAS_FRED_GUEST |
			      HAS_NESTED_EXCEPTIONS | HAS_FRED_CONTROLS,
		[MODEL_NONE] = HAS_FRED,
		[MODEL_SVM] = HAS_SVM | HAS_GUEST | HAS_AMD | HAS_NESTED_PAGING | HAS_NRIPS |
			      HAS_CLEAN_BITS | HAS_VGIF | HAS_VNMI,
	};

	/* It has INTO, which 64-bit mode has not, and CR8: its instructions are of no width. */
	return features[vendor] | HAS_SYSENTER | HAS_32_BIT | HAS_64_BIT | HAS_NEW_PAGES |
	       (helper ? HAS_HELPER : 0);
}
