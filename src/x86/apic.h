/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The local APIC, in xAPIC or x2APIC mode. SDM Vol. 3 "Advanced Programmable Interrupt
 * Controller (APIC)". x2APIC is used wherever the CPU has it: it is the cheaper one under a
 * hypervisor, and the only one for APIC IDs above 254.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Bits of the interrupt command register's low half: SDM figure "Interrupt Command Register". */
#define ICR_FIXED   0x0000
#define ICR_NMI     0x0400
#define ICR_INIT    0x0500
#define ICR_STARTUP 0x0600
#define ICR_ASSERT  0x4000
#define ICR_SELF    0x40000 /* the shorthand, whatever the destination */

/* The legacy interrupt controllers keep silent from now on. For machines that have them. */
void apic_mask_pics(void);

/* Choose the mode, for all CPUs: once, on the first. `registers` are those of the xAPIC mode, NULL:
 * out of reach. False: this CPU has no local APIC that we can use. */
bool apic_detect(volatile void *registers);

/* Enable this CPU's APIC: TPR 0, spurious vector, LVT entries masked, those for NMIs too. */
void apic_enable(void);

/* Is there a way to send to this APIC ID? In xAPIC mode they have eight bits. */
bool apic_can_address(uint32_t apic_id);

bool apic_is_x2apic(void);
uint32_t apic_id(void);

/* The physical APIC ID that means every CPU. */
uint32_t apic_broadcast_id(void);

/*
 * Send an IPI to a physical APIC ID, which may be our own. Returns when the APIC has accepted
 * it, or false: it refused (x2APIC: #GP), or after a deadline of 10 ms.
 */
bool apic_send(uint32_t apic_id, uint32_t command);

void apic_eoi(void);
bool apic_in_service(unsigned vector);
bool apic_requested(unsigned vector); /* in the IRR: it arrived and waits */

/* An interrupt with VECTOR_ALARM to the calling CPU after about so many us, never much earlier; 0:
 * none. SDM Vol. 3 "APIC Timer", "One-Shot". Needs the clock, and to be calibrated on one CPU. */
void apic_alarm_calibrate(void);
void apic_alarm(uint32_t us);
