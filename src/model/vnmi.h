/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AMD's virtual NMI: APM Vol. 2 "NMI Virtualization". V_NMI and V_NMI_MASK are kept where the guest
 * has loaded them, in model.controls.
 */
#pragma once

#include "model/state.h"

/* S15: may VMRUN enable it so? */
bool model_vnmi_is_good(void);

/* The guest's own global interrupt flag. */
bool model_vnmi_gif(void);

/* S16: is one pending that nothing holds? It is taken. */
bool model_vnmi_is_open(void);
void model_vnmi_take(void);

/* S8: VMRUN injects an NMI. */
void model_vnmi_injected(void);

/* S17: IRET, and an exit in the midst of an NMI's delivery. */
void model_vnmi_iret(bool completes);
void model_vnmi_cut_off(void);

/* S18: of these settings, what #VMEXIT writes back. */
unsigned long model_vnmi_saved(unsigned long flags);
