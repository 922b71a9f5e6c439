/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The watchdog: the helper CPU looks at the heartbeat of the CPU under test. When that is stuck,
 * the helper takes it back: by an NMI, whose handler leaves the steps; if NMIs are blocked, by
 * INIT, which exits from VMX non-root operation (SDM Vol. 3 "Other Causes of VM Exits"; on SVM it
 * would stay pending and reset the CPU); from wait-for-SIPI, which blocks both, by a SIPI. If
 * nothing helps the CPU is lost.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct cpu;

extern volatile bool watch_in_guest;
extern volatile bool watch_rescue; /* the next NMI takes the CPU back */

/* Was the CPU taken back since the last call? */
bool watch_took_back(void);

/* Was an INIT sent to it, ever? Emulators keep that pending: to leave VMX operation, which
 * unblocks INIT, would reset the CPU. */
bool watch_sent_init(void);

/* has_init: an INIT exits from the guest and is gone. */
void watch_start(const struct cpu *subject, uint32_t timeout_us, bool has_init);

/* One look; the helper's idle function. NULL: the CPU moves, or may still be taken back; else it is
 * lost, and this is where it was. */
const char *watch_look(void);

/* The subject's own watchdog, for when the helper does not answer: an alarm, which ends a HLT. Set
 * it anew, or switch it off; for the handler, which leaves the steps, unless the CPU has moved
 * since: an experiment may take long on a busy host. */
void watch_set_alarm(bool on);
bool watch_alarm_rang(void);
