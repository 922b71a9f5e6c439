/* SPDX-License-Identifier: BSD-2-Clause */
#include "machine.h"

void machine_plan(const unsigned *nmis, unsigned halts)
{
	for (unsigned i = 0; i < halts; i++)
		sender_plan(i + 1, nmis[i]);
	if (halts && !sender_is_remote())
		sender_send_ahead();
}
