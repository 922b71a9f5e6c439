/* SPDX-License-Identifier: BSD-2-Clause */
/* The operations of struct virt that every real machine shares, whatever its virtualization. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "nmi/sender.h"
#include "nmi/steps.h"
#include "nmi/watch.h"
#include "virt.h"
#include "x86/fred.h"
#include "x86/insn.h"
#include "x86/platform_nmi.h"
#include "x86/task.h"

/* The guest's LDT: LDT_SIZE bytes of which the second page is not mapped. */
struct cpu;
uintptr_t machine_ldt(const struct cpu *cpu);

/* The guest's pages: where they are, and which one an address is in. */
uintptr_t machine_page_address(enum guest_page page);
enum guest_page machine_page_at(uint64_t address);

/* Another page for this one, that nobody has touched; a copy of the IDT must be written. */
uintptr_t machine_new_page(enum guest_page page);

/* Before an experiment: no request is on its way, and no breakpoint of the one before is armed. */
void machine_reset(void);

void machine_plan(const unsigned *nmis, unsigned halts);

#define MACHINE_OPERATIONS                                                                         \
	.use_tasks = task_use, .ticks = rdtsc, .run_host = steps_run, .plan = machine_plan,        \
	.replace = steps_replace, .deliver = sender_deliver, .ask = sender_ask,                    \
	.answered = sender_has_answered, .is_late = sender_is_late, .to_self = sender_to_self,     \
	.collide = sender_collide, .drain = sender_drain, .reset = machine_reset,                  \
	.be_patient = sender_be_patient, .init = sender_init, .end_fence = sender_end_fence,       \
	.use_sipi = sender_use_sipi, .changed_helper = sender_changed,                             \
	.took_back = watch_took_back, .disturbances = platform_nmi_count, .place = steps_place
