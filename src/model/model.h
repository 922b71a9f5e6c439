/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A CPU made of the rules alone (docs/rules.md): struct virt for a machine that does exactly what
 * the manuals say about NMIs, one instruction at a time. The experiments run on it as on any
 * other. Where the manuals leave something open it has one of the permitted behaviours.
 *
 *   model.c           the machine as struct virt, and what reaches it from outside
 *   code.c            the steps, instruction by instruction, and where the program is
 *   cpu.c             any x86: NMIs, blocking, HLT, the fence
 *   deliver.c         through the IDT, of which nested paging may have taken a part
 *   gif.c             SVM's global interrupt flag
 *   iret.c            IRET and other returns
 *   trap.c            debug traps
 *   arrive.c          what comes from outside, and when
 *   vmx.c             VM entry and VM exit, with their checks in vmx_check.c
 *   vmx_faults.c      the exits of faults
 *   vmx_events.c      what happens between two instructions of the guest
 *   svm.c             the same for VMRUN and #VMEXIT
 *   svm_events.c      what happens between two instructions of its guest
 *   vnmi.c            AMD's virtual NMI
 *   mutants.def       the mistakes it makes on request
 */
#pragma once

#include <stdbool.h>

#include "virt.h"

enum model_vendor { MODEL_NONE, MODEL_VMX, MODEL_SVM, MODEL_VENDORS };

/* With or without a helper CPU: see nmi/sender.h. There is one machine: this is a new one. */
void model_power_on(enum model_vendor vendor, bool helper);

const struct virt *model_virt(enum model_vendor vendor);

/* The decision that its last exit came from: a mutant's number. */
unsigned model_decided_at_exit(void);

/* enum feature bits: this vendor's, as far as they are modelled. */
unsigned long model_features(enum model_vendor vendor, bool helper);
