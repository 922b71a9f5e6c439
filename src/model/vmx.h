/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the model's VMX know of each other: entry and exit, and the guest's events. */
#pragma once

#include "model/state.h"

/* One of the controls or of the interruptibility bits that the entry loaded: enum guest_flag. */
bool model_vmx_has(uint64_t flag);

/* VM exit; info is the interruption information. */
struct exit *model_vmx_leave(enum exit_reason reason, uint32_t info);
void model_vmx_leave_for_nmi(void);

/* --- vmx_events.c --- */

/* See struct model_architecture. */
bool model_vmx_events_take_first(void);
bool model_vmx_events_take(void);

/* R39 */
bool model_vmx_events_window_is_open(void);

/* --- vmx_faults.c --- */

/* See struct model_architecture. */
bool model_vmx_faults_exits(enum model_op op, unsigned vector);
bool model_vmx_faults_in_delivery_exits(unsigned vector, uint32_t event);
void model_vmx_faults_nested(enum guest_page page, uint32_t event, unsigned length);
void model_vmx_faults_triple(uint32_t event);
bool model_vmx_faults_debug(unsigned traps);
