# SPDX-License-Identifier: BSD-2-Clause
"""Runs LHV on KVM with each mistake, many of them in one boot, and says what differs from KVM without."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

from diagnosis import assertion, log
from exploring import run as explorer
from exploring import state
from verdicts import expected, sides

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
NOT_AVAILABLE = 77


class NotAvailable(Exception):
    pass


@dataclass
class Seen:
    verdicts: list = field(default_factory=list)  # experiments that end otherwise, each time
    texts: list = field(default_factory=list)  # that fail otherwise, each time
    explored: list = field(default_factory=list)  # programs of the explorer
    ended: str = ""  # LHV gave up: why
    lost: bool = False  # the run is missing, which tells nothing

    def missed(self):
        return not (self.verdicts or self.texts or self.explored or self.ended or self.lost)


def say(text):
    print(f"old-bugs: {text}", file=sys.stderr, flush=True)


def boot(platform, lines):
    """The console of each command line, "" for one that did not run; all in one boot."""
    words = [word for line in lines for word in ("--", *line)][1:]
    environment = {"KERNEL": "sid", **os.environ, "DIAGNOSE": "no", "WIDTH": "64"}
    with tempfile.TemporaryDirectory() as folder:
        environment["LOG"] = folder
        command = [ROOT / "tools" / "run.sh", platform, *words]
        done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False)
        if done.returncode == NOT_AVAILABLE:
            raise NotAvailable(f"{platform} is not available here")
        names = [f"{platform}-64.log", *(f"{platform}-64-{n}.log" for n in range(2, len(lines) + 1))]
        paths = [pathlib.Path(folder) / name for name in names]
        return [path.read_text(errors="replace") if path.exists() else "" for path in paths]


def of(bug):
    return f"patch={bug.path}"


def differences(platform, base, console):
    """(numbers whose verdict differs, numbers whose failure does), without what differs by chance."""
    chance = {number for number, line in expected.load(platform, console).items() if line.verdict == "CHANCE"}
    one, other = sides.of_console(base), sides.of_console(console)
    both = sorted((one.keys() & other.keys()) - chance)
    verdicts = [n for n in both if one[n].verdict != other[n].verdict]
    texts = [
        n
        for n in both
        if n not in verdicts and one[n].verdict == "FAIL" and not assertion.is_same(one[n].said, other[n].said)
    ]
    return verdicts, texts


def judged(platform, base, console):
    if not base or not console:
        return Seen(lost=True)
    if console.rstrip().endswith(("LHV: PASS", "LHV: FAIL")):
        return Seen(*differences(platform, base, console))
    bail = re.search("^Bail out! (.*)$", console, re.MULTILINE)
    return Seen(ended=bail[1] if bail else "without a last line")


def exp(numbers):
    return "exp=" + ",".join(map(str, sorted(numbers)))


def again(platform, found, bugs):
    """Keeps of what was seen only what is seen a second time."""
    wanted = [bug for bug in bugs if found[bug.name].verdicts or found[bug.name].texts]
    numbers = {bug.name: {*found[bug.name].verdicts, *found[bug.name].texts} for bug in wanted}
    if not wanted:
        return
    everything = set().union(*numbers.values())
    base, *consoles = boot(platform, [[exp(everything)], *([exp(numbers[bug.name]), of(bug)] for bug in wanted)])
    for bug, console in zip(wanted, consoles):
        second, first = judged(platform, base, console), found[bug.name]
        if not second.lost and not second.ended:
            first.verdicts = [n for n in first.verdicts if n in second.verdicts]
            first.texts = [n for n in first.texts if n in second.texts]


def those_expected(platform, bugs, sets):
    """{name: Seen} by the experiments that were expected to see it."""
    bugs = [bug for bug in bugs if bug.expected_numbers()]
    words = {bug.name: exp(bug.expected_numbers()) for bug in bugs}
    everything = exp({n for bug in bugs for n in bug.expected_numbers()})
    return several(platform, bugs, words, everything, sets)


def catalogue(platform, bugs, words, sets):
    """{name: Seen} by all experiments."""
    return several(platform, bugs, {bug.name: words for bug in bugs}, words, sets)


def several(platform, bugs, words, everything, sets):
    """{name: Seen}, words being {name: those that run on it}, and everything those on KVM without a mistake."""
    found = {}
    for start in range(0, len(bugs), sets):
        some = bugs[start : start + sets]
        say(f"{start} of {len(bugs)}; now {', '.join(bug.name for bug in some)}")
        lines = [everything.split(), *([*words[bug.name].split(), of(bug)] for bug in some)]
        base, *consoles = boot(platform, lines)
        for bug, console in zip(some, consoles):
            found[bug.name] = judged(platform, base, console)
        again(platform, found, some)
        for bug in some:
            each = found[bug.name]
            say(f"{bug.name}: {each.verdicts} {each.texts} {each.ended}" + " did not run" * each.lost)
    return found


def explore(platform, bugs, seconds, found):
    """The explorer's minute: what it finds that it does not find in KVM without the mistake."""
    words = ["explore=forever", f"time={seconds}", "seed=1", "catalogue=no", "known=auto"]
    base, *consoles = boot(platform, [words, *([*words, of(bug)] for bug in bugs)])
    usual = {state.key(group) for group in explorer.parse(1, base).groups}
    for bug, console in zip(bugs, consoles):
        result = explorer.parse(1, console)
        new = [g for g in result.groups if not g["unstable"] and state.key(g) not in usual]
        found[bug.name].explored = [group["program"] for group in new] + ([result.lost] if result.lost else [])
