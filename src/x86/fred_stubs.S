/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two entry points of FRED, 256 bytes apart (SDM Vol. 3 "FRED Event Delivery"). Of the 64 bytes
 * that it pushes, six words are what trap_stubs.S has from an IDT with an error code; so this is a
 * struct regs, and the way back without a return instruction is the same:
 *
 *	gprs | vector | error | ip | cs | flags | sp | ss | data | 0
 */
#include "x86/asm.h"
#include "x86/selectors.h"

	.text
	.balign 4096
	.global fred_entry
fred_entry:
#if FRAME_HAS_SP
	.macro ENTRY return
	push	$0	/* the vector: fred_handle() takes it from the frame */
	PUSH_GPRS
	mov	%rsp, %rdi
	call	fred_handle
	test	%al, %al
	jz	trap_return
	POP_GPRS
	add	$WORD, %rsp
	\return
	.endm

	ENTRY	ERETU
	.org	fred_entry + 256, 0xcc
	ENTRY	ERETS

/*
 * void fred_probe_int(void);
 */
	.global fred_probe_int
fred_probe_int:
	int	$0x50	/* VECTOR_INTN */
	ret

/*
 * bool fred_probe_erets(void);
 *
 * Does ERETS lead on? To the next instruction, by a frame of which it pops the lower six words.
 */
	.global fred_probe_erets
fred_probe_erets:
	mov	%rsp, %rdx
	mov	%ss, %eax
	mov	%cs, %ecx
	push	%rax
	push	%rdx
	pushf
	push	%rcx
	push	$2f
	push	$0
1:	ERETS
2:	mov	$1, %eax
	ret
3:	mov	%rdx, %rsp
	xor	%eax, %eax
	ret
	.pushsection .fixups, "a"
	.long	1b, 3b
	.popsection
#else
	.global fred_probe_int, fred_probe_erets
fred_probe_int:
fred_probe_erets:
	xor	%eax, %eax
	ret
#endif

	.section .note.GNU-stack, "", @progbits
