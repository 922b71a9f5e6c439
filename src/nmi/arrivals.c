/* SPDX-License-Identifier: BSD-2-Clause */
#include "nmi/arrivals.h"

#include <stdbool.h>
#include <stdint.h>

#include "nmi/sender.h"
#include "nmi/steps.h"
#include "nmi/trace.h"
#include "nmi/watch.h"
#include "x86/apic.h"
#include "x86/cpu.h"
#include "x86/registers.h"
#include "x86/selectors.h"
#include "x86/trap.h"

/* An exception: the experiment's steps end here, as an event. */
static void handle_exception(struct regs *regs, enum party who)
{
	if (who == HOST && (!steps_running || regs->vector == VECTOR_DF))
		trap_panic(regs, trap_interrupted_sp(regs));
	trace_event((struct event){EVENT_EXCEPTION, who, regs->vector, PLACE_UNKNOWN, regs->ip});
	regs->ip = steps_bail_out(who);
}

/* An NMI on a CPU that is not under test. Nobody asks about its blocking: that ends here, so that
 * the next one is counted too. */
static void handle_bystanders_nmi(struct cpu *cpu)
{
	if (!sender_note_broadcast())
		cpu->nmis++;
	steps_iret();
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

static void handle_interrupt(struct regs *regs, enum party who)
{
	struct cpu *cpu = cpu_self();
	bool fence = regs->vector - VECTOR_FENCE < FENCES;
	unsigned vector = fence ? VECTOR_FENCE : regs->vector;

	if (cpu == trace_subject)
		trace_event((struct event){EVENT_INTERRUPT, who, vector, PLACE_UNKNOWN, regs->ip});
	else if (regs->vector == VECTOR_NMI)
		handle_bystanders_nmi(cpu);
	if (regs->vector == VECTOR_NMI && watch_rescue && cpu == trace_subject)
		leave_steps(regs, who);
	if (regs->vector >= 32 && apic_in_service(regs->vector)) {
		/* Not an injected one: those never are in service. */
		if (fence)
			sender_fence_arrived();
		apic_eoi();
	}
	end_halt(regs);
}

void arrivals_receive(struct regs *regs)
{
	enum party who = regs->cs == GUEST_CS || regs->cs == GUEST_CS3 ? GUEST : HOST;

	if (regs->flags & EFLAGS_VM)
		regs->ip += regs->cs << 4; /* virtual-8086 mode */
	if (regs->vector < 32 && regs->vector != VECTOR_NMI)
		handle_exception(regs, who);
	else
		handle_interrupt(regs, who);
}
