/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The first instructions of every handler, host's and guest's, and the way back.
 * The stubs are 16 bytes apart: desc.c computes their addresses.
 */
#include "x86/asm.h"
#include "x86/selectors.h"

#define STUB_SIZE 16

/* Vectors that push an error code: 8, 10-14, 17, 21, 29, 30 (SDM Vol. 3, table "Protected-Mode
 * Exceptions and Interrupts"; APM Vol. 2 "Error Codes" for 29 and 30). */
#define HAS_ERROR_CODE(v) (((v) < 32) & (0x60227d00 >> ((v) & 31)))

	.macro STUBS name, align
	.text
	.balign \align
	.global \name
\name:
	vector = 0
	.rept 256
	.if !(HAS_ERROR_CODE(vector) & 1)
	push	$0
	.endif
	push	$vector
	jmp	trap_common
	.balign STUB_SIZE
	vector = vector + 1
	.endr
	.endm

	STUBS host_stubs, STUB_SIZE
	STUBS guest_stubs, 4096 /* a page that nested paging can take away */

/*
 * struct regs at the stack pointer, from low addresses to high:
 *
 *	gprs | vector | error | ip | cs | flags | sp ss (64-bit, or from ring 3)
 *
 * The way back must not be an IRET. IP, FLAGS and DX are written where the interrupted stack
 * ends, over the frame's last words, which have all been read by then:
 *
 *	T-3 words: dx	T-2 words: flags	T-1 word: ip	T: the interrupted stack
 */
#define IP_OFFSET  (GPRS_SIZE + 2 * WORD)
#define CS_OFFSET  (IP_OFFSET + WORD)
#define FLAGS_OFFSET (IP_OFFSET + 2 * WORD)
#define SP_OFFSET  (FLAGS_OFFSET + WORD)
trap_common:
	PUSH_GPRS
	LOAD_DATA_SEGMENTS
	cld
	mov	R(sp), R(bx)
#ifdef __x86_64__
	and	$-16, %rsp
#endif
	CALL1	trap_handle, R(bx)
	mov	R(bx), R(sp)
	.global trap_return
trap_return:

#if FRAME_HAS_SP
	mov	SP_OFFSET(R(sp)), R(dx)
#else
	lea	SP_OFFSET(R(sp)), R(dx)
	cmpw	$GUEST_CS3, CS_OFFSET(R(sp))
	je	1f
	cmpw	$HOST_CS3, CS_OFFSET(R(sp))
	jne	2f
1:	mov	(R(dx)), R(dx)
2:
#endif
	mov	IP_OFFSET(R(sp)), R(ax)
	mov	FLAGS_OFFSET(R(sp)), R(cx)
	mov	GPR_DX(R(sp)), R(bx)
	mov	R(ax), -WORD(R(dx))
	mov	R(cx), -2*WORD(R(dx))
	mov	R(bx), -3*WORD(R(dx))
	lea	-3*WORD(R(dx)), R(dx)
	/* All but DX back; AX and CX last popped are where they were pushed, below T-3 words. */
	POP_EXTRA_GPRS
	pop	R(di)
	pop	R(si)
	pop	R(bp)
	pop	R(bx)
	mov	WORD(R(sp)), R(cx)
	mov	2*WORD(R(sp)), R(ax)
	mov	R(dx), R(sp)
	pop	R(dx)
	popf
	ret

	.section .note.GNU-stack, "", @progbits
