/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of rules, experiments and mutants: as Markdown for docs/, as lists for scripts. */
#pragma once

/* docs/mutants.md, docs/rules.md, docs/experiments.md on stdout. All return 0. */
int docs_mutants(void);
int docs_rules(void);
int docs_experiments(void);

/* "R1<tab>citation", "R1a<tab>text", "13<tab>name<tab>claim", "name R1a: bug", with the clause of
 * the other vendor after the first. */
int docs_list_rules(void);
int docs_list_clauses(void);
int docs_list_experiments(void);
int docs_list_mutants(void);
