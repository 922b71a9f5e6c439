/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts and exceptions, in host and guest. Every handler records what came and returns
 * WITHOUT an IRET (POPF and RET), so that the CPU's NMI blocking stays as the event left it until
 * an experiment executes one (SDM Vol. 3 "Handling Multiple NMIs"). It returns with IF and TF
 * clear: whoever wants interrupts says so.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "x86/asm.h"

#define VECTOR_DB       1
#define VECTOR_NMI      2
#define VECTOR_BP       3
#define VECTOR_DF       8
#define VECTOR_SS       12
#define VECTOR_GP       13
#define VECTOR_PF       14
#define VECTOR_IRQ      0x21 /* the experiments' external interrupt */
#define VECTOR_FENCE    0x30 /* sent after everything else: see nmi/sender.h; one of FENCES */
#define FENCES          4
#define VECTOR_WAKE     0x41 /* a parked CPU has a job */
#define VECTOR_ALARM    0x42 /* apic_alarm() */
#define VECTOR_INTN     0x50 /* the software interrupt of the step INTN */
#define VECTOR_SPURIOUS 0xff

/* General registers in the order of PUSH_GPRS. */
struct gprs {
#if EXTRA_REGS
	unsigned long extra[EXTRA_REGS]; /* r15 .. r8 */
#endif
	unsigned long di, si, bp, bx, dx, cx, ax;
};

/* The stack as trap_stubs.S leaves it for trap_handle(). */
struct regs {
	struct gprs gprs;
	unsigned long vector, error;
	unsigned long ip, cs, flags;
#if FRAME_HAS_SP
	unsigned long sp, ss;
#endif
};

/* Called by every stub, and by the task of an NMI. */
void trap_handle(struct regs *regs);

/*
 * Who takes what arrives, but for exceptions that a FIXUP expects (cpu.c), and who has the last
 * word in a panic; `again`: it came while another one was reported, so that little works. Until
 * this is called everything is a panic, which halts.
 */
typedef void (*trap_receiver)(struct regs *regs);
typedef void (*trap_reporter)(const char *why, bool again) __attribute__((noreturn));
void trap_hand_over(trap_receiver receiver, trap_reporter reporter);

/* Where the stack was before the CPU pushed the frame. */
unsigned long trap_interrupted_sp(const struct regs *regs);

/* An exception nobody expects: print registers and a backtrace, and give up by the reporter. sp is
 * the interrupted stack pointer. */
_Noreturn void trap_panic(const struct regs *regs, unsigned long sp);
