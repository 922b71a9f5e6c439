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

void model_vnmi_enter(void);

/* S8: VMRUN injects an NMI; another event; the NMI's delivery has ended. */
void model_vnmi_injected(void);
void model_vnmi_injected_otherwise(unsigned vector);
bool model_vnmi_instead_of_injection(bool nmi);
void model_vnmi_delivered(void);

/* S17: IRET; and an exit, whatever its reason, in the midst of a virtual NMI's delivery. */
void model_vnmi_iret(bool completes);
void model_vnmi_exit(enum exit_reason reason);

/* S18: of these settings, what #VMEXIT writes back. */
uint64_t model_vnmi_saved(uint64_t flags);
