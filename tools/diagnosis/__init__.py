# SPDX-License-Identifier: BSD-2-Clause
"""
Which broken rules explain a serial log: tools/diagnose.

    ktap.py     reads the log
    log.py      what of it counts: who ran which experiments, and how they ended
    oracle.py   asks the model how an experiment ends with given mutants
    machine.py  the same of one machine, experiment after experiment
    search.py   the smallest sets of mutants with which the model ends as the log does
    report.py   says it
    compare.py  where two logs differ
    assertion.py  what a failure's text says, in parts
    explain.py  what is known of one experiment
"""
