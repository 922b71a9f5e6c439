/* SPDX-License-Identifier: BSD-2-Clause */
/* The VMCB: APM Vol. 2 appendix B "Layout of VMCB". Offsets are checked by the compiler. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct vmcb_segment {
	uint16_t selector, attributes;
	uint32_t limit;
	uint64_t base;
};

struct vmcb {
	/* Control area */
	uint32_t intercept_cr, intercept_dr;
	uint32_t intercept_exceptions;
	uint32_t intercept_misc1, intercept_misc2, intercept_misc3;
	uint8_t reserved_018[0x3c - 0x18];
	uint16_t pause_filter_threshold, pause_filter_count;
	uint64_t iopm_base, msrpm_base;
	uint64_t tsc_offset;
	uint32_t guest_asid;
	uint8_t tlb_control, reserved_05d[3];
	uint64_t interrupt_control; /* V_TPR, V_IRQ, VGIF, V_NMI … */
	uint64_t interrupt_shadow;
	uint64_t exit_code;
	uint64_t exit_info1, exit_info2;
	uint64_t exit_interrupt_info;
	uint64_t nested_control;
	uint8_t reserved_098[0xa8 - 0x98];
	uint64_t event_injection;
	uint64_t nested_cr3;
	uint64_t virtualization_extensions;
	uint32_t clean_bits, reserved_0c4;
	uint64_t next_rip;
	uint8_t reserved_0d0[0x400 - 0xd0];

	/* State save area */
	struct vmcb_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	uint8_t reserved_4a0[0x4cb - 0x4a0];
	uint8_t cpl;
	uint32_t reserved_4cc;
	uint64_t efer;
	uint8_t reserved_4d8[0x548 - 0x4d8];
	uint64_t cr4, cr3, cr0, dr7, dr6, rflags, rip;
	uint8_t reserved_580[0x5d8 - 0x580];
	uint64_t rsp;
	uint8_t reserved_5e0[0x5f8 - 0x5e0];
	uint64_t rax;
	uint64_t star, lstar, cstar, sfmask, kernel_gs_base;
	uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
	uint64_t cr2;
	uint8_t reserved_648[0x668 - 0x648];
	uint64_t pat;
	uint64_t debugctl;
	uint8_t reserved_678[0x1000 - 0x678];
};

#define VMCB_OFFSET(field, offset)                                                                 \
	_Static_assert(offsetof(struct vmcb, field) == (offset), "APM appendix B: " #field)

VMCB_OFFSET(intercept_exceptions, 0x008);
VMCB_OFFSET(intercept_misc1, 0x00c);
VMCB_OFFSET(intercept_misc2, 0x010);
VMCB_OFFSET(pause_filter_threshold, 0x03c);
VMCB_OFFSET(iopm_base, 0x040);
VMCB_OFFSET(guest_asid, 0x058);
VMCB_OFFSET(tlb_control, 0x05c);
VMCB_OFFSET(interrupt_control, 0x060);
VMCB_OFFSET(interrupt_shadow, 0x068);
VMCB_OFFSET(exit_code, 0x070);
VMCB_OFFSET(exit_interrupt_info, 0x088);
VMCB_OFFSET(nested_control, 0x090);
VMCB_OFFSET(event_injection, 0x0a8);
VMCB_OFFSET(nested_cr3, 0x0b0);
VMCB_OFFSET(clean_bits, 0x0c0);
VMCB_OFFSET(next_rip, 0x0c8);
VMCB_OFFSET(es, 0x400);
VMCB_OFFSET(tr, 0x490);
VMCB_OFFSET(cpl, 0x4cb);
VMCB_OFFSET(efer, 0x4d0);
VMCB_OFFSET(cr4, 0x548);
VMCB_OFFSET(rip, 0x578);
VMCB_OFFSET(rsp, 0x5d8);
VMCB_OFFSET(rax, 0x5f8);
VMCB_OFFSET(cr2, 0x640);
VMCB_OFFSET(pat, 0x668);
_Static_assert(sizeof(struct vmcb) == 4096, "one page");

/* Intercepts, vector 3 (offset 00Ch) and vector 4 (offset 010h) */
#define MISC1_INTR     (1U << 0)
#define MISC1_NMI      (1U << 1)
#define MISC1_INIT     (1U << 3)
#define MISC1_VINTR    (1U << 4)
#define MISC1_IRET     (1U << 20)
#define MISC1_SHUTDOWN (1U << 31)
#define MISC2_VMRUN    (1U << 0)
#define MISC2_VMMCALL  (1U << 1)

/* APM Vol. 2 appendix C "SVM Intercept Exit Codes" */
#define VMEXIT_INTR      0x060
#define VMEXIT_NMI       0x061
#define VMEXIT_EXCEPTION 0x040 /* + vector */
#define VMEXIT_INIT      0x063
#define VMEXIT_VINTR     0x064
#define VMEXIT_IRET      0x074
#define VMEXIT_SHUTDOWN  0x07f
#define VMEXIT_VMMCALL   0x081
#define VMEXIT_NPF       0x400
#define VMEXIT_INVALID   (-1ULL)

/* Offset 060h: "Virtual Interrupts", "VGIF", "NMI Virtualization" */
#define CONTROL_V_TPR                 0xffULL
#define CONTROL_V_IRQ                 (1ULL << 8)
#define CONTROL_V_GIF                 (1ULL << 9)
#define CONTROL_V_NMI                 (1ULL << 11)
#define CONTROL_V_NMI_MASK            (1ULL << 12)
#define CONTROL_V_INTR_PRIO(priority) ((uint64_t)(priority) << 16)
#define CONTROL_V_IGN_TPR             (1ULL << 20)
#define CONTROL_V_INTR_MASKING        (1ULL << 24)
#define CONTROL_V_GIF_ENABLE          (1ULL << 25)
#define CONTROL_V_NMI_ENABLE          (1ULL << 26)
#define CONTROL_V_INTR_VECTOR         ((uint64_t)VECTOR_IRQ << 32)

/* Offset 068h */
#define SHADOW_INTERRUPT            (1ULL << 0)
#define SHADOW_GUEST_INTERRUPT_MASK (1ULL << 1)

#define NESTED_ENABLE               (1ULL << 0)
