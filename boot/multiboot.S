/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The two headers a boot loader looks for.
 * Multiboot Specification 0.6.96, "The layout of Multiboot header"; Multiboot2 2.0, "Header layout".
 */
#define MB1_MAGIC 0x1badb002
#define MB1_FLAGS 0x00000003 /* modules page-aligned, memory information wanted */

#define MB2_MAGIC 0xe85250d6
#define MB2_I386  0

#define MB2_TAG_END           0
#define MB2_TAG_CONSOLE       4
#define MB2_TAG_FRAMEBUFFER   5
#define MB2_OPTIONAL          1
#define MB2_CONSOLE_EGA_TEXT  2 /* the kernel can use it */

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
	/* A framebuffer of any size and depth; text will do as well. GRUB's command multiboot2 sets
	 * its variable gfxpayload to that: a menu that wants another mode sets it after this. */
	.short MB2_TAG_CONSOLE, MB2_OPTIONAL
	.long 12
	.long MB2_CONSOLE_EGA_TEXT
	.balign 8
	.short MB2_TAG_FRAMEBUFFER, MB2_OPTIONAL
	.long 20
	.long 0, 0, 0 /* width, height, depth: no preference */
	.balign 8
	.short MB2_TAG_END, 0
	.long 8
multiboot2_end:

	.section .note.GNU-stack, "", @progbits
