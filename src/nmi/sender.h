/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events from outside, on request. Another CPU, the helper, sends what was planned when the CPU
 * under test asks for it, by physical APIC ID. After every request it sends the fence, a maskable
 * interrupt: once that has arrived, everything sent before it has, and an NMI that has not been
 * seen is being held. With one CPU it sends to itself.
 *
 * A request is a number, `asked`; the helper answers in order and counts in `sent`; the fence's
 * handler counts in `fenced`. The HLT step (steps.S) asks by incrementing `asked` just before it
 * halts. The helper then waits some turns of a loop, so that the CPU really has halted. That is
 * patience, not proof: an NMI that came before the HLT after all is seen by its RIP, and the runner
 * tries again with more of it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "virt.h"

struct cpu;

extern volatile unsigned sender_asked, sender_sent, sender_fenced;
extern volatile unsigned sender_beat; /* counts while the helper lives */

/* The CPU to send to; remote: a helper will run sender_serve(), else we send to ourselves. */
void sender_start(const struct cpu *target, bool remote);
bool sender_is_remote(void);

/* What to do when the helper does not answer. True: another CPU has taken its place; false: from
 * now on we send to ourselves. */
void sender_hand_over(bool (*replace_helper)(void));

/* Has the helper been replaced since the last call? What ran meanwhile says nothing of a machine.
 */
bool sender_changed(void);

/* For a new experiment: forget the plans, and clear away what a request that timed out has left. */
void sender_reset(void);

/* The `ahead`th request from now (1 is the next) shall send `nmis` NMIs, perhaps AT_ONCE,
 * before its fence. */
void sender_plan(unsigned ahead, unsigned nmis);

/* Ask, without halting, and wait until the fence waits in our IRR or was taken. Meant for when
 * NMIs are held (blocked, or GIF=0) and interrupts off. False: it did not come in time. */
bool sender_deliver(unsigned nmis);

/* Ask, without halting or waiting. A SIPI comes again and again: only a CPU that is in the guest
 * already listens. */
void sender_ask(unsigned nmis, enum ask how);

/* Has the helper sent it all? *seen: trace_nmis when it sent the last NMI. */
bool sender_has_answered(unsigned *seen);

/* Called again and again until it has: has it had all the time that it may need? A pause of the
 * machine uses up none; a helper that does not answer has been replaced. */
bool sender_is_late(void);

/* The same of one NMI from the helper and one of our own, at about the same time: NMIs are open.
 * Ours is sent this many quarters of the helper's patience after the request. */
bool sender_collide(unsigned delay);

/* The CPU under test sends an NMI to itself. False: its APIC refused, or, of a broadcast, another
 * CPU did not take it in time. */
bool sender_to_self(enum nmi_to_self how);

/* A fence that is in service without a handler: end that. False: none is. */
bool sender_end_fence(void);

/* INIT, from the CPU to itself, which blocks it. False: its APIC refused. */
bool sender_init(void);

/* The vector of the SIPIs to come. */
void sender_use_sipi(unsigned vector);

/* Is this NMI, on another CPU, one of the broadcast's? For the NMI's handler. */
bool sender_note_broadcast(void);

/* With one CPU: send now what the coming HLT will ask for. */
void sender_send_ahead(void);

/* Take the fences on their way; false when the CPU does not take them now (GIF=0). */
bool sender_drain(void);

void sender_fence_arrived(void);

/* How long to let a CPU get to its HLT: four times as long at each attempt, from 0 on. */
void sender_be_patient(unsigned attempt);

/* The helper's main loop: returns when *stop. It calls idle() now and then. */
void sender_serve(volatile const bool *stop, void (*idle)(void));
