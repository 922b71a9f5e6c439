/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/trap.h"

#include <stdbool.h>
#include <stddef.h>

#include "nmi/ktap.h"
#include "nmi/sender.h"
#include "nmi/steps.h"
#include "nmi/trace.h"
#include "nmi/watch.h"
#include "serial/print.h"
#include "x86/apic.h"
#include "x86/backtrace.h"
#include "x86/cpu.h"
#include "x86/insn.h"
#include "x86/registers.h"
#include "x86/selectors.h"

/* Instructions that may fault, and where to go on: see FIXUP in cpu.c. */
struct fixup {
	uint32_t fault, resume;
};
extern const struct fixup fixups_start[], fixups_end[];

static const char *const exceptions[] = {
	"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF", "9",   "#TS",
	"#NP", "#SS", "#GP", "#PF", "15",  "#MF", "#AC", "#MC", "#XM", "#VE", "#CP",
};

static const char *exception_name(unsigned long vector)
{
	return vector < sizeof(exceptions) / sizeof(exceptions[0]) ? exceptions[vector] : "?";
}

/* SDM Vol. 3 "Page-Fault Exceptions", the error code. */
#define PF_PRESENT 0x01
#define PF_WRITE   0x02
#define PF_FETCH   0x10

static void explain(char *text, size_t size, const struct regs *regs)
{
	bool in_memory = regs->vector == VECTOR_PF || regs->vector == VECTOR_DF;
	const char *stack = in_memory ? cpu_guarded_stack(cpu_self(), read_cr2()) : NULL;
	const char *rights = regs->error & PF_PRESENT ? "not allowed" : "not mapped";

	if (stack)
		print_to(text, size, "the %s overflowed (%s)", stack, exception_name(regs->vector));
	else if (regs->vector == VECTOR_PF)
		print_to(text, size, "#PF: %s at %lx (%s)",
			 regs->error & PF_FETCH   ? "execution"
			 : regs->error & PF_WRITE ? "a write"
						  : "a read",
			 read_cr2(), rights);
	else
		print_to(text, size, "%s in the host", exception_name(regs->vector));
}

static void print_registers(const struct regs *regs, unsigned long sp)
{
	print("# ip %lx sp %lx cs %lx flags %lx cr0 %lx cr2 %lx cr3 %lx cr4 %lx\n", regs->ip, sp,
	      regs->cs, regs->flags, read_cr0(), read_cr2(), read_cr3(), read_cr4());
	print("# ax %lx bx %lx cx %lx dx %lx si %lx di %lx bp %lx\n", regs->gprs.ax, regs->gprs.bx,
	      regs->gprs.cx, regs->gprs.dx, regs->gprs.si, regs->gprs.di, regs->gprs.bp);
#if EXTRA_REGS
	for (unsigned i = 0; i < EXTRA_REGS; i++)
		print("%s r%u %lx", i ? "" : "#", 8 + i, regs->gprs.extra[EXTRA_REGS - 1 - i]);
	print("\n");
#endif
}

_Noreturn void trap_panic(const struct regs *regs, unsigned long sp)
{
	static bool again;
	char why[96];

	if (again) /* in what follows: say no more than the verdict */
		ktap_error("another exception while one was reported");
	again = true;
	explain(why, sizeof(why), regs);
	print("\n# %s: vector %lu error %lx on CPU %u\n", why, regs->vector, regs->error,
	      cpu_self()->index);
	print_registers(regs, sp);
	backtrace_print(regs->ip, regs->gprs.bp, sp);
	ktap_bail_out(why);
}

/* Where the stack was before the CPU pushed the frame. */
static unsigned long interrupted_sp(const struct regs *regs)
{
#if FRAME_HAS_SP
	return regs->sp;
#else
	return (unsigned long)(regs + 1);
#endif
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
	if (who == HOST && (!steps_running || regs->vector == VECTOR_DF))
		trap_panic(regs, interrupted_sp(regs));
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

void trap_handle(struct regs *regs)
{
	enum party who = regs->cs == GUEST_CS || regs->cs == GUEST_CS3 ? GUEST : HOST;
	struct cpu *cpu = cpu_self();

	if (regs->flags & EFLAGS_VM)
		regs->ip += regs->cs << 4; /* virtual-8086 mode */
	bool fence = regs->vector - VECTOR_FENCE < FENCES;
	unsigned vector = fence ? VECTOR_FENCE : regs->vector;

	if (regs->vector < 32 && regs->vector != VECTOR_NMI)
		handle_exception(regs, who);
	else if (cpu == trace_subject)
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
	if (regs->vector >= 32 || regs->vector == VECTOR_NMI)
		end_halt(regs);
	regs->flags &= ~(EFLAGS_IF | EFLAGS_TF);
}
