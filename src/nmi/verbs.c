/* SPDX-License-Identifier: BSD-2-Clause */
#include "nmi/verbs.h"

#include "nmi/story.h"
#include "nmi/trace.h"
#include "nmi/verbs_run.h"
#include "nmi/verbs_state.h"
#include "nmi/verdict.h"
#include "string.h"

static void put_pages_back(void)
{
	for (enum guest_page page = 0; page < OTHER_PAGE; page++)
		if (verbs.is_changed[page])
			virt->set_page(page, true);
	memset(verbs.is_changed, 0, sizeof(verbs.is_changed));
}

static void put_instruction_back(void)
{
	if (verbs.replaced != STEPS_END)
		virt->replace(verbs.replaced, verbs.replaced);
	verbs.replaced = STEPS_END;
}

void verbs_begin(void)
{
	memset(&verdict, 0, sizeof(verdict));
	memset(&verbs.next, 0, sizeof(verbs.next));
	memset(&verbs.last, 0, sizeof(verbs.last));
	verbs.ask = ASK_NOW;
	verbs.fence_waits = false;
	trace_reset();
	virt->reset();
	if (virt->use_guest)
		virt->use_guest(0);
	put_pages_back();
	put_instruction_back();
	verbs_end();
	if (verbs.tasks != NO_TASKS)
		virt->use_tasks(NO_TASKS);
	verbs.tasks = NO_TASKS;
}

/* --- acting --- */

void set_guest(uint64_t flags)
{
	char text[128];

	if (!verbs_begin_verb())
		return;
	story_add("guest %s,", guest_flags_text(text, sizeof(text), flags));
	verbs.next.flags = flags;
	verbs.next.injection = 0;
	verbs.next.event_data = 0;
	verbs.next.length = 0;
	verbs.next.idt_end = 0;
	verbs.next.clean = 0;
	verbs.next.priority = 15;
	verbs.next.tpr = 0;
	verbs.next.error = 0;
	verbs.next.traps_on = false;
	verbs.next.debug_traps = 0;
	verbs.next.interrupts_on = flags & INTERRUPTS_ON;
	verbs.next.activity = ACTIVITY_ACTIVE;
}

void set_idle(enum activity activity)
{
	if (!verbs_begin_verb())
		return;
	verbs.next.activity = activity;
	story_add("activity %u,", activity);
}

void set_activity(enum activity activity)
{
	set_idle(activity);
	verbs.next.interrupts_on |= !verdict.over;
}

void set_traps_on(void)
{
	if (!verbs_begin_verb())
		return;
	verbs.next.traps_on = true;
	story_add("TF,");
}

void set_debug_traps(unsigned long traps)
{
	if (!verbs_begin_verb())
		return;
	verbs.next.debug_traps = traps;
	story_add("pending debug exceptions %lx,", traps);
}

void fence_waits(void)
{
	if (!verbs_begin_verb())
		return;
	verbs.fence_waits = true;
	story_add("a fence waits,");
}

void use_guest(unsigned guest)
{
	if (!verbs_begin_verb())
		return;
	story_add("use guest %u,", guest);
	virt->use_guest(guest);
}

void set_clean(uint32_t bits)
{
	if (!verbs_begin_verb())
		return;
	story_add("clean %x,", bits);
	verbs.next.clean = bits;
}

void set_priority(unsigned priority, unsigned tpr)
{
	if (!verbs_begin_verb())
		return;
	story_add("priority %u TPR %u,", priority, tpr);
	verbs.next.priority = priority;
	verbs.next.tpr = tpr;
}

void end_idt_before(unsigned vector)
{
	if (!verbs_begin_verb())
		return;
	story_add("IDT ends before %u,", vector);
	verbs.next.idt_end = vector;
}

static const char *page_name(enum guest_page page)
{
	static const char *const names[] = {
		[GUEST_IDT] = "IDT",
		[GUEST_STACK] = "stack",
		[GUEST_LDT] = "LDT",
		[GUEST_HANDLERS] = "handlers",
	};
	return names[page];
}

static void set_page(enum guest_page page, bool present)
{
	if (!verbs_begin_verb())
		return;
	story_add("%s %s,", present ? "map" : "unmap", page_name(page));
	virt->set_page(page, present);
	verbs.is_changed[page] = !present;
}

void unmap(enum guest_page page)
{
	set_page(page, false);
}

void map(enum guest_page page)
{
	set_page(page, true);
}

void renew(enum guest_page page)
{
	if (!verbs_begin_verb())
		return;
	story_add("new %s,", page_name(page));
	virt->renew_page(page);
	verbs.is_changed[page] = true;
}

void replace(enum step step, enum step with)
{
	if (!verbs_begin_verb())
		return;
	put_instruction_back();
	story_add("%s at %s,", step_name(with), step_name(step));
	virt->replace(step, with);
	verbs.replaced = step;
}

void use_tasks(enum tasks tasks)
{
	static const char *const names[] = {"none", "an NMI's", "a v86 one"};

	if (!verbs_begin_verb())
		return;
	story_add("tasks: %s,", names[tasks]);
	virt->use_tasks(tasks);
	verbs.tasks = tasks;
}

static bool waits_for_fence(enum step step)
{
	return step == HLT || step == MOV_SS_LOOP || step == WAIT || step == TRAPPED_HLT;
}

/* It is there to let a fence in that waits. */
static bool takes_fence(const enum step *steps)
{
	return steps[0] == ERETS_STI;
}

/* Tell the sender what the HLTs among the steps want; strip that from the steps. */
static unsigned plan_steps(const enum step *steps, enum step *plain)
{
	unsigned count, halts = 0, nmis[STEPS_MAX];

	for (count = 0; steps[count] != STEPS_END && count < STEPS_MAX; count++) {
		plain[count] = steps[count] & 0xff;
		if (waits_for_fence(plain[count]))
			nmis[halts++] = steps[count] >> 8;
	}
	/* Fences that wait would end the HLT before its time. */
	if (!takes_fence(steps) && !virt->drain() && halts)
		verdict_fail("it waits still (GIF=0?)", "the last fence taken before the next HLT");
	virt->plan(nmis, halts);
	return count;
}

static void story_exit(void)
{
	char text[64];
	struct event exit = {EVENT_EXIT, GUEST, verbs.last.reason, verbs.last.place, verbs.last.ip};

	if (exit.place == PLACE_UNKNOWN)
		exit.place = virt->place(verbs.last.ip);

	story_add("-> %s,", event_text(text, sizeof(text), &exit));
}

void verbs_run_guest(void)
{
	verbs.loaded = verbs.next.injection;
	verbs.loaded_length = verbs.next.length;
	virt->run_guest(&verbs.next, &verbs.last);
	trace_exit((struct event){EVENT_EXIT, GUEST, verbs.last.reason, verbs.last.place,
				  verbs.last.ip});
	verbs.last.flags &= ~(uint64_t)ENTRY_FLAGS;
	verbs.next.flags = verbs.last.flags;
	verbs.next.injection = 0;
	verbs.next.event_data = 0;
	verbs.next.length = 0;
}

static void deliver(unsigned nmis)
{
	if (!virt->deliver(nmis))
		verdict_fail("it did not", "the fence to arrive");
}

static void deliver_fence(void)
{
	deliver(0);
	verbs.fence_waits = false;
}

/* A guest that begins in HLT must not sleep for ever if its NMI does not come. The other inactive
 * states a fence must not end. */
void verbs_end_inactivity(void)
{
	if (verbs.next.activity != ACTIVITY_ACTIVE || verbs.fence_waits)
		deliver_fence();
}

void enter_steps(const enum step *steps)
{
	enum step plain[STEPS_MAX];

	if (!verbs_begin_verb())
		return;
	verbs.halted = GUEST;
	story_add_steps("enter", steps);
	unsigned count = plan_steps(steps, plain);
	if (verdict.over)
		return;
	verbs_end_inactivity();
	if (verbs.ask != ASK_NOW)
		virt->ask(verbs.asked_nmis, verbs.ask);
	verbs.ask = ASK_NOW;
	verbs.next.resume = false;
	verbs.next.steps = plain;
	verbs.next.count = count;
	verbs_run_guest();
	story_exit();
}

void resume(void)
{
	if (!verbs_begin_verb())
		return;
	story_add("resume()");
	verbs.next.resume = true;
	verbs_run_guest();
	story_exit();
}

void host_steps(const enum step *steps)
{
	enum step plain[STEPS_MAX];

	if (!verbs_begin_verb())
		return;
	verbs.halted = HOST;
	story_add_steps("host", steps);
	unsigned count = plan_steps(steps, plain);
	if (verbs.fence_waits)
		deliver_fence();
	if (!verdict.over)
		virt->run_host(plain, count);
}

void nmis_arrive(unsigned n)
{
	if (!verbs_begin_verb())
		return;
	story_add("%u NMI%s", n, n == 1 ? "" : "s");
	virt->drain();
	deliver(n);
}

void be_patient(unsigned level)
{
	if (verbs_begin_verb())
		virt->be_patient(level);
}

void nmis_come_later(unsigned n)
{
	if (!verbs_begin_verb())
		return;
	story_add("%u NMI%s later,", n, n == 1 ? "" : "s");
	verbs.ask = ASK_IN_GUEST;
	verbs.asked_nmis = n;
}

void sipi_comes_later(unsigned vector)
{
	if (!verbs_begin_verb())
		return;
	story_add("SIPI %xh later,", vector);
	verbs.ask = ASK_SIPI_IN_GUEST;
	verbs.asked_nmis = 0;
	virt->use_sipi(vector);
}

void init_arrives(void)
{
	if (!verbs_begin_verb())
		return;
	story_add("INIT");
	virt->drain();
	if (!virt->init())
		verdict_fail("the APIC refused", "INIT sent");
	else
		deliver(0);
}

void nmi_to_self(enum nmi_to_self how)
{
	static const char *const names[] = {"physical ID", "broadcast", "shorthand", "vector 2"};

	if (!verbs_begin_verb())
		return;
	story_add("NMI to self by %s", names[how]);
	virt->drain();
	if (!virt->to_self(how) && (how == BY_PHYSICAL_ID || how == BY_BROADCAST))
		verdict_fail("the APIC refused it, or a CPU did not take it", "an NMI IPI by %s",
			     names[how]);
	else
		deliver(0);
}

void nmis_collide(unsigned delay)
{
	if (!verbs_begin_verb())
		return;
	story_add("two NMIs, the second %u quarters of the patience later,", delay);
	virt->drain();
	if (!virt->collide(delay))
		verdict_fail("it did not", "the fence to arrive");
}
