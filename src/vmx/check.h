/* SPDX-License-Identifier: BSD-2-Clause */
/* What every VM exit must report, whichever experiment it ends. Twin of svm/check.h. */
#pragma once

#include "virt.h"

/* See struct virt, check_exit. Pure: the model's exits are held against it too. */
void vmx_check_exit(const struct exit *exit, virt_noter note);
