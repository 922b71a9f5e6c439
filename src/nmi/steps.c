/* SPDX-License-Identifier: BSD-2-Clause */
#include "nmi/steps.h"

#include "string.h"
#include "virt.h"
#include "x86/cpu.h"
#include "x86/desc.h"
#include "x86/fred.h"
#include "x86/insn.h"
#include "x86/paging.h"

#define STEP(name, shape, ...)                                                                     \
	extern const char step_##name##_first[], step_##name##_at[], step_##name##_after[];
#include "nmi/steps.def"
#undef STEP

#define STEP(name, shape, ...) {step_##name##_first, step_##name##_at, step_##name##_after},
static const struct {
	const char *first, *at, *after;
} table[STEPS] = {
#include "nmi/steps.def"
};
#undef STEP

extern const char steps_done[];
void steps_switch(unsigned long *chain);

#define INSTRUCTION_MAX 15 /* bytes */

volatile bool steps_running;

static unsigned long steps_first(enum step step)
{
	return (unsigned long)table[step].first;
}

static unsigned long steps_at(enum step step)
{
	return (unsigned long)table[step].at;
}

/* Lay `count` steps so that the chain ends at `top` with `last`; returns where it begins. */
static unsigned long *steps_lay(unsigned long top, const enum step *steps, unsigned count,
				unsigned long last)
{
	unsigned long *chain = (unsigned long *)top - (count + 1);
	for (unsigned i = 0; i < count; i++)
		chain[i] = steps_first(steps[i]);
	chain[count] = last;
	return chain;
}

/* The first step needs no place in the chain: the guest begins there. */
void steps_enter(const struct entry *entry, unsigned long *ip, unsigned long *sp)
{
	unsigned long *chain = cpu_self()->guest_chain;

	*ip = steps_first(entry->count ? entry->steps[0] : virt->hypercall);
	*sp = (unsigned long)chain;
	for (unsigned i = 1; i <= entry->count; i++)
		*chain++ = steps_first(i < entry->count ? entry->steps[i] : virt->hypercall);
}

void steps_run(const enum step *steps, unsigned count)
{
	struct cpu *cpu = cpu_self();
	unsigned long top = (unsigned long)cpu->step_stack + sizeof(cpu->step_stack);
	unsigned long *chain = steps_lay(top, steps, count, (unsigned long)steps_done);

	steps_running = true;
	steps_switch(chain);
	steps_running = false;
}

void steps_iret(void)
{
	((void (*)(void))steps_first(IRET))();
}

unsigned long steps_bail_out(enum party who)
{
	return who == GUEST ? steps_first(virt->hypercall) : (unsigned long)steps_done;
}

void steps_replace(enum step step, enum step with)
{
	static char kept[INSTRUCTION_MAX];
	char *code = (char *)steps_at(step);
	size_t length = table[step].after - table[step].at;

	/* CR0.WP=0 would do, but for Bochs 3.0, which takes the dirty bit for an error. */
	paging_set_writable(steps_at(step), true);
	if (step != with)
		memcpy(kept, code, length);
	memcpy(code, step == with ? kept : table[with].at, length);
	paging_set_writable(steps_at(step), false);
	cpuid(0, 0); /* serializes: SDM Vol. 3 "Handling Self- and Cross-Modifying Code" */
}

static unsigned step_place(unsigned long ip, enum step step)
{
	unsigned long begin = steps_first(step), instruction = steps_at(step);
	if (ip == instruction)
		return at(step);
	if (ip == (unsigned long)table[step].after)
		return after(step);
	if (ip == begin)
		return first(step);
	return ip > begin && ip < instruction ? PLACE_BEFORE | step : PLACE_UNKNOWN;
}

/* The handlers are equally far apart. */
static unsigned handler_place(unsigned long ip, unsigned long (*first_of)(unsigned vector))
{
	unsigned long vector = (ip - first_of(0)) / (first_of(1) - first_of(0));

	return vector < 256 && ip == first_of(vector) ? handler(vector) : PLACE_UNKNOWN;
}

unsigned steps_place(unsigned long ip)
{
	for (enum step step = 0; step < STEPS; step++) {
		unsigned place = step_place(ip, step);
		if (place)
			return place;
	}
	if (ip == virt->exit_handler)
		return PLACE_EXIT;
	if (ip == fred_entry_point(0) || ip == fred_entry_point(3))
		return fred_entry(ip == fred_entry_point(3) ? 3 : 0);
	unsigned place = handler_place(ip, desc_guest_handler);
	return place ? place : handler_place(ip, desc_host_handler);
}
