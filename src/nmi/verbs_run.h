/* SPDX-License-Identifier: BSD-2-Clause */
/* What the runner needs of the verbs: before and after an experiment. */
#pragma once

/* A clean slate: nothing seen, nothing planned, no verdict. */
void verbs_begin(void);

/* Take what goes without saying out of the trace; anything else there fails the experiment. */
void verbs_finish(void);

/* What must not outlive the experiment goes off: FRED. */
void verbs_end(void);
