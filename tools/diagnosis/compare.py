# SPDX-License-Identifier: BSD-2-Clause
"""
Where two runs differ: verdicts, what failures got, what was recorded. An experiment that only one of
them ran was not selected in the other: it tells nothing.
"""

from dataclasses import dataclass

from . import assertion

FAILED = ("FAIL", "CHANCE")


@dataclass(frozen=True)
class Ending:
    """Of an experiment, in a log (log.Log) or in what is kept of one (verdicts/results.py)."""

    name: str
    verdict: str
    said: str = ""  # a SKIP's reason, a RECORD; how it failed

    def text(self):
        return self.verdict + (f" {self.said}" if self.said else "")


@dataclass(frozen=True)
class Difference:
    kind: str  # news: it fails now; mended: not any more; changed
    number: int
    before: Ending
    after: Ending

    def lines(self):
        name = self.after.name or self.before.name
        yield f"{self.kind}: {self.number} {name}"
        yield f"  - {self.before.text()}"
        yield f"  + {self.after.text()}"


def endings(log):
    """{number: Ending} of a log.Log, with the skipped ones."""
    skipped = {r.number: r for r in log.report.results if r.verdict == "SKIP"}
    both = {**skipped, **log.results}
    return {n: Ending(r.name, r.verdict, r.failure or r.reason) for n, r in both.items()}


def differ(one, other):
    """What fails by chance may pass. Why something is skipped depends on what is asked first."""
    verdicts = {one.verdict, other.verdict}
    if len(verdicts) == 2 and not ("CHANCE" in verdicts and verdicts <= {"CHANCE", "FAIL", "PASS"}):
        return True
    if verdicts == {"RECORD"}:
        return one.said != other.said
    if not verdicts <= set(FAILED):
        return False
    # A report may be without the text: a QR code's.
    return bool(one.said and other.said) and not assertion.is_same(one.said, other.said)


def kind_of(one, other):
    failed, fails = one.verdict in FAILED, other.verdict in FAILED
    return "changed" if failed == fails else "news" if fails else "mended"


def differences(one, other):
    """The Differences of two {number: Ending}, by number."""
    for number in sorted(one.keys() & other.keys()):
        if differ(one[number], other[number]):
            yield Difference(kind_of(one[number], other[number]), number, one[number], other[number])


def ran_once(one, other):
    """How many only one of them ran."""
    return len(one.keys() ^ other.keys())


def lines_of(found):
    """News first."""
    order = ("news", "mended", "changed")
    for difference in sorted(found, key=lambda each: order.index(each.kind)):
        yield from difference.lines()


def sum_up(found):
    """2 news, 1 mended"""
    kinds = [each.kind for each in found]
    counts = [f"{kinds.count(k)} {k}" for k in ("news", "mended", "changed") if k in kinds]
    return ", ".join(counts) or "no differences"
