# SPDX-License-Identifier: BSD-2-Clause
"""
The smallest sets of mutants with which the model ends as the log does.

Where model and log differ in an experiment, a better set has one more of the mutants that the
model was asked for there: anything else would change nothing (oracle.py). So the search branches
over those only and misses no set, up to EXHAUSTIVE mutants. Larger sets are found by adding, again
and again, what explains most: not proven to be the smallest.

Here each experiment has a new machine. Sets with a mutant that carries something from one
experiment to the next (machine.py) are tried on one machine too, in the log's order.
"""

from dataclasses import dataclass, field

from . import ktap

EXHAUSTIVE = 3
BEAM = 8  # sets that are kept of each size when there are too many to try all
LARGEST = 12
NOTHING = frozenset()


@dataclass
class Diagnosis:
    sets: list  # of mutants, equally good; empty: nothing failed
    carried: bool = False  # on one machine, what one experiment left behind failed others
    texts: bool = True  # every failure's text agrees too
    proven: bool = True  # no smaller set does it
    unexplained: list = field(default_factory=list)  # experiments whose verdict differs
    other_texts: list = field(default_factory=list)  # that fail, but with another text


class Search:
    """results: {number: ktap.Result} of what ran; what the model cannot run is left out."""

    def __init__(self, oracle, results):
        self.oracle = oracle
        self.results = {
            number: result
            for number, result in results.items()
            if oracle.answer(number, NOTHING).verdict != "SKIP"
        }
        self.wanted = {n: (r.verdict == "FAIL", r.failure) for n, r in self.results.items()}
        self.order = sorted(self.results)
        self.machine = oracle.machine(tuple(self.results))
        self.texts = True

    def differs(self, number, broken):
        return self.is_other(number, self.oracle.answer(number, broken))

    def is_other(self, number, answer):
        failed, text = self.wanted[number]
        if (answer.verdict == "FAIL") != failed:
            return True
        # A log that was cut off may have a part of the text only.
        return failed and self.texts and not ktap.fits(text, answer.failure)

    def differing(self, broken):
        return [number for number in self.results if self.differs(number, broken)]

    def cost(self, number, broken):
        """0: explained; 1: for another reason, which is half explained; 2: it ends otherwise."""
        failed, text = self.wanted[number]
        answer = self.oracle.answer(number, broken)
        if (answer.verdict == "FAIL") != failed:
            return 2
        return 1 if failed and not ktap.fits(text, answer.failure) else 0

    def score(self, broken):
        """0: explains all."""
        return sum(self.cost(number, broken) for number in self.results)

    def wrong(self, broken):
        """(experiments that end otherwise, that fail with another text)"""
        costs = {number: self.cost(number, broken) for number in self.results}
        return tuple([n for n, cost in costs.items() if cost == wanted] for wanted in (2, 1))

    # --- all sets up to a size ---

    def explains(self, broken):
        """What refuted the last set is likely to refute the next one: it goes first."""
        for i, number in enumerate(self.order):
            if self.differs(number, broken):
                self.order.insert(0, self.order.pop(i))
                return False
        return True

    def extensions(self, broken):
        """Mutants of which at least one must be added."""
        asked = (self.oracle.answer(n, broken).asked - broken for n in self.differing(broken))
        return min(asked, key=len, default=NOTHING)

    def last_extensions(self, broken, excluded):
        """If only one may be added it must be relevant wherever model and log differ."""
        candidates = None
        for i, number in enumerate(self.order):
            answer = self.oracle.answer(number, broken)
            if not self.is_other(number, answer):
                continue
            if candidates is None:
                candidates = answer.asked - broken - excluded
            else:
                candidates &= answer.asked
            if not candidates:
                self.order.insert(0, self.order.pop(i))
                break
        return candidates or NOTHING

    def exact(self, size, broken=NOTHING, excluded=NOTHING):
        """Every set of `size` more mutants that explains all, each once; none smaller does."""
        if not size:
            if self.explains(broken):
                yield broken
            return
        if size == 1:
            mutants = self.last_extensions(broken, excluded)
        else:
            mutants = self.extensions(broken) - excluded
        tried = excluded
        for mutant in sorted(mutants):
            yield from self.exact(size - 1, broken | {mutant}, tried)
            tried = tried | {mutant}

    def smallest(self):
        """(sets, whether one machine for all experiments matters)"""
        for size in range(EXHAUSTIVE + 1):
            sets = self.confirmed(self.exact(size))
            if sets:
                return sets, False
            sets = self.carried(size)
            if sets:
                return sets, True
        return [], False

    # --- larger sets ---

    def grown(self, scores):
        """{set: score} of the sets that one mutant more improves."""
        better = {}
        for broken, score in scores.items():
            for mutant in self.relevant(broken):
                larger = broken | {mutant}
                if larger not in better and (change := self.change(broken, mutant)) < 0:
                    better[larger] = score + change
        best = sorted(better, key=lambda larger: (better[larger], sorted(larger)))[:BEAM]
        return {larger: better[larger] for larger in best}

    def change(self, broken, mutant):
        """Of the score, by one mutant more: only where the model asks for it."""
        larger = broken | {mutant}
        return sum(
            self.cost(number, larger) - self.cost(number, broken)
            for number in self.results
            if mutant in self.oracle.answer(number, broken).asked
        )

    def relevant(self, broken):
        asked = [self.oracle.answer(number, broken).asked for number in self.differing(broken)]
        return frozenset().union(*asked) - broken

    def greedy(self):
        """The best set that adding one by one comes to, without what it can do without."""
        level = {NOTHING: self.score(NOTHING)}
        best = dict(level)
        for _ in range(LARGEST):
            level = self.grown(level)
            best.update(level)
        return self.pruned(min(best, key=lambda broken: (best[broken], len(broken))))

    def pruned(self, broken):
        for mutant in sorted(broken):
            if self.score(broken - {mutant}) <= self.score(broken):
                return self.pruned(broken - {mutant})
        return broken

    def variants(self, broken):
        """The set, and those as good with one mutant of it exchanged."""
        score, sets = self.score(broken), [broken]
        for mutant in sorted(broken):
            rest = broken - {mutant}
            for other in sorted(self.relevant(rest) - {mutant}):
                if self.score(rest | {other}) == score:
                    sets.append(rest | {other})
        return sets

    # --- what is carried from one experiment to the next ---

    def explains_on_one_machine(self, broken):
        return not any(self.is_other(*ending) for ending in self.machine.endings(broken).items())

    def may_explain(self, broken, name):
        return not any(self.is_other(*ending) for ending in self.machine.before(broken, name))

    def visible(self):
        return sorted(
            frozenset().union(*(self.oracle.answer(n, NOTHING).asked for n in self.results))
        )

    def carrying_sets(self, size):
        """Of one or two mutants; more would take too long."""
        for name in self.machine.carrying if size in (1, 2) else ():
            one = frozenset({name})
            if size == 1:
                yield one
                continue
            for other in self.visible():
                if other != name and self.may_explain(one, other):
                    yield one | {other}

    def carried(self, size):
        sets = dict.fromkeys(self.carrying_sets(size))
        return [broken for broken in sets if self.explains_on_one_machine(broken)]

    def is_confirmed(self, broken):
        if not broken or broken.isdisjoint(self.machine.carrying):
            return True
        return self.explains_on_one_machine(broken)

    def confirmed(self, sets):
        """What explains each experiment by itself must do so one after the other."""
        return [broken for broken in sets if self.is_confirmed(broken)]

    # --- the whole ---

    def by_text(self):
        self.texts = True
        sets, carried = self.smallest()
        return Diagnosis(sets, carried)

    def by_verdict(self):
        """Of the smallest sets that explain the verdicts, those with the fewest other texts."""
        self.texts = False
        sets, carried = self.smallest()
        self.texts = True
        fewest = min(map(self.score, sets), default=None)
        sets = [broken for broken in sets if carried or self.score(broken) == fewest]
        return Diagnosis(sets, carried, texts=False)

    def by_growing(self):
        best = self.greedy()
        texts = self.score(best) == 0
        return Diagnosis(self.variants(best), texts=texts, proven=False)

    def diagnose(self):
        """All of it, texts too, is best; then all verdicts with few mutants; then what there is."""
        diagnosis = self.by_text()
        if not diagnosis.sets:
            diagnosis = self.by_growing()
            few = None if diagnosis.texts else self.by_verdict()
            if few and few.sets:
                diagnosis = few
        if not diagnosis.carried:
            diagnosis.unexplained, diagnosis.other_texts = self.wrong(diagnosis.sets[0])
        return diagnosis
