/* SPDX-License-Identifier: BSD-2-Clause */
#include "explore/seeds.h"

#include "model/mutants.h"
#include "model/open.h"
#include "nmi/experiment.h"
#include "nmi/verbs_run.h"
#include "nmi/verdict.h"
#include "options.h"
#include "string.h"
#include "x86/trap.h"

extern const struct experiment *const __start_experiments[], *const __stop_experiments[];

/* The model's struct virt, but for the operations that are noted. */
static struct virt recorder;
static const struct virt *model_operations;
static struct program *noted;
static unsigned nmis[STEPS_MAX]; /* that the coming HLTs are to get */
static struct entry last;        /* what the next entry is like if nobody says otherwise */
static bool full;

/* There is no room for more: the verbs do nothing once they have failed. */
static void end(void)
{
	full = true;
	verdict.failed = true;
}

static struct operation *note(enum operation_kind kind, uint64_t value)
{
	struct operation *operation = full ? NULL : program_add(noted, kind);

	if (operation)
		operation->value = value;
	else
		end();
	return operation;
}

static void note_steps(enum operation_kind kind, const enum step *steps, unsigned count)
{
	struct operation *operation = note(kind, 0);
	unsigned halts = 0;

	for (unsigned i = 0; operation && i < count; i++)
		if (!operation_add_step(operation, steps[i],
					steps[i] == HLT ? nmis[halts++] % 4 : 0))
			end();
}

static void note_settings(const struct entry *entry)
{
	uint64_t flags = entry->flags | (entry->interrupts_on ? INTERRUPTS_ON : 0);

	if (flags != last.flags)
		note(DO_SET, flags);
	if (entry->priority * 16 + entry->tpr != 0xf0)
		note(DO_PRIORITY, entry->priority * 16 + entry->tpr);
	if (entry->idt_end)
		note(DO_IDT, entry->idt_end);
	if (entry->clean)
		note(DO_CLEAN, entry->clean);
	if (entry->activity != ACTIVITY_ACTIVE && !entry->resume)
		note(DO_ACTIVITY, entry->activity);
}

static void run_guest(const struct entry *entry, struct exit *exit)
{
	note_settings(entry);
	struct operation *injection = entry->injection ? note(DO_INJECT, entry->injection) : NULL;
	if (injection)
		injection->length = entry->length;
	if (entry->resume)
		note(DO_RESUME, 0);
	else
		note_steps(DO_ENTER, entry->steps, entry->count);
	if (full) {
		memset(exit, 0, sizeof(*exit));
		return;
	}
	model_operations->run_guest(entry, exit);
	last.flags = exit->flags & ~(uint64_t)ENTRY_FLAGS;
}

static void run_host(const enum step *steps, unsigned count)
{
	note_steps(DO_HOST, steps, count);
	if (!full)
		model_operations->run_host(steps, count);
}

static void plan(const unsigned *wanted, unsigned halts)
{
	for (unsigned i = 0; i < halts; i++)
		nmis[i] = wanted[i] & ~AT_ONCE;
	model_operations->plan(wanted, halts);
}

static bool deliver(unsigned count)
{
	if (count)
		note(DO_ARRIVE, count % 4);
	return model_operations->deliver(count);
}

/* More NMIs are a storm. */
static void ask(unsigned count, enum ask how)
{
	if (how == ASK_NOW || count > PROGRAM_NMIS_MAX)
		end();
	if (count || how == ASK_IN_GUEST)
		note(DO_LATER, count);
	if (how == ASK_SIPI_IN_GUEST)
		note(DO_SIPI, 0);
	model_operations->ask(full ? 0 : count, how);
}

static void set_page(enum guest_page page, bool present)
{
	note(present ? DO_MAP : DO_UNMAP, page);
	model_operations->set_page(page, present);
}

static void renew_page(enum guest_page page)
{
	note(DO_RENEW, page);
	model_operations->renew_page(page);
}

/* A program's NMIs and #GPs have one stack level, no handler stays at its own: as near as it gets.
 */
static bool switch_fred(const struct fred_use *use)
{
	static const unsigned ways[] = {[RETURN_BY_RET] = 0,
					[RETURN_BY_RET_AT_LEVEL] = 0,
					[RETURN_BY_ERETS] = 1,
					[RETURN_BY_ERETS_MARKED] = 2,
					[RETURN_BY_ERETS_UNMARKED] = 3};
	unsigned level = (use->levels >> 2 * VECTOR_NMI | use->levels >> 2 * VECTOR_GP) & 3;

	note(DO_FRED, FRED_VALUE(use->parties, ways[use->how], level));
	return model_operations->use_fred(use);
}

static void switch_guest(unsigned guest)
{
	if (noted->count)
		note(DO_USE, guest);
	model_operations->use_guest(guest);
}

static void start_recorder(enum model_vendor vendor)
{
	model_operations = model_virt(vendor);
	recorder = *model_operations;
	recorder.run_guest = run_guest;
	recorder.run_host = run_host;
	recorder.plan = plan;
	recorder.deliver = deliver;
	recorder.ask = ask;
	recorder.set_page = set_page;
	recorder.renew_page = renew_page;
	recorder.use_guest = switch_guest;
	recorder.use_fred = switch_fred;
	memset(nmis, 0, sizeof(nmis));
	memset(&last, 0, sizeof(last));
	full = false;
}

static void run_recorded(const struct experiment *e, enum model_vendor vendor, bool helper)
{
	const struct virt *machine = virt;

	start_recorder(vendor);
	mutants_clear();
	open_choose(0);
	model_power_on(vendor, helper);
	virt = &recorder;
	verbs_begin();
	e->run();
	full = true;
	verbs_end();   /* FRED goes off */
	verbs_begin(); /* puts back what it has changed */
	virt = machine;
}

bool seeds_get(unsigned i, enum model_vendor vendor, bool helper, struct program *program)
{
	unsigned long features = model_features(vendor, helper) & virt_features;

	if (i >= (unsigned)(__stop_experiments - __start_experiments))
		return false;
	const struct experiment *e = __start_experiments[i];
	program->count = 0;
	noted = program;
	if (e->number < OPTIONS_SELF_TESTS && !(e->needs & ~features))
		run_recorded(e, vendor, helper);
	return true;
}
