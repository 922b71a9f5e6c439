/* SPDX-License-Identifier: BSD-2-Clause */
/* The operations of struct virt that every real machine shares, whatever its virtualization. */
#pragma once

#include <stdbool.h>

#include "nmi/sender.h"
#include "nmi/steps.h"
#include "nmi/watch.h"

void machine_plan(const unsigned *nmis, unsigned halts);

#define MACHINE_OPERATIONS                                                                         \
	.run_host = steps_run, .plan = machine_plan, .deliver = sender_deliver,                    \
	.drain = sender_drain, .reset = sender_reset, .more_patience = sender_more_patience,       \
	.took_back = watch_took_back, .place = steps_place
