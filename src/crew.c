/* SPDX-License-Identifier: BSD-2-Clause */
#include "crew.h"

#include <stddef.h>

#include "death.h"
#include "nmi/runner.h"
#include "nmi/sender.h"
#include "nmi/trace.h"
#include "nmi/watch.h"
#include "report/ktap.h"
#include "serial/uart.h"
#include "virt.h"
#include "x86/apic.h"
#include "x86/insn.h"
#include "x86/smp.h"
#include "x86/tsc.h"

#define LOOKS 8  /* of a parked CPU, in one time-out */
#define QUIET 16 /* looks in which the conductor has not moved */

static struct {
	struct cpu *conductor;
	struct cpu *offered; /* the line: who takes it conducts */
	void (*line)(void);
	uint32_t timeout_us;
	volatile unsigned beat; /* the conductor's */
	volatile bool over;

	struct cpu *worker; /* does a job */
	const char *doing;
	volatile bool stop; /* looking after it */
} crew;

static bool change(struct cpu **place, struct cpu *from, struct cpu *to)
{
	return __atomic_compare_exchange_n(place, &from, to, false, __ATOMIC_SEQ_CST,
					   __ATOMIC_SEQ_CST);
}

static struct cpu *conductor(void)
{
	return __atomic_load_n(&crew.conductor, __ATOMIC_SEQ_CST);
}

static const char conducting[] = "conducting the run";

/* Those that nobody has given up: another CPU may be at that, and not done. */
static unsigned fit(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < smp_count; i++)
		count += !__atomic_load_n(&smp_cpus[i]->losing, __ATOMIC_SEQ_CST);
	return count;
}

static void lose(struct cpu *cpu, const char *doing, const char *why)
{
	bool in_experiment = cpu == trace_subject && cpu == crew.worker;

	if (__atomic_exchange_n(&cpu->losing, true, __ATOMIC_SEQ_CST))
		return;
	if (fit() == 1)
		virt_features &= ~(unsigned long)HAS_HELPER;
	ktap_lost(cpu->index, cpu->apic_id, doing, why);
	if (in_experiment)
		runner_lose(why);
	cpu->lost = true; /* who sees it goes on from here: it comes last */
}

static void take_the_line(void)
{
	struct cpu *me = cpu_self();

	if (!change(&crew.offered, me, NULL))
		return; /* too late */
	__atomic_store_n(&crew.conductor, me, __ATOMIC_SEQ_CST);
	crew.line();
}

static bool is_taken(void)
{
	crew.beat++;
	return !__atomic_load_n(&crew.offered, __ATOMIC_SEQ_CST);
}

/* Somebody who has nothing to do shall conduct. True: one does. */
static bool offer_the_line(void)
{
	for (unsigned i = 0; i < smp_count; i++) {
		struct cpu *next = smp_cpus[i];
		if (next == cpu_self() || next->lost || next->job)
			continue;
		__atomic_store_n(&crew.offered, next, __ATOMIC_SEQ_CST);
		smp_run(next, take_the_line);
		if (tsc_wait_for(is_taken, crew.timeout_us) || !change(&crew.offered, next, NULL))
			return true;
		lose(next, "parked", "it did not wake up");
	}
	return false;
}

/* From the CPU under test, whose helper does not answer. */
static bool replace_conductor(void)
{
	struct cpu *old = conductor(), *me = cpu_self();

	if (!change(&crew.conductor, old, me))
		return true; /* another CPU has seen it too */
	lose(old, conducting, "it does not answer the CPU under test");
	return offer_the_line();
}

/* The conductor's signs of life. That it looks after a worker which has done its job is none. */
static unsigned signs_of_life(void)
{
	bool in_vain = crew.worker && !crew.worker->job && !crew.stop;

	return uart_written + (in_vain ? 0 : crew.beat + sender_beat);
}

/* A parked CPU has woken up. */
static void look_at_conductor(void)
{
	struct cpu *me = cpu_self(), *now = conductor();
	unsigned beat = signs_of_life();

	death_elsewhere();
	if (crew.over)
		return;
	if (now == me) /* a CPU under test whose helper was lost, and that has nobody left */
		crew.line();
	if (me->seen != beat)
		me->alarms = 0;
	me->seen = beat;
	if (!now->lost && me->alarms < QUIET)
		return;
	if (!change(&crew.conductor, now, me))
		return;
	lose(now, conducting, "it does not go on");
	crew.line();
}

_Noreturn void crew_start(void (*line)(void), uint32_t timeout_us)
{
	crew.line = line;
	crew.timeout_us = timeout_us;
	crew.conductor = cpu_self();
	sender_hand_over(replace_conductor);
	if (smp_count > 1) {
		apic_alarm_calibrate();
		smp_idle = look_at_conductor;
		smp_idle_us = timeout_us / LOOKS;
		for (unsigned i = 1; i < smp_count; i++)
			smp_wake(smp_cpus[i]);
	}
	line();
	smp_stop();
}

static void look_at_worker(void)
{
	crew.beat++;
	death_elsewhere();
	if (cpu_self()->lost)
		smp_stop();
	if (crew.worker->job && !crew.worker->lost) {
		const char *why = watch_look();
		if (!why)
			return;
		lose(crew.worker, crew.doing, why);
	}
	crew.stop = true;
}

bool crew_do(struct cpu *cpu, void (*job)(void), const char *what)
{
	crew.worker = cpu;
	crew.doing = what;
	if (cpu == cpu_self()) {
		cpu->job = NULL;
		if (smp_left() > 1 && offer_the_line())
			smp_park();
		job();
		return true;
	}
	watch_start(cpu, crew.timeout_us, virt_features & HAS_VMX);
	crew.stop = false;
	if (!cpu->job)
		smp_run(cpu, job);
	sender_serve(&crew.stop, look_at_worker);
	return !cpu->lost;
}

static const char *what_i_do(const struct cpu *me)
{
	if (me == conductor())
		return conducting;
	return me == crew.worker && me->job ? crew.doing : "parked";
}

void crew_lose_self(const char *why, bool again)
{
	struct cpu *me = cpu_self();

	if (me != &boot_cpu && !me->alive)
		smp_stop(); /* it did not start */
	if (!conductor() || crew.over || smp_left() - !me->lost == 0)
		return;
	if (!again)
		lose(me, what_i_do(me), why);
	if (me == conductor())
		offer_the_line();
	smp_stop();
}

static struct cpu *called;

static void answer(void)
{
}

static bool has_answered(void)
{
	crew.beat++;
	return !called->job;
}

void crew_end(void)
{
	for (unsigned i = 0; i < smp_count; i++) {
		called = smp_cpus[i];
		if (called == cpu_self() || called->lost)
			continue;
		smp_run(called, answer);
		if (!tsc_wait_for(has_answered, crew.timeout_us))
			lose(called, "parked", "it did not wake up");
	}
	crew.over = true;
}
