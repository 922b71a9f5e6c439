/* SPDX-License-Identifier: BSD-2-Clause */
/* What comes from outside, and when: see nmi/sender.h. */
#include "model/state.h"
#include "x86/trap.h"

/* R4: exactly one is latched while NMIs are held. */
void model_arrive_nmi(void)
{
	unsigned most = broken(two_nmis_are_latched) ? 2 : 1;

	if (model.blocked && broken(no_nmi_is_latched))
		return;
	if (model.nmis_pending && broken(colliding_nmis_are_lost))
		model.nmis_pending = 0;
	else if (model.nmis_pending < most)
		model.nmis_pending++;
	model.woken_in_vain = false;
}

bool model_arrive_next(void)
{
	if (model.nmis_coming) {
		model.nmis_coming--;
		model.seen = trace_nmis;
		if (!model.behind_another || !broken(nmi_right_behind_another_is_lost))
			model_arrive_nmi();
		model.behind_another = true;
		return true;
	}
	if (!model.fences_coming)
		return false;
	model.fences_coming--;
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
