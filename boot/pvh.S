/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The third way in, "PVH", for loaders that put a kernel into memory without any firmware: Xen's
 * PVH guests, Firecracker, cloud-hypervisor, QEMU's -kernel. Xen's "x86/HVM direct boot ABI"
 * (docs/misc/pvh): an ELF note names the entry, where EBX points to a struct hvm_start_info.
 */
#define NOTE_PHYS32_ENTRY 18         /* XEN_ELFNOTE_PHYS32_ENTRY, xen/include/public/elfnote.h */
#define START_INFO_MAGIC  0x336ec578 /* xen/include/public/arch-x86/hvm/start_info.h */

	/* QEMU reads eight bytes of address, whatever the size says; so there are eight. */
	.section .note.Xen, "a", @note
	.balign 4
	.long 2f - 1f
	.long 4f - 3f
	.long NOTE_PHYS32_ENTRY
1:	.asciz "Xen"
2:	.balign 4
3:	.long pvh_entry
	.long 0
4:

	.section .text.boot, "ax"
	.code32

/* Flat segments, no paging, as boot_entry wants it; only EAX says nothing. */
pvh_entry:
	mov	$START_INFO_MAGIC, %eax
	jmp	boot_entry

	.section .note.GNU-stack, "", @progbits
