# SPDX-License-Identifier: BSD-2-Clause
"""What the page shows: a column for each run, or for each machine that docs/results keeps."""

import datetime
import pathlib
import re
from dataclasses import dataclass, field

from verdicts import platforms, results

from . import runs

DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:T\d{2}:?\d{2})?")


@dataclass
class Cell:
    verdict: str
    said: list = field(default_factory=list)  # the log's lines
    findings: list = field(default_factory=list)
    news: str = ""


@dataclass
class Column:
    title: str
    group: str  # platform and width: what a history is of
    vendor: str  # VMX, SVM or nothing
    about: str  # the machine's line
    header: str  # the kernel's line
    when: str = ""  # a date, of a log
    verdict: str = ""
    cells: dict = field(default_factory=dict)  # {number: Cell}

    def count(self, *verdicts):
        return sum(cell.verdict in verdicts for cell in self.cells.values())


def of_machine(machine):
    """Of docs/results. A failure that no finding explains is news."""
    listed, made = machine.listed(), {}
    for number, result in machine.results.items():
        failed = result.verdict in ("FAIL", "CHANCE")
        known = listed[number].findings() if failed and number in listed else []
        said = result.details or ([result.reason] if result.reason else [])
        made[number] = Cell(result.verdict, said, known, "no finding has it" if failed and not known else "")
    return Column(
        machine.title, machine.name, machine.vendor, machine.machine, f"lhv {machine.lhv}", cells=made
    )


def vendor_of(run):
    words = run.header.partition(", ")[2]
    return next((name for name in ("SVM", "VMX") if f"{name}:" in words), "")


def title_of(run):
    described = platforms.load_all().get(run.platform)
    version = described.version_of(f"# machine: {run.machine}") if described else ""
    name = f"{described.title} {version} {described.vendor}" if described else run.machine or run.name
    return f"{name}, {run.width} bit" if run.width else f"{name}, model"


def date_of(source):
    """From the log's path; else the file's own."""
    found = DATE.findall(source)
    if found:
        return found[-1]
    path = pathlib.Path(source)
    if not path.exists():
        return ""
    return datetime.datetime.fromtimestamp(path.stat().st_mtime).strftime("%Y-%m-%dT%H:%M")


def of_run(run):
    made = {}
    for each in run.endings:
        said = each.details or ([each.reason] if each.reason else [])
        made[each.number] = Cell(each.verdict, said, each.known or [], each.news)
    return Column(
        title_of(run), run.name, vendor_of(run), run.machine, run.header, date_of(run.source), run.verdict or "none", made
    )


def load(names, expect=None, platform=""):
    """The Columns of logs, folders, QR texts and kept results."""
    made = []
    for name in names:
        for each in runs.files(name):
            text = pathlib.Path(each).read_text(encoding="utf-8", errors="replace") if each != "-" else ""
            if text.startswith(results.MADE):
                made.append((results.parse(text).sort_key(), of_machine(results.parse(text))))
            else:
                made += [((), of_run(run)) for run in runs.load([each], expect, platform)]
    kept = sorted((pair for pair in made if pair[0]), key=lambda pair: pair[0])
    return [column for _, column in kept + [pair for pair in made if not pair[0]]]


def histories(columns):
    """{group: its Columns by date} of the groups that ran more than once."""
    groups = {}
    for column in columns:
        if column.when:
            groups.setdefault(column.group, []).append(column)
    return {name: sorted(each, key=lambda c: c.when) for name, each in groups.items() if len(each) > 1}


def newest(columns):
    """Of each history only the last run; what is no part of one stays."""
    older = {id(column) for each in histories(columns).values() for column in each[:-1]}
    return [column for column in columns if id(column) not in older]
