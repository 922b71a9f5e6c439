/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two headers a boot loader looks for.
 * Multiboot Specification 0.6.96, "The layout of Multiboot header"; Multiboot2 2.0, "Header layout".
 */
#define MB1_MAGIC 0x1badb002
#define MB1_FLAGS 0x00000003 /* modules page-aligned, memory information wanted */

#define MB2_MAGIC 0xe85250d6
#define MB2_I386  0

	.section .multiboot, "a"
	.balign 8
	.global multiboot_header
multiboot_header:
	.long MB1_MAGIC
	.long MB1_FLAGS
	.long -(MB1_MAGIC + MB1_FLAGS)

	.balign 8
	.global multiboot2_header
multiboot2_header:
	.long MB2_MAGIC
	.long MB2_I386
	.long multiboot2_end - multiboot2_header
	.long -(MB2_MAGIC + MB2_I386 + (multiboot2_end - multiboot2_header))
	/* Console flags, type 4, optional: text mode will do, and no console is required. */
	.short 4, 1
	.long 12
	.long 2
	/* Framebuffer, type 5, optional: any size and depth, UEFI has nothing else. Under a BIOS it
	 * is the loader's (GRUB's gfxpayload) to choose between this and text. */
	.balign 8
	.short 5, 1
	.long 20
	.long 0, 0, 0
	.balign 8
	/* End tag: type 0, flags 0, size 8. */
	.short 0, 0
	.long 8
multiboot2_end:

	.section .note.GNU-stack, "", @progbits
