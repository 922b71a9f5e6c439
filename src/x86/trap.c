/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/trap.h"

#include <stdbool.h>
#include <stddef.h>

#include "nmi/sender.h"
#include "nmi/steps.h"
#include "nmi/trace.h"
#include "nmi/watch.h"
#include "serial/console.h"
#include "serial/print.h"
#include "x86/apic.h"
#include "x86/cpu.h"
#include "x86/insn.h"
#include "x86/poweroff.h"
#include "x86/registers.h"
#include "x86/selectors.h"

/* Instructions that may fault, and where to go on: see FIXUP in cpu.c. */
struct fixup {
	uint32_t fault, resume;
};
extern const struct fixup fixups_start[], fixups_end[];

_Noreturn void trap_panic(const struct regs *regs, const char *why)
{
	print("\n# %s: vector %lu error %lx on CPU %u\n", why, regs->vector, regs->error,
	      cpu_self()->index);
	print("# ip %lx cs %lx flags %lx cr0 %lx cr2 %lx cr3 %lx cr4 %lx\n", regs->ip, regs->cs,
	      regs->flags, read_cr0(), read_cr2(), read_cr3(), read_cr4());
	print("# ax %lx bx %lx cx %lx dx %lx si %lx di %lx bp %lx\n", regs->gprs.ax, regs->gprs.bx,
	      regs->gprs.cx, regs->gprs.dx, regs->gprs.si, regs->gprs.di, regs->gprs.bp);
	print("Bail out! %s\nLHV: ERROR\n", why);
	poweroff(VERDICT_ERROR);
}

static bool fix_up(struct regs *regs)
{
	for (const struct fixup *f = fixups_start; f < fixups_end; f++)
		if (f->fault == regs->ip) {
			regs->ip = f->resume;
			return true;
		}
	return false;
}

/* An exception: one that a fixup expects; else the experiment's steps end here, as an event. */
static void handle_exception(struct regs *regs, enum party who)
{
	if (who == HOST && fix_up(regs))
		return;
	if (who == HOST && !steps_running)
		trap_panic(regs, "unexpected exception in the host");
	trace_event((struct event){EVENT_EXCEPTION, who, regs->vector, PLACE_UNKNOWN, regs->ip});
	regs->ip = steps_bail_out(who);
}

/* The watchdog sent this NMI: the steps end here. */
static void leave_steps(struct regs *regs, enum party who)
{
	watch_rescue = false;
	if (who == GUEST || steps_running)
		regs->ip = steps_bail_out(who);
}

/*
 * An NMI may come between STI and HLT: STI need not hold it (SDM Vol. 2 "STI", APM Vol. 2
 * "Interrupt Shadows"). We return with IF clear, so the HLT would sleep through the interrupt that
 * is to end it. Such an event counts as the one that ended the HLT.
 */
static void end_halt(struct regs *regs)
{
	const uint8_t hlt = 0xf4;

	if (*(const uint8_t *)regs->ip == hlt)
		regs->ip++;
}

void trap_handle(struct regs *regs)
{
	enum party who = regs->cs == GUEST_CS ? GUEST : HOST;
	struct cpu *cpu = cpu_self();
	bool fence = regs->vector - VECTOR_FENCE < FENCES;
	unsigned vector = fence ? VECTOR_FENCE : regs->vector;

	if (regs->vector < 32 && regs->vector != VECTOR_NMI)
		handle_exception(regs, who);
	else if (cpu == trace_subject)
		trace_event((struct event){EVENT_INTERRUPT, who, vector, PLACE_UNKNOWN, regs->ip});
	else if (regs->vector == VECTOR_NMI)
		cpu->nmis++;
	if (regs->vector == VECTOR_NMI && watch_rescue && cpu == trace_subject)
		leave_steps(regs, who);
	if (regs->vector >= 32 && apic_in_service(regs->vector)) {
		/* Not an injected one: those never are in service. */
		if (fence)
			sender_fence_arrived();
		apic_eoi();
	}
	if (regs->vector >= 32 || regs->vector == VECTOR_NMI)
		end_halt(regs);
	regs->flags &= ~(EFLAGS_IF | EFLAGS_TF);
}
