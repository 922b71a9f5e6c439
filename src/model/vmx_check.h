/* SPDX-License-Identifier: BSD-2-Clause */
/* The checks that VM entry makes: SDM Vol. 3 "VM Entries". */
#pragma once

#include "model/state.h"

/* Of the controls, the injection and the guest's state in `model`, and the activity state that the
 * entry asks for. 0: all are good; else VMfail's error 7 or the exit reason 80000021h. */
uint32_t model_vmx_check(void);
