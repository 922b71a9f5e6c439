/* SPDX-License-Identifier: BSD-2-Clause */
/* What every #VMEXIT must report, whichever experiment it ends. Twin of vmx/check.h. */
#pragma once

#include "virt.h"

/* See struct virt, check_exit. Pure: the model's exits are held against it too. */
void svm_check_exit(const struct exit *exit, virt_noter note);
