# SPDX-License-Identifier: BSD-2-Clause
"""Says what was found, in lines of text."""

import textwrap

from . import known, oracle, search

SHOWN = 12  # of sets that cannot be told apart
NAMES = {"vmx": "VMX", "svm": "SVM", "both": "VMX and SVM", "none": "neither VMX nor SVM"}


class Manual:
    """What lhv-model knows by name."""

    def __init__(self):
        self.mutants = oracle.mutants()
        self.rules = oracle.rules()
        self.clauses = oracle.clauses()
        self.experiments = oracle.experiments()


def numbers_text(numbers):
    return " ".join(map(str, numbers))


def count_text(count, what):
    return f"{count} {what}{'' if count == 1 else 's'}"


def wrapped(label, text):
    return textwrap.wrap(f"{label}{text}", 100, initial_indent="  ", subsequent_indent="    ")


class Report:
    def __init__(self, log, model, manual):
        self.log = log
        self.model = model
        self.manual = manual
        self.search = search.Search(model, log.results)
        self.diagnosis = self.search.diagnose()

    def lines(self):
        yield from self.head()
        if not self.log.failures():
            return
        yield ""
        yield self.verdict()
        if self.diagnosis.carried:
            yield "The machine did not come back to the known state: this failed other experiments,"
            yield "and what else is wrong may hide behind it."
        for mutant in self.in_order(self.diagnosis.sets[0]):
            yield ""
            yield from self.about(mutant)
        yield from self.ties()
        yield from self.unexplained()
        yield ""
        yield from self.what_next()

    # --- the log ---

    def head(self):
        log, failures = self.log, self.log.failures()
        cpus = "1 CPU" if log.alone else "2 CPUs or more"
        failed = f"{len(failures)} failed" if failures else "no failures"
        skipped = f", {len(log.skipped())} skipped" if log.skipped() else ""
        ran = count_text(len(log.results), "experiment")
        yield f"{NAMES[log.vendor]}, {cpus}: {ran} ran, {failed}{skipped}"
        if log.cut_off:
            planned = f" of {log.report.plan}" if log.report.plan else ""
            yield (
                f"The log is cut off: it says how {len(log.report.results)}{planned} experiments"
                " ended; the rest is unknown."
            )
        elif log.report.verdict == "ERROR":
            yield "The run ended in an ERROR: what did not run is unknown."
        if log.report.disturbed:
            numbers = numbers_text(sorted(log.report.disturbed))
            yield f"Disturbed by NMIs of the platform's own: {numbers}. Run again before you believe it."
        unknown = sorted(log.results.keys() - self.search.results.keys())
        if unknown:
            yield f"The model does not know: {numbers_text(unknown)}"

    # --- the best set ---

    def in_order(self, broken):
        return [name for name in self.manual.mutants if name in broken]

    def verdict(self):
        diagnosis = self.diagnosis
        mistakes = count_text(len(diagnosis.sets[0]), "mistake")
        if not diagnosis.sets[0]:
            return "No mistake that the model knows explains any of it."
        proof = ", and no smaller set does" if diagnosis.proven else ""
        if diagnosis.unexplained:
            return f"Nothing explains it all. {mistakes} come closest:"
        verb = "explains" if len(diagnosis.sets[0]) == 1 else "explain"
        texts = ", to the text" if not diagnosis.other_texts else ", but not the text of each"
        return f"{mistakes} {verb} every failure{texts}{proof}:"

    def explained_by(self, mutant):
        """The failures that would be others, or none, without it."""
        broken = self.diagnosis.sets[0]
        rest = broken - {mutant}
        return [
            number
            for number in self.search.results
            if number in self.log.failures() and self.tells(number, broken, rest)
        ]

    def about(self, name):
        mutant = self.manual.mutants[name]
        yield name
        yield from wrapped("bug: ", mutant.bug)
        clause = mutant.clause(self.log.vendor)
        yield from wrapped(f"breaks {clause}: ", self.manual.clauses[clause])
        yield from wrapped("", self.manual.rules[clause[:-1]])
        explained = self.explained_by(name)
        yield from wrapped("seen in: ", numbers_text(explained) or "only together with the others")
        yield from wrapped("known as: ", ", ".join(known.named(self.log, explained)) or "no finding has it")

    # --- what cannot be told apart ---

    def ending(self, number, broken):
        """On one machine, if that matters and the experiment ran; else on a new one."""
        if not self.diagnosis.carried or number not in self.search.results:
            return self.model.answer(number, broken)
        return self.search.machine.endings(broken)[number]

    def tells(self, number, one, other):
        return not self.ending(number, one).same_ending(self.ending(number, other))

    def telling(self, one, other):
        """Experiments that did not run here, or whose text the log does not show."""
        return [number for number in self.manual.experiments if self.tells(number, one, other)]

    def tie(self, other):
        first = self.diagnosis.sets[0]
        names = ", ".join(self.in_order(other - first)) or "nothing"
        instead = ", ".join(self.in_order(first - other)) or "nothing"
        telling = self.telling(first, other)
        if not telling:
            return f"{names} for {instead}: no experiment tells"
        number = telling[0]
        verdict = self.ending(number, other).verdict
        if verdict == self.ending(number, first).verdict:
            return f"{names} for {instead}: what {number} got would tell"
        would = "fails" if verdict == "FAIL" else "passes"
        return f"{names} for {instead}: {number} would tell, it {would} with {names}"

    def ties(self):
        others = self.diagnosis.sets[1:]
        if not others:
            return
        yield ""
        yield f"This log cannot tell it from {count_text(len(others), 'other set')}:"
        for other in others[:SHOWN]:
            yield from wrapped("", self.tie(other))
        if len(others) > SHOWN:
            yield f"  and {len(others) - SHOWN} more"

    # --- what is left ---

    def left(self, number):
        result = self.log.results[number]
        answer = self.ending(number, self.diagnosis.sets[0])
        if result.verdict != "FAIL":
            return f"passed; with these mistakes it fails, {answer.failure}"
        if answer.verdict != "FAIL":
            return f"failed, {result.failure}"
        return f"failed, {result.failure}; with these mistakes {answer.failure}"

    def unexplained(self):
        left = sorted(self.diagnosis.unexplained + self.diagnosis.other_texts)
        if not left:
            return
        yield ""
        yield "Unexplained:"
        for number in left:
            yield from wrapped(f"{number} {self.log.results[number].name}: ", self.left(number))


    # --- what to do ---

    def what_next(self):
        explained = [n for n in self.log.failures() if n not in self.diagnosis.unexplained]
        first = (self.diagnosis.unexplained or explained or self.log.failures())[0]
        platform = known.platform_of(self.log) or "PLATFORM"
        yield from wrapped("Next: ", f"tools/run.sh {platform} exp={first} verbose shows each step of {first}.")
        if not known.named(self.log, self.log.failures()):
            yield from wrapped("", "Show from the machine's source, or on another machine, whose mistake it is; then")
            yield from wrapped("", "write it up: docs/add-an-experiment.md, step 5, and docs/findings/README.md.")


def diagnose(log, manual):
    """Lines about one run, and whether there is nothing unexplained."""
    with oracle.Oracle(log.vendor, log.alone) as model:
        report = Report(log, model, manual)
        return list(report.lines()), not report.diagnosis.unexplained
