/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/asm.h"

	.text
/*
 * void smp_park(void);
 *
 * Does not return: what was on this CPU's stack is forgotten. An empty stack, from its top:
 *
 *	the return address of smp_park_loop, which does not return
 */
	.global smp_park
smp_park:
	mov	$-CPU_BLOCK_SIZE, R(ax)
	and	R(sp), R(ax)
	add	$CPU_STACK_TOP, R(ax)
	mov	R(ax), R(sp)
	xor	%ebp, %ebp		/* ends every backtrace */
	call	smp_park_loop

	.section .note.GNU-stack, "", @progbits
