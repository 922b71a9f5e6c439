/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What arrives at a CPU, in host and guest, from x86/trap.c: interrupts, NMIs and exceptions. On
 * the CPU under test they are events of the trace.
 */
#pragma once

struct regs;

/* For trap_hand_over(). */
void arrivals_receive(struct regs *regs);
