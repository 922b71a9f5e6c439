/* SPDX-License-Identifier: BSD-2-Clause */
/* The VMCS: its fields, the bits in them, and how they are read and written. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define FIELD(name, encoding) name = encoding,
enum vmcs_field {
#include "vmx/vmcs.def"
};
#undef FIELD

/* SDM Vol. 3 tables "Definitions of Pin-Based / Primary Processor-Based VM-Execution Controls" */
#define PIN_EXTERNAL_INTERRUPT (1U << 0)
#define PIN_NMI_EXITING        (1U << 3)
#define PIN_VIRTUAL_NMIS       (1U << 5)
#define PIN_TIMER              (1U << 6)
#define PROC_INTERRUPT_WINDOW  (1U << 2)
#define PROC_MSR_BITMAPS       (1U << 28)
#define PROC_NMI_WINDOW        (1U << 22)
#define PROC_MTF               (1U << 27)
#define PROC_SECONDARY         (1U << 31)
#define PROC2_EPT              (1U << 1)

/* "Definitions of VM-Exit Controls", "Definitions of VM-Entry Controls" */
#define EXIT_HOST_64BIT  (1U << 9)
#define EXIT_ACKNOWLEDGE (1U << 15)
#define EXIT_SECONDARY   (1U << 31)
#define EXIT2_SAVE_FRED  (1U << 0)
#define EXIT2_LOAD_FRED  (1U << 1)
#define ENTRY_LOAD_FRED  (1U << 23)

/* "Format of Interruptibility State" */
#define INTERRUPTIBILITY_STI      (1U << 0)
#define INTERRUPTIBILITY_MOV_SS   (1U << 1)
#define INTERRUPTIBILITY_SMI      (1U << 2)
#define INTERRUPTIBILITY_NMI      (1U << 3)
#define INTERRUPTIBILITY_RESERVED (1U << 5) /* up to bit 31 */

/* Basic exit reasons: appendix "VMX Basic Exit Reasons" */
#define REASON_EXCEPTION_OR_NMI   0
#define REASON_EXTERNAL_INTERRUPT 1
#define REASON_TRIPLE_FAULT       2
#define REASON_INIT               3
#define REASON_SIPI               4
#define REASON_INTERRUPT_WINDOW   7
#define REASON_NMI_WINDOW         8
#define REASON_VMCALL             18
#define REASON_MTF                37
#define REASON_EPT_VIOLATION      48
#define REASON_TIMER              52
#define REASON_ENTRY_FAILED       (1U << 31)

/* Field widths by bits 14:13 of the encoding. */
enum vmcs_width { WIDTH_16, WIDTH_64, WIDTH_32, WIDTH_NATURAL };

static inline enum vmcs_width vmcs_width(enum vmcs_field field)
{
	return field >> 13 & 3;
}

/* Make a page this CPU's current, clear VMCS. False: VMCLEAR or VMPTRLD failed. */
bool vmcs_load(void *page, uint32_t revision);
bool vmcs_clear(void *page);

/* Make a page that vmcs_load() has prepared the current VMCS again, in the state it was left. */
bool vmcs_use(void *page);

/* A failed VMREAD or VMWRITE is remembered: vmcs_error() returns the field's encoding and
 * forgets it; 0 when there was none. In the 32-bit kernel a 64-bit field is two accesses. */
uint64_t vmcs_read(enum vmcs_field field);
void vmcs_write(enum vmcs_field field, uint64_t value);
unsigned vmcs_error(void);
