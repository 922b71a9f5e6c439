/* SPDX-License-Identifier: BSD-2-Clause */
/* What comes from outside, and when: see nmi/sender.h. */
#include "nmi/model_state.h"
#include "x86/trap.h"

bool model_arrive_next(void)
{
	if (model.nmis_coming) {
		model.nmis_coming--;
		model.seen = trace_nmis;
		model_cpu_nmi_arrives();
		return true;
	}
	if (!model.fence_coming)
		return false;
	model.fence_coming = false;
	model.fences_pending += model.fences_pending < FENCES;
	return true;
}

void model_arrive_all(void)
{
	while (!(model.storm && model.nmis_coming) && model_arrive_next())
		model_cpu_settle();
	model.storm &= model.nmis_coming != 0;
}

/* A linear congruential generator's upper bits. */
void model_arrive_weather(void)
{
	if (!model.storm || !model.nmis_coming || model.storm_pause--)
		return;
	model.storm_seed = model.storm_seed * 1103515245 + 12345;
	model.storm_pause = model.storm_seed >> 16 & 7;
	model_arrive_next();
}
