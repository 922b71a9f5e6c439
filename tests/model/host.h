/* SPDX-License-Identifier: BSD-2-Clause */
#pragma once

/* Call it first: tsc_us() measures the TSC against the host's clock from then on. */
void host_start_clock(void);
