/* SPDX-License-Identifier: BSD-2-Clause */
/* Tasks, for the experiments about them: SDM Vol. 3 "Task Management". 64-bit mode has none. */
#pragma once

#include "virt.h"

/* Prepare this CPU's tasks, and the host's NMI gate, for steps that use them; NO_TASKS: all is as
 * it was. In the 64-bit kernel this does nothing. */
void task_use(enum tasks tasks);

/* Called by the task of an NMI. Returns the selector of the interrupted task, which is ready to be
 * jumped to. */
unsigned task_handle_nmi(void);
