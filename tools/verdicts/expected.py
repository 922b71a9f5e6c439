# SPDX-License-Identifier: BSD-2-Clause
"""
Reads tests/expected/<platform>.txt and holds a report against it. A line is

    number  VERDICT[versions]  # finding NNN, or the reason

(tools/run.sh --write-expect writes such a file of one machine, with what passes too.)

The versions, if any, are those of what is under test (6.1,6.12) and of the emulator that carries a
lab (on-7.2), as the first line of a log has them. Indented lines below it are the texts of the
failure, as it may be reported there: at another event or field (diagnosis/assertion.py) it is news,
another mistake behind a known one. Without such lines any text will do. `tools/matrix --texts LOG...` writes them.
"""

import pathlib
import re
from dataclasses import dataclass, replace

from diagnosis import assertion

from . import platforms

DIRECTORY = pathlib.Path(__file__).resolve().parent.parent.parent / "tests" / "expected"
LINE = re.compile(r"(\d+)\s+(PASS|FAIL|CHANCE|RECORD|SKIP)(?:\[([\w.,-]+)\])?\s+#\s*(\S.*)$")
INDENT = "    "
FINDING = re.compile(r"finding (\d{3})\b")

# What may come of an experiment that is not listed, and of one that is.
UNLISTED = ("PASS", "SKIP", "RECORD")
ALLOWED = {
    "PASS": ("PASS",),
    "FAIL": ("FAIL",),
    "CHANCE": ("FAIL", "CHANCE", "PASS", "RECORD", "SKIP"),  # SKIP: in one width
    "RECORD": ("RECORD",),
    "SKIP": ("SKIP",),
}


@dataclass(frozen=True)
class Line:
    number: int
    verdict: str  # PASS, FAIL, RECORD or SKIP; CHANCE: it fails now and then
    versions: tuple  # (): all
    reason: str
    texts: tuple = ()  # of the failure; (): any

    def holds_for(self, versions):
        """Of what is tested and of the carrier, each one that the line names any of."""
        kinds = [[v for v in self.versions if v.startswith("on-") == on] for on in (False, True)]
        return all(not kind or set(kind) & set(versions) for kind in kinds)

    def findings(self):
        return FINDING.findall(self.reason)


def parse_line(text):
    match = LINE.match(text)
    if not match:
        raise ValueError(f"neither a comment nor 'number verdict # reason': {text!r}")
    versions = tuple(match[3].split(",")) if match[3] else ()
    return Line(int(match[1]), match[2], versions, match[4])


def parse_lines(text):
    """All of a file's lines, whatever their versions."""
    lines = []
    for line in text.splitlines():
        if line.startswith(INDENT) and lines:
            lines[-1] = replace(lines[-1], texts=(*lines[-1].texts, line.strip()))
        elif line.strip() and not line.startswith("#"):
            lines.append(parse_line(line))
    return lines


def parse(text, versions=()):
    """{number: Line} for these versions"""
    listed = {}
    for line in parse_lines(text):
        if not line.holds_for(versions):
            continue
        if line.number in listed:
            raise ValueError(f"twice: {line.number}")
        listed[line.number] = line
    return listed


def load(platform, console=""):
    """{number: Line} for the machine that this console is of"""
    return load_list(platform, platforms.load(platform).versions_of(console))


def load_list(name, versions):
    """{number: Line}; of a machine that was sent there need not be a list."""
    path = DIRECTORY / f"{name}.txt"
    return parse(path.read_text(), versions) if path.exists() else {}


def is_known(line, text):
    return not line.texts or not text or assertion.is_known(text, line.texts)


def differences(verdicts, listed, texts=None):
    """What is news, one line each. verdicts are of a run of all experiments; texts are {number: that
    of a failure}."""
    news = []
    for number, verdict in sorted(verdicts.items()):
        allowed = ALLOWED[listed[number].verdict] if number in listed else UNLISTED
        if verdict not in allowed:
            news.append(f"{number}: {verdict}, expected {' or '.join(allowed)}")
        elif number in listed and not is_known(listed[number], (texts or {}).get(number)):
            news.append(f"{number}: fails in another way: {texts[number]}")
    for number in sorted(listed.keys() - verdicts.keys()):
        news.append(f"{number}: did not run, expected {listed[number].verdict}")
    return news


def with_texts(text, versions, failures):
    """A list's text in which the lines that hold for these versions know these failures' texts too:
    {number: text}."""
    made, adding = [], set()

    def finish():
        made.extend(f"{INDENT}{each}" for each in sorted(adding))
        adding.clear()

    for line in text.splitlines():
        if line.startswith(INDENT):
            adding.add(line.strip())
            continue
        finish()
        made.append(line)
        if line.strip() and not line.startswith("#"):
            known = parse_line(line)
            if known.verdict == "FAIL" and known.holds_for(versions) and failures.get(known.number):
                adding.add(failures[known.number])
    finish()
    return "\n".join(made) + "\n"


def without_texts(text):
    return "".join(line for line in text.splitlines(True) if not line.startswith(INDENT))
