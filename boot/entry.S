/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the boot loader (32-bit protected mode, no paging) to C, for the first CPU:
 *
 *	boot_entry      boot_require (require.S), then
 *	boot_entry_2    builds the identity map of the low 4 GB, once
 *	  boot_paging   PAE paging on; in the 64-bit kernel, long mode
 *	    kernel_main(magic, info)
 *
 * and, from the trampoline in real mode, for every other one:
 *
 *	ap_entry32
 *	  boot_paging
 *	    smp_ap_main(struct cpu *)
 */
#include "x86/asm.h"
#include "x86/selectors.h"

#define PTE_PRESENT  0x001
#define PTE_WRITABLE 0x002
#define PTE_USER     0x004 /* some steps go to ring 3: paging.c says in which pages */
#define PTE_LARGE    0x080

#define CR0_PE 0x00000001
#define CR0_WP 0x00010000
#define CR0_NE 0x00000020
#define CR0_PG 0x80000000
#define CR4_PAE  0x20
#define CR4_SMEP 0x100000
#define CR4_SMAP 0x200000

#define MSR_EFER 0xc0000080
#define EFER_LME 0x100

#ifdef __x86_64__
#define PDPTE (PTE_PRESENT | PTE_WRITABLE | PTE_USER)
#define ROOT  pml4
#define EFER  EFER_LME
#else
#define PDPTE PTE_PRESENT /* PAE: the other bits of a PDPTE are reserved */
#define ROOT  pdpt
#define EFER  0
#endif

	.section .text.boot, "ax"
	.code32

	.global boot_entry
boot_entry:
	cli
	cld
	jmp	boot_require
/* esi: the loader's magic number, edi: its information structure; there is a stack. */
	.global boot_entry_2
boot_entry_2:
	call	build_identity_map
	lgdt	boot_gdt_pointer
	ljmp	$HOST_CS32, $1f
1:	mov	$HOST_DS, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %fs
	mov	%eax, %gs
	mov	%eax, %ss
	call	boot_paging
#ifdef __x86_64__
	ljmp	$HOST_CS, $1f
	.code64
1:	mov	%esi, %esi		/* zero-extend; (magic, info) are in the right order: */
	xchg	%rsi, %rdi		/* rdi = magic, rsi = info, as the ABI wants them */
#else
	push	%edi
	push	%esi
#endif
	xor	%ebp, %ebp		/* ends every backtrace */
	call	kernel_main
2:	cli
	hlt
	jmp	2b

	.code32
/* Jumped to by the trampoline, in protected mode with flat segments; smp_starting is the CPU's block.
 * Who takes it leaves 0: a CPU that was given up and comes late must not share one. */
	.global ap_entry32
ap_entry32:
	xor	%edi, %edi
	xchg	smp_starting, %edi
	test	%edi, %edi
	jz	2f
	lea	CPU_STACK_TOP(%edi), %esp
	call	boot_paging
#ifdef __x86_64__
	ljmp	$HOST_CS, $1f
	.code64
1:	mov	%edi, %edi
#else
	push	%edi
#endif
	xor	%ebp, %ebp
	call	smp_ap_main
2:	cli
	hlt
	jmp	2b

	.code32
/* void build_identity_map(void): 4 GB in 2 MB pages. Clobbers eax, ecx, edx, ebx. */
build_identity_map:
	mov	$page_directories, %edx
	mov	$(PTE_PRESENT | PTE_WRITABLE | PTE_LARGE), %eax
	mov	$2048, %ecx
1:	mov	%eax, (%edx)		/* the upper halves stay 0 */
	add	$0x200000, %eax
	add	$8, %edx
	loop	1b

	mov	$page_directories + PDPTE, %eax
	mov	$pdpt, %edx
	mov	$4, %ecx
1:	mov	%eax, (%edx)
	add	$0x1000, %eax
	add	$8, %edx
	loop	1b
#ifdef __x86_64__
	movl	$pdpt + PTE_PRESENT + PTE_WRITABLE + PTE_USER, pml4
#endif
	ret

/* void boot_paging(void): turns on paging on this CPU. Clobbers eax, ecx, edx. */
boot_paging:
	mov	%cr4, %eax
	and	$~(CR4_SMEP | CR4_SMAP), %eax	/* the firmware may have them: .text is ring 3's too */
	or	$CR4_PAE, %eax
	mov	%eax, %cr4
	mov	$ROOT, %eax
	mov	%eax, %cr3
	cmpl	$0, boot_efer		/* a CPU that wants no bit may have no EFER */
	je	1f
	mov	$MSR_EFER, %ecx
	rdmsr
	or	boot_efer, %eax
	wrmsr
1:
	mov	%cr0, %eax
	and	$~0x60000000, %eax	/* CD and NW off: INIT sets them */
	or	$(CR0_PG | CR0_WP | CR0_NE | CR0_PE), %eax
	mov	%eax, %cr0
	ret

/* The descriptors every CPU starts with; desc.c gives each its own copy with a TSS. */
	.section .data
	.balign 8
	.global boot_gdt
boot_gdt:
	.quad 0
	.quad DESCRIPTOR_CODE		/* HOST_CS */
	.quad DESCRIPTOR_DATA		/* HOST_DS */
	.quad DESCRIPTOR_CODE		/* GUEST_CS: the same segment by another name, to tell who ran */
	.quad DESCRIPTOR_CODE32		/* HOST_CS32 */
	.quad DESCRIPTOR_SMALL		/* SMALL_DS */
boot_gdt_end:

	.global boot_gdt_pointer
boot_gdt_pointer:
	.short boot_gdt_end - boot_gdt - 1
	.long boot_gdt
	.long 0

/* What every CPU sets in its EFER before it turns on paging; paging.c adds to it. */
	.balign 4
	.global boot_efer
boot_efer:
	.long EFER

	.section .bss
	.balign 4096
	.global page_directories
page_directories:
	.skip 4 * 4096
pdpt:
	.skip 4096
#ifdef __x86_64__
pml4:
	.skip 4096
#endif

	.section .note.GNU-stack, "", @progbits
