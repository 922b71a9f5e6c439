/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the model of SVM know of each other. Twin of vmx.h. */
#pragma once

#include "model/state.h"

/* A setting that the guest runs with. */
bool model_svm_has(uint64_t flag);

/* #VMEXIT. S12: nRIP is an instruction intercept's, of this length; 0 after any other exit. */
struct exit *model_svm_leave(enum exit_reason reason, unsigned length);

struct exit *model_svm_leave_for_exception(unsigned vector);

/* Between two instructions of the guest: see struct model_architecture. */
bool model_svm_take_event(void);
bool model_svm_take_virtual_interrupt(void);
bool model_svm_interrupts_on(void);
bool model_svm_interrupt_exits(void);
void model_svm_set_tpr(unsigned tpr);
