/* SPDX-License-Identifier: BSD-2-Clause */
/* What this CPU's VMX can do: SDM Vol. 3 appendix "VMX Capability Reporting Facility". */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct vmx_caps {
	uint32_t revision; /* VMCS revision identifier */
	uint64_t pin, proc, proc2, exit,
		entry;  /* low half: bits that must be 1; high half: that may be */
	uint64_t exit2; /* "Secondary VM-Exit Controls": bits that may be 1 */
	unsigned long cr0_fixed0, cr0_fixed1, cr4_fixed0, cr4_fixed1;
};

extern struct vmx_caps vmx_caps;

/* NULL when VMX can be used on this CPU, else the reason why not. Unlocked by the firmware, it
 * is switched on. Fills vmx_caps and sets bits of virt_features. */
const char *vmx_detect(void);

/* " virtual-NMIs NMI-window": the capabilities by their names in the SDM. */
const char *vmx_describe(void);

/* `wanted` plus the bits that must be 1. */
static inline uint32_t vmx_controls(uint64_t capability, uint32_t wanted)
{
	return (wanted | (uint32_t)capability) & (uint32_t)(capability >> 32);
}
