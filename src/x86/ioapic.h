/* SPDX-License-Identifier: BSD-2-Clause */
/* The I/O APICs: they keep silent. Intel 82093AA data sheet. */
#pragma once

/*
 * Mask every input of every I/O APIC that the MADT lists. The firmware may have left a timer or a
 * device that goes on, or an input that sends NMIs; none of them is an experiment's.
 */
void ioapic_mask_all(void);
