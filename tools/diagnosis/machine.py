# SPDX-License-Identifier: BSD-2-Clause
"""
One machine that runs all experiments of a log, one after the other. Where a mutant keeps it from
coming back to the known state, or shows only the first time, this is not what each experiment
does on a machine of its own.
"""

from functools import cached_property


class Machine:
    """With any mutants, one set after the other. The endings are remembered."""

    def __init__(self, oracle, numbers):
        self.oracle = oracle
        self.numbers = numbers
        self.known = {}

    def endings(self, broken):
        """{number: Answer}"""
        if broken not in self.known:
            self.known[broken] = dict(self.oracle.sequence(self.numbers, broken))
        return self.known[broken]

    def is_new_each_time(self, broken):
        """Does each experiment end as it does on a machine of its own?"""
        return all(
            answer.same_ending(self.oracle.answer(number, broken))
            for number, answer in self.oracle.sequence(self.numbers, broken)
        )

    @cached_property
    def carrying(self):
        """Mutants that carry something from one experiment to the next, by themselves."""
        visible = set().union(*(answer.asked for answer in self.endings(frozenset()).values()))
        return [name for name in sorted(visible) if not self.is_new_each_time(frozenset({name}))]

    def before(self, broken, name):
        """The endings that one mutant more cannot change: up to where the model asks for it."""
        for number, answer in self.endings(broken).items():
            if name in answer.asked:
                return
            yield number, answer
