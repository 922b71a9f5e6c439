/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/trap.h"

#include <stdbool.h>
#include <stddef.h>

#include "serial/print.h"
#include "x86/backtrace.h"
#include "x86/cpu.h"
#include "x86/fred.h"
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

/* Until somebody takes it over: neither report nor receiver, so say no more. */
static __attribute__((noreturn)) void stop(const char *why, bool again)
{
	(void)again;
	print("# %s\n", why);
	for (;;)
		hlt();
}

static void panic_at_once(struct regs *regs)
{
	trap_panic(regs, trap_interrupted_sp(regs));
}

static trap_receiver receive = panic_at_once;
static trap_reporter report = stop;

void trap_hand_over(trap_receiver receiver, trap_reporter reporter)
{
	receive = receiver;
	report = reporter;
}

_Noreturn void trap_panic(const struct regs *regs, unsigned long sp)
{
	char why[96];

	if (cpu_self()->panics) /* in what follows: say no more than the verdict */
		report("another exception while one was reported", true);
	cpu_self()->panics = true;
	explain(why, sizeof(why), regs);
	print("\n# %s: vector %lu error %lx on CPU %u\n", why, regs->vector, regs->error,
	      cpu_self()->index);
	print_registers(regs, sp);
	if (fred_frame(regs))
		fred_print(fred_frame(regs));
	backtrace_print(regs->ip, regs->gprs.bp, sp);
	report(why, false);
}

unsigned long trap_interrupted_sp(const struct regs *regs)
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

void trap_handle(struct regs *regs)
{
	bool exception = regs->vector < 32 && regs->vector != VECTOR_NMI;

	if (!exception || (uint16_t)regs->cs != HOST_CS || !fix_up(regs))
		receive(regs);
	regs->flags &= ~(EFLAGS_IF | EFLAGS_TF);
}
