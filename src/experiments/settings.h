/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Settings of the guest that many experiments use, by the initials of docs/rules.md: E, NMI
 * exiting; V, virtual NMIs; B, blocked by NMI (with V, virtual-NMI blocking); W, NMI-window
 * exiting.
 */
#pragma once

#define EB   (NMI_EXITING | BLOCKED_BY_NMI)
#define EV   (NMI_EXITING | VIRTUAL_NMIS)
#define EVB  (EV | BLOCKED_BY_NMI)
#define EVW  (EV | NMI_WINDOW_EXITING)
#define EVBW (EVB | NMI_WINDOW_EXITING)

/* SVM: virtual NMIs, which need the intercept of physical ones. */
#define VNMI (INTERCEPT_NMI | V_NMI_ENABLE)
