# SPDX-License-Identifier: BSD-2-Clause
"""
docs/findings/NNN.md are written by hand, but for two kinds of blocks, which end with <!-- end -->:

    <!-- seen -->             on which machines which experiments fail for this reason
    <!-- log PLATFORM 13 -->  what the newest version on which it fails says of experiment 13
"""

import pathlib
import re
from dataclasses import dataclass

from . import expected

DIRECTORY = pathlib.Path(__file__).resolve().parent.parent.parent / "docs" / "findings"
BLOCK = re.compile(r"<!-- (seen|log) ?([\w.-]*) ?(\d*) -->\n.*?<!-- end -->", re.DOTALL)
TITLE = re.compile(r"^# (\d{3}): (.*)$", re.MULTILINE)
FAILED = ("FAIL", "CHANCE")
INDEX = re.compile(r"<!-- index -->\n.*?<!-- end -->", re.DOTALL)  # in README.md
INDEX_HEAD = """\
| finding | fails on | passes on | experiments |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Finding:
    number: str
    title: str
    text: str

    @property
    def owner(self):
        """Whose mistake it is: the title of all but KVM's begins with the name."""
        return next((name for name in ("QEMU", "Bochs", "Xen") if self.title.startswith(name)), "KVM")

    @property
    def path(self):
        return DIRECTORY / f"{self.number}.md"


def parse(text):
    match = TITLE.search(text)
    if not match:
        raise ValueError("a finding without '# NNN: title'")
    return Finding(match[1], match[2], text)


def load(number):
    path = DIRECTORY / f"{number}.md"
    if not path.exists():
        raise ValueError(f"there is no finding {number}")
    return parse(path.read_text())


def load_all():
    return [parse(path.read_text()) for path in sorted(DIRECTORY.glob("[0-9]*.md"))]


def listed_lines(number, platform):
    """The lines of a platform's list that name this finding."""
    path = expected.DIRECTORY / f"{platform}.txt"
    lines = expected.parse_lines(path.read_text()) if path.exists() else []
    return [line for line in lines if number in line.findings()]


def seen_on(number, machine):
    """(experiments that fail on this machine for this reason, those of its list that pass)"""
    lines = listed_lines(number, machine.list_name)
    held = {line.number for line in lines if line.holds_for(machine.versions())}
    verdicts = machine.verdicts()
    failed = [n for n in sorted(held) if verdicts.get(n) in FAILED]
    named = {line.number for line in lines}
    passed = [n for n in sorted(named) if verdicts.get(n) == "PASS"]
    return failed, passed


def text_of_numbers(numbers):
    return " ".join(map(str, numbers)) or "-"


def is_the_carriers(finding, machine):
    """Whether a lab shows the mistake of what carries it: KVM leaves that to its processor."""
    return bool(machine.description.carrier) and finding.owner in ("QEMU", "Bochs")


def seen_block(finding, machines):
    rows = ["| machine | fail | pass |", "|---|---|---|"]
    for machine in machines:
        failed, passed = seen_on(finding.number, machine)
        if failed or passed:
            name = machine.machine + (": the carrier's mistake" if failed and is_the_carriers(finding, machine) else "")
            cells = (name, text_of_numbers(failed), text_of_numbers(passed))
            rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def newest_failing(family, experiment, machines):
    """By the file's own name, or of a family the newest on which it fails."""
    matches = [m for m in machines if family in (m.name, m.family)]
    failing = [m for m in matches if m.verdicts().get(experiment) in FAILED]
    return failing[-1] if failing else None


NOT_SEEN = "This did not fail in the last run of"


def log_block(family, experiment, machines):
    machine = newest_failing(family, experiment, machines)
    if not machine:
        return f"{NOT_SEEN} {family}."
    result = machine.results[experiment]
    lines = [f"# machine: {machine.machine}", f"# lhv {machine.lhv}"]
    lines += [f"not ok {result.number} {result.name}"]
    lines += [f"# {result.number}: {line}" for line in result.details]
    return "\n".join(["```", *lines, "```"])


def filled(finding, machines):
    """The finding's text with its blocks made anew."""

    def block(match):
        kind, family, experiment = match.groups()
        opening = match[0].split("\n", 1)[0]
        if kind == "seen":
            made = seen_block(finding, machines)
        else:
            made = log_block(family, int(experiment), machines)
        return f"{opening}\n{made}\n<!-- end -->"

    return BLOCK.sub(block, finding.text)


def stale(finding, machines):
    """Whether it quotes what does not fail any more; what fails by chance need not each time."""
    seen = NOT_SEEN in filled(finding, machines)
    lines = [line for machine in machines for line in listed_lines(finding.number, machine.platform)]
    return seen and not any(line.verdict == "CHANCE" for line in lines)


def index_row(finding, machines):
    failing, passing, numbers = [], [], set()
    for machine in machines:
        failed, passed = seen_on(finding.number, machine)
        numbers |= set(failed)
        if failed:
            failing.append(machine.title + (" (its carrier)" if is_the_carriers(finding, machine) else ""))
        elif passed:
            passing.append(machine.title)
    return (
        f"| [{finding.number}]({finding.number}.md): {finding.title} | {', '.join(failing) or '-'} "
        f"| {', '.join(passing) or '-'} | {text_of_numbers(sorted(numbers))} |\n"
    )


def readme(text, findings, machines):
    """README.md with the table of all of them made anew."""
    made = f"<!-- index -->\n{index(findings, machines)}<!-- end -->"
    filled_in, count = INDEX.subn(lambda _: made, text)
    if count != 1:
        raise ValueError("docs/findings/README.md has no <!-- index --> of its own")
    return filled_in


def index(findings, machines):
    return INDEX_HEAD + "".join(index_row(finding, machines) for finding in findings)
