/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NMIs that nobody here sent. Those by way of a local APIC's LVT are masked (apic.c) and leave
 * only their reason, in port 61h; what comes as a message or an IPI cannot be masked. On the CPU
 * under test such an NMI cannot be told from an experiment's; on the others it can, and most of
 * what sends NMIs sends them to all CPUs.
 */
#pragma once

/* Remember what the firmware has left in port 61h: at the start. */
void platform_nmi_init(void);

/* NMIs that CPUs not under test have taken so far. */
unsigned platform_nmi_count(void);

/* One line of warning for each CPU that took some, and for each new reason in port 61h. */
void platform_nmi_report(void);
