/* SPDX-License-Identifier: BSD-2-Clause */
#include "bare.h"

#include "machine.h"

static bool bare_enable(const char **why)
{
	*why = NULL;
	return true;
}

static void bare_disable(void)
{
}

const struct virt bare_virt = {
	.name = "none",
	.enable = bare_enable,
	.disable = bare_disable,
	.open_host = (const enum step[]){IRET, STEPS_END},
	.use_fred = fred_use,
	MACHINE_OPERATIONS,
};
