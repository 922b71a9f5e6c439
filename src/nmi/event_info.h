/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fields that describe an event: VMX's interruption information, its kin of VM entry and
 * IDT-vectoring (SDM "VM-Entry Controls for Event Injection", "Information for VM Exits That Occur
 * During Event Delivery"), SVM's EVENTINJ and EXITINTINFO (APM "Event Injection", "EXITINTINFO
 * Pseudo-Code"). They agree where vector, type, error code's bit and valid bit are.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* SVM has the first four, with INT3 and INTO among the exceptions. */
enum event_type {
	TYPE_EXTERNAL_INTERRUPT = 0,
	TYPE_NMI = 2,
	TYPE_EXCEPTION = 3,
	TYPE_SOFTWARE_INTERRUPT = 4,
	TYPE_PRIVILEGED_EXCEPTION = 5,
	TYPE_SOFTWARE_EXCEPTION = 6,
	TYPE_OTHER_EVENT = 7, /* VMX: vector 0 is an MTF exit; FRED: 1 is SYSCALL, 2 SYSENTER */
};

#define EVENT_VALID              (1U << 31)
#define EVENT_INFO(type, vector) (EVENT_VALID | (uint32_t)(type) << 8 | (vector))
#define INFO_ERROR_CODE          (1U << 11) /* the event has an error code */
#define INFO_UNBLOCKED           (1U << 12) /* VMX: "NMI unblocking due to IRET" */
#define INFO_NESTED              (1U << 13) /* FRED: an exception in the midst of a delivery */

static inline unsigned event_vector(uint32_t info)
{
	return info & 0xff;
}

static inline enum event_type event_type(uint32_t info)
{
	return (enum event_type)(info >> 8 & 7);
}

/* #DF #TS #NP #SS #GP #PF #AC: the exceptions that have an error code. (The model has its own
 * opinion: model/deliver.c, vmx_check.c.) */
static inline bool event_has_error_code(enum event_type type, unsigned vector)
{
	return type == TYPE_EXCEPTION &&
	       (vector == 8 || (vector >= 10 && vector <= 14) || vector == 17);
}
