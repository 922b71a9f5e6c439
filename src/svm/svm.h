/* SPDX-License-Identifier: BSD-2-Clause */
/* SVM as a struct virt. The twin of vmx/vmx.h. */
#pragma once

#include "virt.h"

extern const struct virt svm_virt;
