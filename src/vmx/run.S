/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/asm.h"

#define VMCS_HOST_RSP 0x6c14

/*
 * bool vmx_launch(struct gprs *guest);
 * bool vmx_resume(struct gprs *guest);
 *
 * Enter the guest with these registers, come back after its exit with them saved. False: the
 * instruction itself failed (VMfail), no guest ran. Maskable interrupts are off all the way, but
 * an NMI may come on any instruction, also on the first one after the exit: so the stack is a
 * stack at all times. It is, with HOST_RSP at its lowest word:
 *
 *	guest | callee-saved registers | return address
 */
	.text

	.macro ENTER name, insn
	.global \name
\name:
	ARG1	R(ax)
	PUSH_CALLEE_SAVED
	push	R(ax)
	mov	$VMCS_HOST_RSP, %edx
	vmwrite	R(sp), R(dx)
	LOAD_GPRS
	mov	GPR_AX(R(ax)), R(ax)
	\insn
	/* VMfail: our own registers are gone, the stack is not. */
	pop	R(ax)
	xor	%eax, %eax
	POP_CALLEE_SAVED
	ret
	.endm

	ENTER	vmx_launch, vmlaunch
	ENTER	vmx_resume, vmresume

	.global vmx_exit
vmx_exit:
	push	R(ax)
	mov	WORD(R(sp)), R(ax)
	SAVE_GPRS
	pop	GPR_AX(R(ax))
	pushf			/* nothing before this changes a flag */
	pop	vmx_exit_flags
	pop	R(ax)
	mov	$1, %eax
	POP_CALLEE_SAVED
	ret

	.bss
	.balign	8
	.global vmx_exit_flags
vmx_exit_flags:
	.skip	8

	.section .note.GNU-stack, "", @progbits
