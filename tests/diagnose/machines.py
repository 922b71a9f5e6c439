# SPDX-License-Identifier: BSD-2-Clause
"""Machines with mutants, by way of the model: what they show, and what their logs say."""

from diagnosis import ktap, search

VENDORS = ("vmx", "svm")
NOTHING = frozenset()


def experiments(model, manual):
    return [n for n in manual.experiments if model.answer(n, NOTHING).verdict != "SKIP"]


def on_one_machine(model, manual, broken):
    """All that any experiment sees of it, one after the other."""
    answers = model.sequence(experiments(model, manual), broken)
    return [(answer.verdict, answer.failure) for _, answer in answers]


def results_with(model, manual, broken):
    """What a log of a machine with these mutants says."""
    numbers = experiments(model, manual)
    if broken & frozenset(carrying(model, manual)):
        answers = model.sequence(numbers, broken)
    else:  # the same, and the search will want these answers too
        answers = ((number, model.answer(number, broken)) for number in numbers)
    return {n: ktap.Result(n, "", a.verdict, failure=a.failure) for n, a in answers}


def visible(model, manual):
    """Mutants that the model is ever asked for on this machine; no other changes anything."""
    seen, new = set(), {NOTHING}
    while new:
        asked = (model.answer(n, broken).asked for broken in new for n in experiments(model, manual))
        found = set().union(*asked)
        new, seen = {frozenset({name}) for name in found - seen}, seen | found
    return [name for name in manual.mutants if name in seen]


def changed(model, manual):
    """{mutant: the experiments that end otherwise with it}"""
    numbers = experiments(model, manual)
    return {
        name: {n for n in numbers if not model.answer(n, NOTHING).same_ending(model.answer(n, frozenset({name})))}
        for name in visible(model, manual)
    }


def carrying(model, manual):
    """Mutants that carry something over: the search tries pairs of them only."""
    return model.machine(tuple(experiments(model, manual))).carrying
