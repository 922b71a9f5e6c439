/* SPDX-License-Identifier: BSD-2-Clause */
#include "nmi/arrivals.h"

#include <stdbool.h>
#include <stdint.h>

#include "nmi/event_info.h"
#include "nmi/sender.h"
#include "nmi/steps.h"
#include "nmi/trace.h"
#include "nmi/watch.h"
#include "x86/apic.h"
#include "x86/cpu.h"
#include "x86/fred.h"
#include "x86/insn.h"
#include "x86/registers.h"
#include "x86/selectors.h"
#include "x86/trap.h"

/* The error code; of a #DB what DR6 says, which the next one shall not find there. */
static unsigned long error_of(const struct regs *regs)
{
	if (regs->vector != VECTOR_DB)
		return regs->error;
	unsigned long dr6 = read_dr6() & DR6_CAUSES;
	write_dr6(DR6_FIXED);
	return dr6;
}

static struct trace_frame frame_of(const struct regs *regs)
{
	const struct fred_frame *frame = fred_frame(regs);

	if (!frame)
		return (struct trace_frame){.pushed = error_of(regs),
					    .resume_flag = regs->flags & EFLAGS_RF};
	return (struct trace_frame){frame->ss,
				    frame->data,
				    frame->error,
				    frame->cs & 3,
				    FRED_CS_LEVEL(frame->cs),
				    fred_level(),
				    fred_stack(frame),
				    error_of(regs),
				    regs->flags & EFLAGS_RF};
}

static void record(enum event_kind kind, enum party who, unsigned vector, const struct regs *regs)
{
	trace_framed((struct event){kind, who, vector, PLACE_UNKNOWN, regs->ip}, frame_of(regs));
}

/* An exception: the experiment's steps end here, as an event; steps are the subject's. */
static void handle_exception(struct regs *regs, enum party who)
{
	bool in_steps = steps_running && cpu_self() == trace_subject;

	if (who == HOST && regs->vector == VECTOR_DB && watch_in_guest) {
		/* VMRUN was single-stepped: it has ended. */
		write_dr6(DR6_FIXED);
		trace_event((struct event){EVENT_EXCEPTION, who, regs->vector, PLACE_UNKNOWN,
					   regs->ip});
		return;
	}
	if (who == HOST && (!in_steps || regs->vector == VECTOR_DF))
		trap_panic(regs, trap_interrupted_sp(regs));
	record(EVENT_EXCEPTION, who, regs->vector, regs);
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

/* Is it an alarm, and not an event that was injected with its vector? */
static bool is_alarm(const struct regs *regs)
{
	return regs->vector == VECTOR_ALARM && apic_in_service(VECTOR_ALARM);
}

/* It wakes a parked CPU. The subject has one for when its helper does not answer. */
static void handle_alarm(struct regs *regs, enum party who)
{
	struct cpu *cpu = cpu_self();

	apic_eoi();
	cpu->alarms++;
	if (cpu != trace_subject || (who == HOST && !steps_running))
		return;
	steps_halt_seen--; /* no wake-up without an event */
	if (watch_alarm_rang())
		leave_steps(regs, who);
}

static void handle_interrupt(struct regs *regs, enum party who)
{
	struct cpu *cpu = cpu_self();
	bool fence = regs->vector - VECTOR_FENCE < FENCES;
	unsigned vector = fence ? VECTOR_FENCE : regs->vector;

	if (cpu == trace_subject)
		record(EVENT_INTERRUPT, who, vector, regs);
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

static bool is_system_call(const struct regs *regs)
{
	const struct fred_frame *frame = fred_frame(regs);

	return frame && FRED_SS_TYPE(frame->ss) == TYPE_OTHER_EVENT;
}

void arrivals_receive(struct regs *regs)
{
	uint16_t cs = regs->cs; /* FRED has more in the upper part */
	enum party who = cs == GUEST_CS || cs == GUEST_CS3 ? GUEST : HOST;

	if (regs->flags & EFLAGS_VM)
		regs->ip += (unsigned long)cs << 4; /* virtual-8086 mode */
	if (is_system_call(regs))
		record(EVENT_SYSCALL, who, regs->vector, regs);
	else if (regs->vector < 32 && regs->vector != VECTOR_NMI)
		handle_exception(regs, who);
	else if (is_alarm(regs))
		handle_alarm(regs, who);
	else
		handle_interrupt(regs, who);
}
