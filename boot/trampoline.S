/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a SIPI starts a CPU: real mode, at the start of a page below 1 MB. smp.c copies these
 * bytes there. They reach protected mode with flat segments and leave for the image proper.
 */
#include "x86/selectors.h"

	.section .rodata
	.code16
	.global trampoline_start
trampoline_start:
	cli
	cld
	mov	%cs, %ax
	mov	%ax, %ds
	lgdtl	gdt_pointer - trampoline_start
	mov	%cr0, %eax
	and	$0x7fffffff, %eax
	or	$1, %eax
	mov	%eax, %cr0
	mov	$HOST_DS, %ax
	mov	%ax, %ds
	mov	%ax, %es
	mov	%ax, %fs
	mov	%ax, %gs
	mov	%ax, %ss
	ljmpl	$HOST_CS32, $ap_entry32

	.balign 4
gdt_pointer:
	.short 5 * 8 - 1
	.long boot_gdt
	.global trampoline_end
trampoline_end:

	.section .note.GNU-stack, "", @progbits
