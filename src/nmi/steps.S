/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The steps: see steps.def. They may use AX, CX and DX. The stack is the rest of the chain, so
 * every step ends in RET with the stack pointer as it found it.
 */
#include "x86/asm.h"
#include "x86/selectors.h"

#define EFLAGS_TF        0x100
#define EFLAGS_IF        0x200
#define MSR_SYSENTER_CS  0x174
#define MSR_SYSENTER_ESP 0x175
#define MSR_SYSENTER_EIP 0x176
#define MSR_EFER         0xc0000080
#define EFER_SCE         0x1
#define MSR_STAR         0xc0000081
#define MSR_LSTAR        0xc0000082
#define MSR_FMASK        0xc0000084

	.macro FIRST name
	.balign 16
	.global step_\name\()_first
step_\name\()_first:
	.endm

	.macro AT name
	.global step_\name\()_at
step_\name\()_at:
	.endm

	.macro AFTER name
	.global step_\name\()_after
step_\name\()_after:
	.endm

/* A step that is its instruction and nothing else. */
	.macro SIMPLE name, insn:vararg
	FIRST	\name
	AT	\name
	\insn
	AFTER	\name
	ret
	.endm

	.text

/*
 * Ask the sender for this HLT's events and its fence, then halt until the fence has come. STI
 * lets interrupts in only after the HLT has begun. A wake-up without any event is counted.
 */
	FIRST	HLT
	incl	sender_asked
	mov	trace_count, %eax
	mov	%eax, steps_halt_seen
1:	sti
	AT	HLT
	hlt
	AFTER	HLT
	cli
	mov	sender_fenced, %eax
	cmp	sender_asked, %eax
	je	2f
	mov	trace_count, %eax
	cmp	steps_halt_seen, %eax
	mov	%eax, steps_halt_seen
	jne	1b
	incl	trace_spurious
	jmp	1b
2:	ret

/* The frame of an interrupt that returns to this code segment and address, on this stack. */
	.macro IRET_FRAME cs, ip
#ifdef __x86_64__
	mov	%ss, %eax
	mov	%rsp, %rdx
	push	%rax
	push	%rdx
#endif
	pushf
	push	\cs
	mov	$\ip, R(ax)
	push	R(ax)
	.endm

	.macro IRET_INSN
#ifdef __x86_64__
	iretq
#else
	iret
#endif
	.endm

	FIRST	IRET
	mov	%cs, %ecx
	IRET_FRAME R(cx), step_IRET_after
	AT	IRET
	IRET_INSN
	AFTER	IRET
	ret

	FIRST	RING_3_IRET
	mov	%cs, %ecx
	cmp	$GUEST_CS, %ecx
	mov	$GUEST_CS3, %ecx
	je	1f
	mov	$HOST_CS3, %ecx
1:	mov	R(sp), R(dx)
	push	$RING_3_DS
	push	R(dx)
	pushf
	push	R(cx)
	mov	$step_RING_3_IRET_after, R(ax)
	push	R(ax)
	AT	RING_3_IRET
	IRET_INSN
	AFTER	RING_3_IRET
	cli			/* should an event come here, its handler returns in ring 0 */
	ret

/* Two frames: the upper one is the second IRET's. */
	FIRST	SELF_IRET
	mov	%cs, %ecx
	IRET_FRAME R(cx), step_SELF_IRET_after
	IRET_FRAME R(cx), step_SELF_IRET_at
	AT	SELF_IRET
	IRET_INSN
	AFTER	SELF_IRET
	ret

	FIRST	BAD_IRET
	mov	$0xfffc, %ecx
	IRET_FRAME R(cx), step_BAD_IRET_after
	AT	BAD_IRET
	IRET_INSN
	AFTER	BAD_IRET
	ret

	FIRST	PF_IRET
	mov	$LDT_UNMAPPED, %ecx
	IRET_FRAME R(cx), step_PF_IRET_after
	AT	PF_IRET
	IRET_INSN
	AFTER	PF_IRET
	ret

	FIRST	LDT_IRET
	mov	$LDT_MAPPED, %ecx
	IRET_FRAME R(cx), step_LDT_IRET_after
	AT	LDT_IRET
	IRET_INSN
	AFTER	LDT_IRET
	ret

/* SDM Vol. 2 "IRET": popping from a non-canonical address, or beyond the limit of SS. */
	FIRST	SS_IRET
#ifdef __x86_64__
	mov	$0x800000000000, %rsp
#else
	mov	$SMALL_DS, %eax
	mov	%eax, %ss
	nop			/* MOV SS blocks no more */
#endif
	AT	SS_IRET
	IRET_INSN
	AFTER	SS_IRET
	ret

/* The instruction after this is the first one that traps: SDM "Single-Step Exception Condition". */
	.macro SET_TF
	pushf
	orl	$EFLAGS_TF, (R(sp))
	popf
	.endm

	FIRST	TRAPPED_IRET
	mov	%cs, %ecx
	IRET_FRAME R(cx), step_TRAPPED_IRET_after
	orl	$EFLAGS_TF, 2*WORD(R(sp))
	SET_TF
	AT	TRAPPED_IRET
	IRET_INSN
	AFTER	TRAPPED_IRET
	ret

/*
 * Ask the sender for this step's events and its fence, and be at MOV SS when they come. An odd
 * number of instructions, so that emulators which look for events every so many do not always
 * look at the same one.
 */
	FIRST	MOV_SS_LOOP
	incl	sender_asked
	mov	%ss, %ecx
	AT	MOV_SS_LOOP
	mov	%ecx, %ss
	AFTER	MOV_SS_LOOP
	nop
	nop
	sti
	mov	sender_fenced, %eax
	cmp	sender_asked, %eax
	jne	step_MOV_SS_LOOP_at
	cli
	ret

/* What was sent is on its way: give it time to get here. */
	FIRST	WAIT
	incl	sender_asked
1:	pause
	mov	sender_sent, %eax
	cmp	sender_asked, %eax
	jne	1b
	mov	$1000, %ecx
	AT	WAIT
2:	pause
	dec	%ecx
	jnz	2b
	AFTER	WAIT
	ret

	FIRST	TRAPPED_MOV_SS
	mov	%ss, %eax
	SET_TF
	AT	TRAPPED_MOV_SS
	mov	%eax, %ss
	nop
	AFTER	TRAPPED_MOV_SS
	ret

#ifdef __x86_64__
/* 64-bit mode has no tasks and no virtual-8086 mode. */
	SIMPLE	TASK_IRET, ud2
	SIMPLE	V86_IRET, ud2

	FIRST	CR8_15
	mov	$15, %eax
	AT	CR8_15
	mov	%rax, %cr8
	AFTER	CR8_15
	ret
#else
	SIMPLE	CR8_15, ud2

/* The task's IRET is entered again, behind the last one, by the next CALL. */
	FIRST	TASK_IRET
	lcall	$TASK_STEP, $0
	AFTER	TASK_IRET
	ret
	AT	TASK_IRET
	iret
	jmp	step_TASK_IRET_at

/* No way back from here but the fault. The IRET is where real-mode addresses reach. */
	FIRST	V86_IRET
	ljmp	$TASK_STEP, $0
	.pushsection .text.boot, "ax"
	AT	V86_IRET
	iret
	AFTER	V86_IRET
	.popsection

/*
 * The task of an NMI. It is left by a JMP, so that NMIs stay blocked, and the next NMI enters it
 * behind that. The stack:
 *
 *	offset 0 | selector of the interrupted task
 */
	.global task_nmi
task_nmi:
	cld
	call	task_handle_nmi
	push	%eax
	push	$0
	ljmp	*(%esp)
	add	$8, %esp
	jmp	task_nmi
#endif

	FIRST	MOV_SS
	mov	%ss, %eax
	AT	MOV_SS
	mov	%eax, %ss
	AFTER	MOV_SS
	nop
	ret

	FIRST	TRAPPED_NOP
	pushf
	orl	$0x100, (R(sp))	/* EFLAGS.TF */
	popf
	AT	TRAPPED_NOP
	nop
	AFTER	TRAPPED_NOP
	ret

/* DR7: L0, RW0 = data writes, LEN0 = one byte, and the bit that is always 1. Who traps leaves it so:
 * nothing else writes that byte. */
	FIRST	WATCHED_WRITE
	mov	$watched, R(ax)
	mov	R(ax), %dr0
	mov	$0x10401, R(ax)
	mov	R(ax), %dr7
	AT	WATCHED_WRITE
	movb	$0, watched
	AFTER	WATCHED_WRITE
	mov	$0x400, R(ax)
	mov	R(ax), %dr7
	ret

/*
 * FRED's returns. ERETS skips the error code and pops five words (SDM Vol. 2 "ERETS", "ERETU"): of a
 * frame's eight the upper two need not be there. The stack:
 *
 *	0 | ip | cs, and the stack level in 17:16 | flags | sp | ss, and bits 18:16
 */
#ifdef __x86_64__
#define SS_STI (1 << 16)
#define SS_SOFTWARE (1 << 17)
#define SS_NMI (1 << 18)

	.macro ERETS_FRAME ip, bits=0, level=0, cs=0
	mov	%ss, %eax
	or	$\bits, %eax
	mov	%rsp, %rdx
	mov	%cs, %ecx
	or	$(\level << 16 | \cs), %ecx
	push	%rax
	push	%rdx
	pushf
	.if	(\bits) & SS_STI
	orl	$EFLAGS_IF, (%rsp)
	.endif
	.if	(\bits) & SS_SOFTWARE
	orl	$EFLAGS_TF, (%rsp)
	.endif
	push	%rcx
	push	$\ip
	push	$0
	.endm

	.macro ERETS_STEP name, bits=0, level=0, cs=0
	FIRST	\name
	ERETS_FRAME step_\name\()_after, \bits, \level, \cs
	AT	\name
	ERETS
	AFTER	\name
	.if	(\bits) & SS_STI
	nop
	nop
	cli
	.endif
	ret
	.endm

	ERETS_STEP ERETS
	ERETS_STEP ERETS_NMI, SS_NMI
	ERETS_STEP ERETS_STI, SS_STI
	ERETS_STEP ERETS_STI_NMI, SS_STI | SS_NMI
	ERETS_STEP ERETS_LEVEL, 0, 3
	ERETS_STEP ERETS_TRAP_NMI, SS_SOFTWARE | SS_NMI
	ERETS_STEP BAD_ERETS, SS_NMI, 0, 0x40

/* Two frames: the upper one is the second ERETS'. */
	FIRST	SELF_ERETS
	ERETS_FRAME step_SELF_ERETS_after
	ERETS_FRAME step_SELF_ERETS_at, SS_NMI
	AT	SELF_ERETS
	ERETS
	AFTER	SELF_ERETS
	ret

/*
 * In ring 3 the first instruction is the way back: after SYSCALL our handler goes on in ring 0, with
 * the selectors of IA32_STAR. The guest's SS is none that IRET could load.
 */
	.macro ERETU_STEP name, cs=0, bits=0
	FIRST	\name
	mov	$(RING_3_DS | \bits), %eax
	mov	%rsp, %rdx
	push	%rax
	push	%rdx
	pushf
	.if	\cs
	push	$\cs
	.else
	mov	%cs, %ecx
	cmp	$GUEST_CS, %ecx
	mov	$GUEST_CS3, %ecx
	je	1f
	mov	$HOST_CS3, %ecx
1:	push	%rcx
	.endif
	push	$step_\name\()_after
	push	$0
	AT	\name
	ERETU
	AFTER	\name
	syscall
	mov	%ss, %eax
	cmp	$HOST_DS, %eax
	je	1f
	mov	$HOST_DS, %eax
	mov	%eax, %ss
1:	ret
	.endm

	ERETU_STEP ERETU
	ERETU_STEP ERETU_NMI, 0, SS_NMI
	ERETU_STEP BAD_ERETU, HOST_CS, SS_NMI
#else
	SIMPLE	ERETS, ud2
	SIMPLE	ERETS_NMI, ud2
	SIMPLE	ERETS_STI, ud2
	SIMPLE	ERETS_STI_NMI, ud2
	SIMPLE	ERETS_LEVEL, ud2
	SIMPLE	BAD_ERETS, ud2
	SIMPLE	SELF_ERETS, ud2
	SIMPLE	ERETS_TRAP_NMI, ud2
	SIMPLE	ERETU, ud2
	SIMPLE	ERETU_NMI, ud2
	SIMPLE	BAD_ERETU, ud2
#endif

	FIRST	STI_BAD_SELECTOR
	mov	$0xfffc, %ecx
	sti
	AT	STI_BAD_SELECTOR
	mov	%ecx, %fs
	AFTER	STI_BAD_SELECTOR
	cli
	ret

	FIRST	IRET_ON
	mov	%cs, %ecx
	IRET_FRAME R(cx), step_IRET_ON_after
	orl	$EFLAGS_IF, 2*WORD(R(sp))
	AT	IRET_ON
	IRET_INSN
	AFTER	IRET_ON
	ret

	FIRST	TRAPPED_CPUID
	push	R(bx)
	xor	%eax, %eax
	SET_TF
	AT	TRAPPED_CPUID
	cpuid
	AFTER	TRAPPED_CPUID
	pop	R(bx)
	ret

/* Who does not trap here halts until the fence comes. */
	FIRST	TRAPPED_HLT
	incl	sender_asked
	pushf
	orl	$(EFLAGS_TF | EFLAGS_IF), (R(sp))
	popf
	AT	TRAPPED_HLT
	hlt
	AFTER	TRAPPED_HLT
	ret

/* Who trapped before has left DR7 as it was. */
	.macro UNWATCH
	mov	$0x400, R(ax)
	mov	R(ax), %dr7
	.endm

/* DR7 as in WATCHED_WRITE, but for reads too (RW0 = 3), of two bytes (LEN0 = 1). */
	.macro WATCH_SS
	UNWATCH
	mov	%ss, %eax
	mov	%ax, watched_ss
	mov	$watched_ss, R(ax)
	mov	R(ax), %dr0
	mov	$0x70401, R(ax)
	mov	R(ax), %dr7
	.endm

	FIRST	WATCHED_MOV_SS
	WATCH_SS
	AT	WATCHED_MOV_SS
	mov	watched_ss, %ss
	nop
	AFTER	WATCHED_MOV_SS
	UNWATCH
	ret

	FIRST	TRAPPED_WATCHED_MOV_SS
	WATCH_SS
	SET_TF
	AT	TRAPPED_WATCHED_MOV_SS
	mov	watched_ss, %ss
	nop
	AFTER	TRAPPED_WATCHED_MOV_SS
	UNWATCH
	ret

	FIRST	WATCHED_VMCALL
	WATCH_SS
	mov	watched_ss, %ss
	AT	WATCHED_VMCALL
	vmcall
	AFTER	WATCHED_VMCALL
	UNWATCH
	ret

	FIRST	BAD_SELECTOR
	mov	$0xfffc, %ecx
	AT	BAD_SELECTOR
	mov	%ecx, %fs
	AFTER	BAD_SELECTOR
	ret

	FIRST	RETF
	mov	%cs, %eax
	push	R(ax)
	mov	$step_RETF_after, R(ax)
	push	R(ax)
	AT	RETF
#ifdef __x86_64__
	lretq
#else
	lret
#endif
	AFTER	RETF
	ret

	.macro SET_MSR msr, value
	mov	$\msr, %ecx
	mov	\value, %eax
	xor	%edx, %edx
	wrmsr
	.endm

/*
 * To ring 3, where the first instruction is the way back: "after" is there. Should an event come
 * in between, its handler returns there in ring 0, and the way back is the same.
 */
	FIRST	SYSRET
#ifdef __x86_64__
	SET_MSR	MSR_LSTAR, $1f
	SET_MSR	MSR_FMASK, $0
	mov	$MSR_EFER, %ecx
	rdmsr
	or	$EFER_SCE, %eax
	wrmsr
	mov	$MSR_STAR, %ecx
	xor	%eax, %eax
	mov	$(HOST_CS << 16 | HOST_CS), %edx
	wrmsr
	pushf
	pop	%r11
	mov	$step_SYSRET_after, %ecx
	AT	SYSRET
	sysretq
	AFTER	SYSRET
	syscall
1:	ret
#else
	SET_MSR	MSR_SYSENTER_CS, $HOST_CS
	SET_MSR	MSR_SYSENTER_ESP, %esp
	SET_MSR	MSR_SYSENTER_EIP, $1f
	mov	%esp, %ecx
	mov	$step_SYSRET_after, %edx
	AT	SYSRET
	sysexit
	AFTER	SYSRET
	sysenter
1:	ret
#endif

	FIRST	POPF
	pushf
	AT	POPF
	popf
	AFTER	POPF
	ret

	SIMPLE	NOP, nop
	SIMPLE	INT2, int $2
	SIMPLE	INT3, int3
	SIMPLE	INT1, .byte 0xf1
	SIMPLE	INTN, int $0x50
	SIMPLE	VMCALL, vmcall
	SIMPLE	VMMCALL, vmmcall
	SIMPLE	CLGI, clgi
	SIMPLE	STGI, stgi
	SIMPLE	STI, sti
	SIMPLE	SPIN, jmp .

/*
 * void steps_switch(unsigned long *chain);
 *
 * Saves the callee-saved registers on this stack and its pointer in steps_stack, then runs the
 * chain, whose last word is steps_done.
 */
	.global steps_switch
steps_switch:
	ARG1	R(ax)
	PUSH_CALLEE_SAVED
	mov	R(sp), steps_stack
	mov	R(ax), R(sp)
	ret

	.global steps_done
steps_done:
	cli
	mov	steps_stack, R(sp)
	cld
	POP_CALLEE_SAVED
	ret

	.bss
	.balign	8
steps_stack:
	.skip	8
	.global steps_halt_seen
steps_halt_seen:
	.skip	4
	.balign	2
watched_ss:
	.skip	2
watched:
	.skip	1

	.section .note.GNU-stack, "", @progbits
