/* SPDX-License-Identifier: BSD-2-Clause */
/* VMX as a struct virt. The twin of svm/svm.h. */
#pragma once

#include "virt.h"

extern const struct virt vmx_virt;
