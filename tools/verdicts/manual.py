# SPDX-License-Identifier: BSD-2-Clause
"""What the made pages of docs/ say of experiments, rules and mutants: for who has no compiler."""

import fnmatch
import functools
import re
from dataclasses import dataclass, field

from . import platforms

ROOT = platforms.ROOT
DOCS = ROOT / "docs"
ROW = re.compile(r"^\| (.*) \|$", re.MULTILINE)
LINK = re.compile(r"\[(\w+\.c)\]\(\.\./(src/experiments/\w+\.c)\)")
RULE = re.compile(r"^## (\w+)\n\n(.*?) Tested by (.*?)\.$(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
NUMBER = re.compile(r"\b(\d+)\b(?: \(record\))?")


@dataclass(frozen=True)
class Experiment:
    number: int
    name: str
    claim: str
    source: str  # its file's path
    manual: str
    needs: tuple
    rules: tuple

    @property
    def vendor(self):
        """vmx, svm, or base: any x86."""
        return next((word.lower() for word in ("VMX", "SVM") if word in self.needs), "base")

    @property
    def family(self):
        """Its file's name: vmx_blocking."""
        return self.source.rsplit("/", 1)[-1].removesuffix(".c")

    def names(self):
        """What a glob is held against."""
        return self.name, f"{self.vendor}/{self.name}", f"{self.family}/{self.name}"

    def line(self):
        """Where it stands in its file, or nothing if the sources are not here."""
        path = ROOT / self.source
        head = re.compile(rf"^(?:EXPERIMENT\(|\s+){self.number}, {self.name}\b")
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return next((i for i, line in enumerate(lines, 1) if head.match(line)), 0)


@dataclass(frozen=True)
class Rule:
    name: str
    manual: str
    clauses: dict = field(default_factory=dict)  # {R16a: what it says}


@dataclass(frozen=True)
class Mutant:
    name: str
    clauses: str  # that it breaks
    bug: str
    killers: tuple  # the numbers of the experiments that fail


def rows(name):
    """The cells of a page's tables, without their heads."""
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    return [[cell.strip() for cell in match[1].split(" | ")] for match in ROW.finditer(text)]


def parse_experiment(cells):
    number, name, claim, link, manual, needs, rules = cells
    needs = tuple(needs.replace(",", " ").split())
    return Experiment(int(number), name.strip("`"), claim, LINK.match(link)[2], manual, needs, tuple(rules.split()))


@functools.cache
def experiments():
    """{number: Experiment}"""
    found = [parse_experiment(cells) for cells in rows("experiments") if cells[0].isdigit()]
    return {each.number: each for each in found}


@functools.cache
def rules():
    """{name: Rule}"""
    found = {}
    for match in RULE.finditer((DOCS / "rules.md").read_text(encoding="utf-8")):
        cells = [[c.strip() for c in row[1].split(" | ")] for row in ROW.finditer(match[4])]
        clauses = {c[0]: c[1] for c in cells if c[0].startswith(match[1])}
        found[match[1]] = Rule(match[1], match[2].strip().removesuffix("."), clauses)
    return found


@functools.cache
def mutants():
    """Those that an experiment kills by failing."""
    found = []
    for cells in rows("mutants"):
        if cells[0].startswith("`") and len(cells) == 4:
            killers = (int(m[1]) for m in NUMBER.finditer(cells[3]) if "record" not in m[0])
            found.append(Mutant(cells[0].strip("`"), cells[1], cells[2], tuple(killers)))
    return found


def find(word):
    """The numbers that a number, a range, a name or a glob stands for (vmx/*, *window*). ValueError: none."""
    if re.fullmatch(r"\d+(-\d+)?", word):
        return [word]
    found = [str(n) for n, each in experiments().items() if any(fnmatch.fnmatchcase(x, word) for x in each.names())]
    if not found:
        raise ValueError(f"there is no experiment {word} (docs/experiments.md)")
    return found


def ranges(numbers):
    """The text of a list for exp=: what stands side by side among the experiments is a range."""
    places = {number: i for i, number in enumerate(sorted(experiments()))}
    made = []
    for number in sorted(set(numbers)):
        follows = made and number in places and places.get(made[-1][1], -9) + 1 == places[number]
        if follows:
            made[-1][1] = number
        else:
            made.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in made)


def select(word):
    """exp= or not= with names and globs, as the kernel wants it: with numbers."""
    name, _, value = word.partition("=")
    found = [x for part in value.split(",") for x in find(part)]
    numbers = [int(x) for x in found if x.isdigit()]
    return f"{name}=" + ",".join(filter(None, [*(x for x in found if not x.isdigit()), ranges(numbers)]))
