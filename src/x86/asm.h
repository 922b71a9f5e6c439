/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one place where assembly tells 32 bit from 64 bit: register names, the word size and
 * "save everything". Routines written with these serve both kernels.
 */
#pragma once

#include "x86/selectors.h"

/* clang-format off */

#define CPU_BLOCK_SIZE 0x10000 /* struct cpu, aligned to its size: cpu_self() masks the stack pointer */
#define CPU_STACK_TOP  0xc000 /* the host stack is below this offset in it */

#ifdef __x86_64__
#define WORD         8
#define EXTRA_REGS   8 /* r8-r15 */
#define R(name)      %r##name
#define FRAME_HAS_SP 1 /* interrupts always push SS:RSP in 64-bit mode */
#define DESCRIPTOR_CODE 0x00af9b000000ffff
#else
#define WORD         4
#define EXTRA_REGS   0
#define R(name)      %e##name
#define FRAME_HAS_SP 0
#define DESCRIPTOR_CODE DESCRIPTOR_CODE32
#endif

#define DESCRIPTOR_CODE32 0x00cf9b000000ffff
#define DESCRIPTOR_DATA   0x00cf93000000ffff
#define DESCRIPTOR_SMALL  0x0040930000000fff
#define DESCRIPTOR_RING_3 0x0000600000000000

#ifdef __ASSEMBLER__

/* Push all general registers but SP, so that a struct gprs (x86/trap.h) lies at SP. */
	.macro PUSH_GPRS
	push	R(ax)
	push	R(cx)
	push	R(dx)
	push	R(bx)
	push	R(bp)
	push	R(si)
	push	R(di)
#ifdef __x86_64__
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%r12
	push	%r13
	push	%r14
	push	%r15
#endif
	.endm

/* The way back: first those that only 64-bit mode has. */
	.macro POP_EXTRA_GPRS
#ifdef __x86_64__
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
#endif
	.endm

#ifdef __x86_64__
	.macro POP_GPRS
	POP_EXTRA_GPRS
	pop	%rdi
	pop	%rsi
	pop	%rbp
	pop	%rbx
	pop	%rdx
	pop	%rcx
	pop	%rax
	.endm

/* SDM Vol. 2 "ERETS", "ERETU": Debian 12's assembler does not know them. */
	.macro ERETS
	.byte	0xf2, 0x0f, 0x01, 0xca
	.endm

	.macro ERETU
	.byte	0xf3, 0x0f, 0x01, 0xca
	.endm
#endif

/* Offsets in struct gprs. */
#define GPR(n)    ((EXTRA_REGS + (n)) * WORD)
#define GPR_DI    GPR(0)
#define GPR_SI    GPR(1)
#define GPR_BP    GPR(2)
#define GPR_BX    GPR(3)
#define GPR_DX    GPR(4)
#define GPR_CX    GPR(5)
#define GPR_AX    GPR(6)
#define GPRS_SIZE GPR(7)

/* Load all general registers but AX and SP from the struct gprs at AX; AX stays. */
	.macro LOAD_GPRS
#ifdef __x86_64__
	mov	0*8(%rax), %r15
	mov	1*8(%rax), %r14
	mov	2*8(%rax), %r13
	mov	3*8(%rax), %r12
	mov	4*8(%rax), %r11
	mov	5*8(%rax), %r10
	mov	6*8(%rax), %r9
	mov	7*8(%rax), %r8
#endif
	mov	GPR_DI(R(ax)), R(di)
	mov	GPR_SI(R(ax)), R(si)
	mov	GPR_BP(R(ax)), R(bp)
	mov	GPR_BX(R(ax)), R(bx)
	mov	GPR_DX(R(ax)), R(dx)
	mov	GPR_CX(R(ax)), R(cx)
	.endm

/* Store them back. */
	.macro SAVE_GPRS
#ifdef __x86_64__
	mov	%r15, 0*8(%rax)
	mov	%r14, 1*8(%rax)
	mov	%r13, 2*8(%rax)
	mov	%r12, 3*8(%rax)
	mov	%r11, 4*8(%rax)
	mov	%r10, 5*8(%rax)
	mov	%r9, 6*8(%rax)
	mov	%r8, 7*8(%rax)
#endif
	mov	R(di), GPR_DI(R(ax))
	mov	R(si), GPR_SI(R(ax))
	mov	R(bp), GPR_BP(R(ax))
	mov	R(bx), GPR_BX(R(ax))
	mov	R(dx), GPR_DX(R(ax))
	mov	R(cx), GPR_CX(R(ax))
	.endm

/* Callee-saved registers of both ABIs, on entering and leaving a C-callable routine. */
	.macro PUSH_CALLEE_SAVED
	push	R(bp)
	push	R(bx)
#ifdef __x86_64__
	push	%r12
	push	%r13
	push	%r14
	push	%r15
#else
	push	%esi
	push	%edi
#endif
	.endm

	.macro POP_CALLEE_SAVED
#ifdef __x86_64__
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
#else
	pop	%edi
	pop	%esi
#endif
	pop	R(bx)
	pop	R(bp)
	.endm

/* An event that interrupts virtual-8086 mode leaves null selectors. Clobbers AX. */
	.macro LOAD_DATA_SEGMENTS
#ifndef __x86_64__
	mov	$HOST_DS, %eax
	mov	%eax, %ds
	mov	%eax, %es
#endif
	.endm

/* Call a C function of one argument, which is in a register. */
	.macro CALL1 function, argument
#ifdef __x86_64__
	mov	\argument, %rdi
	call	\function
#else
	push	\argument
	call	\function
	add	$4, %esp
#endif
	.endm

/* Load the first argument of a C-callable routine, at its entry, into a register. */
	.macro ARG1 register
#ifdef __x86_64__
	mov	%rdi, \register
#else
	mov	4(%esp), \register
#endif
	.endm

#endif /* __ASSEMBLER__ */
