/* SPDX-License-Identifier: BSD-2-Clause */
/* A machine without VMX or SVM as a struct virt: it has a host and no guest. */
#pragma once

#include "virt.h"

extern const struct virt bare_virt;
