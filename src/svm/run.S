/* SPDX-License-Identifier: BSD-2-Clause */
#include "x86/asm.h"

/*
 * void svm_run(struct gprs *guest, struct vmcb *vmcb, unsigned long host_flags);
 *
 * VMRUN with these RFLAGS, and back after the #VMEXIT with the guest's registers saved. The caller
 * has cleared GIF, so nothing comes here before or after; GIF is left 0 (APM Vol. 2 "#VMEXIT"). RAX
 * and RSP travel in the VMCB. The stack:
 *
 *	vmcb | guest | callee-saved registers | return address
 */
	.text
	.global svm_run
svm_run:
#ifdef __x86_64__
	mov	%rsi, %rcx
#else
	mov	8(%esp), %ecx
	mov	12(%esp), %edx
#endif
	ARG1	R(ax)
	PUSH_CALLEE_SAVED
	push	R(ax)
	push	R(cx)
	push	R(dx)
	LOAD_GPRS
	mov	WORD(R(sp)), R(ax)
	vmload	R(ax)
	popf
	vmrun	R(ax)

	.global svm_exit
svm_exit:
	cli
	vmsave	R(ax)
	mov	WORD(R(sp)), R(ax)
	SAVE_GPRS
	add	$(2 * WORD), R(sp)
	POP_CALLEE_SAVED
	ret

	.section .note.GNU-stack, "", @progbits
