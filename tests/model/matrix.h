/* SPDX-License-Identifier: BSD-2-Clause */
/* Which experiments notice which mutant. Each mutant runs in a process of its own. */
#pragma once

/* One line per mutant: "name RULE: killed by 3 15". 0: each is killed and each experiment kills. */
int matrix_print(void);

/* The same as docs/mutants.md. */
int matrix_print_markdown(void);
