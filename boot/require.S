/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the kernel cannot do without, not even to say so later: RAM for all of it, and what its
 * instructions and page tables need of the CPU. Before the first stack, so nothing here is called.
 *
 *	boot_require    goes on at boot_entry_2, or says what is missing and stops
 *
 * It says so on COM1, at port E9 and in VGA's text memory: no more is known of the machine yet.
 */
#include "x86/asm.h"

#define EFLAGS_ID (1 << 21)
#define PATTERN   0x4c485621

#define COM1     0x3f8
#define COM_LSR  (COM1 + 5)
#define E9       0xe9
#define VGA_TEXT 0xb8000
#define VGA_END  (VGA_TEXT + 80 * 25 * 2)
#define BRIGHT   0x0f

#define CPUID_FEATURES 1
#define CPUID_EXTENDED 0x80000000

/* CPUID.1:EDX. SDM Vol. 2 "CPUID", "More on Feature Information Returned in the EDX Register". */
#define PAE_BIT  6
#define CMOV_BIT 15
/* CPUID.80000001H:EDX */
#define LM_BIT   29

	.macro MISSING text
	mov	$9f, %esi
	jmp	complain
9:	.asciz "LHV: \text\r\nLHV: ERROR\r\n"
	.endm

	.section .text.boot, "ax"
	.code32

/* eax, ebx: the loader's; kept in esi, edi. */
	.global boot_require
boot_require:
	mov	%eax, %esi
	mov	%ebx, %edi

	/* The last bytes of .bss: RAM keeps what is written to it. They are 0, and shall be again. */
	movl	$PATTERN, image_end - 4
	movl	$~PATTERN, image_end - 8
	cmpl	$PATTERN, image_end - 4
	movl	$0, image_end - 4
	movl	$0, image_end - 8
	jne	no_memory

	mov	$boot_cpu + CPU_STACK_TOP, %esp
	push	$EFLAGS_ID
	popf
	pushf
	pop	%eax
	push	$0
	popf
	test	$EFLAGS_ID, %eax
	jz	no_cpuid
	xor	%eax, %eax
	cpuid
	cmp	$CPUID_FEATURES, %eax
	jb	no_features
	mov	$CPUID_FEATURES, %eax
	cpuid
	bt	$PAE_BIT, %edx
	jnc	no_pae
	bt	$CMOV_BIT, %edx
	jnc	no_cmov
#ifdef __x86_64__
	mov	$CPUID_EXTENDED, %eax
	cpuid
	cmp	$CPUID_EXTENDED + 1, %eax
	jb	no_long_mode
	mov	$CPUID_EXTENDED + 1, %eax
	cpuid
	bt	$LM_BIT, %edx
	jnc	no_long_mode
#endif
	jmp	boot_entry_2

no_memory:
	MISSING	"too little memory: there is no RAM where this kernel ends (3 MB are enough)"
no_cpuid:
	MISSING	"this CPU has no CPUID (EFLAGS.ID)"
no_features:
	MISSING	"this CPU has no CPUID leaf 1 (CPUID.0:EAX)"
no_pae:
	MISSING	"this CPU has no PAE (CPUID.1:EDX[6])"
no_cmov:
	MISSING	"this CPU has no CMOV (CPUID.1:EDX[15])"
#ifdef __x86_64__
no_long_mode:
	MISSING	"this CPU has no long mode (CPUID.80000001H:EDX[29]): boot lhv32.elf"
#endif

/* esi: the text. There may be no stack. */
complain:
	mov	$VGA_TEXT, %edi
1:	lodsb
	test	%al, %al
	jz	3f
	mov	%al, %bl
	out	%al, $E9
	mov	$10000, %ecx		/* about 10 ms of port reads: longer than a character takes */
	mov	$COM_LSR, %edx
2:	in	(%dx), %al
	test	$0x20, %al		/* LSR: transmitter empty */
	loopz	2b
	mov	%bl, %al
	mov	$COM1, %edx
	out	%al, (%dx)
	cmp	$' ', %bl		/* an end of the line is none on the screen */
	jb	1b
	mov	$BRIGHT, %ah
	mov	%ax, (%edi)
	add	$2, %edi
	cmp	$VGA_END, %edi
	jb	1b
3:	hlt
	jmp	3b

	.section .note.GNU-stack, "", @progbits
