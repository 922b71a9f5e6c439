/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program as one line, the value of prog=: operations, with commas or blanks between them.
 *
 *	h:STEPS h	steps in the host; hn is h:hlt+n, "the host takes an NMI"
 *	e:STEPS e	enter the guest, which executes these steps and its hypercall
 *	r		resume it
 *	g:FLAGS		its settings: codes of alphabet.def, one after the other; g: has none
 *	i:TYPE.VECTOR	inject this at the next entry, both hexadecimal; then perhaps x: the other
 *			error-code bit than the vector's; L and a number: the instruction's length;
 *			+ and a number: reserved bits 30:12. i:nmi, i:irq, i:mtf are 2.2, 0.21, 7.0
 *	j		inject again what the last exit cut off
 *	n1		an NMI arrives, and a fence; up to three NMIs, or n0, the fence alone
 *	l1 sipi		an NMI comes in the next entry, into shutdown; a SIPI, into wait-for-SIPI
 *	s sb	the CPU sends an NMI to itself, to all CPUs
 *	a:hlt		activity of the next entries: active, hlt, shutdown, sipi, reserved
 *	-idt +idt *idt	the guest's page is taken away, put back, replaced by one that nobody used:
 *			idt, stack, ldt, handlers
 *	d8		the guest's IDT ends before this vector
 *	c:1fff		SVM: clean bits
 *	q:f0		SVM: the virtual interrupt's priority, and V_TPR
 *	u1		the guest with this number
 *	f:hg		FRED in host and guest, f:h or f:g in one of them, f: off; a letter, if
 *			handlers return by ERETS: e with the frame as it is, m with bit 18 set, u
 *			with it cleared, if it is vector 2's; a number, NMIs' and #GPs' stack level
 *
 * STEPS are names of nmi/steps.def in small letters and without underscores, with slashes between
 * them; +n behind hlt: an NMI comes while it is halted; +nn: two.
 */
#pragma once

#include <stddef.h>

#include "explore/program.h"

enum { TEXT_MAX = 400 }; /* no program's text is longer */

/* Returns NULL and the program, or what is wrong with the character at *place. */
const char *text_parse(struct program *program, const char *text, size_t *place);

/* Returns the buffer. */
const char *text_print(char *buffer, size_t size, const struct program *program);
