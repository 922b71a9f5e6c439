/* SPDX-License-Identifier: BSD-2-Clause */
/* Which struct virt this machine is. */
#pragma once

/* Choose VMX, SVM or bare, and learn the features. */
void detect_virt(void);

/* "VMX: virtual-NMIs NMI-window", or "no VMX, no SVM: reason". */
const char *detect_describe(void);
