/* SPDX-License-Identifier: BSD-2-Clause */
/* Tasks, for the experiments about them: SDM Vol. 3 "Task Management". 64-bit mode has none. */
#pragma once

/* What tasks an experiment is about: the host's NMI gate is a task gate; a virtual-8086 task. */
enum tasks { NO_TASKS, NMI_TASK, V86_TASK };

/* Prepare this CPU's tasks, and the host's NMI gate, for steps that use them; NO_TASKS: all is as
 * it was. In the 64-bit kernel this does nothing. */
void task_use(enum tasks tasks);

/* Called by the task of an NMI. Returns the selector of the interrupted task, which is ready to be
 * jumped to. */
unsigned task_handle_nmi(void);
