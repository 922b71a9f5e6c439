/* SPDX-License-Identifier: BSD-2-Clause */
/* The operations of struct virt that every real machine shares, whatever its virtualization. */
#pragma once

#include "nmi/sender.h"
#include "nmi/steps.h"

#define MACHINE_OPERATIONS                                                                         \
	.run_host = steps_run, .deliver = sender_deliver, .drain = sender_drain,                   \
	.place = steps_place
