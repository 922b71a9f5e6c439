/* SPDX-License-Identifier: BSD-2-Clause */
/* SVM: a physical interrupt that waits, the fence. After an exit GIF is 0, and it stays where it
 * is. */
#pragma once

#include "nmi/experiment.h"

/* The guest is entered with a fence waiting. */
static inline void enter_with_fence(uint64_t flags)
{
	host(CLGI);
	nmis_arrive(0);
	set_guest(flags);
	enter(NOP);
}

/* It waits still, for a host that takes interrupts. */
static inline void expect_fence_in_host(void)
{
	host(STGI, STI, NOP);
	expect(FENCE, HOST, first(NOP));
}
