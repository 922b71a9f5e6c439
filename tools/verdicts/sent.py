# SPDX-License-Identifier: BSD-2-Clause
"""
Logs that strangers send, of machines that nobody here has: docs/send-a-log.md. What is kept of one is how
the experiments ended and the kernel's own header; nothing that the host says, which might name it.
"""

import re

from diagnosis import assertion, compact, ktap, log

from . import findings, manual, news, platforms, results

HEADER = re.compile(r"# lhv (\S+) \(\d\d-bit\) on (.*?), (.*?), (?:VMX|SVM|no VMX|VMX and SVM)\b")
LINE = re.compile(r"(?:not )?ok \d+ |#|1\.\.\d+$|LHV: |KTAP version|@|$")
DAMAGED = re.compile(r"[^\t\x20-\x7e\u2010-\u2027]")  # the manuals' titles have dashes
CALLED = re.compile(r"[\w .,()+/-]{2,60}", re.ASCII)
QR = re.compile(r"(?:QR-Code:)?\s*LHV1 ", re.IGNORECASE)


def version_here():
    makefile = platforms.ROOT / "Makefile"
    match = re.search(r"^VERSION := (\S+)", makefile.read_text(encoding="utf-8"), re.MULTILINE)
    return match[1]


def console_of(text):
    """The last run in it. ValueError: there is none."""
    if QR.match(text):
        return "\n".join(compact.ktap(compact.parse(text))) + "\n"
    runs = log.split(text.replace("\r", ""))
    if not runs:
        raise ValueError("no report of LHV in it: it begins with 'KTAP version 1'")
    # What ends the serial line's text after the verdict is the recorder's.
    return re.sub(r"(\nLHV: (?:PASS|FAIL|SKIP|ERROR))\n.*", r"\1\n", runs[-1], flags=re.DOTALL)


def damages(report):
    """What a serial line lost or added."""
    for line in report.lines[1:]:
        if DAMAGED.search(line) or not LINE.match(line):
            yield f"a damaged line: {line[:60]!r}"
    known = manual.experiments()
    for each in report.results:
        if each.number in known and known[each.number].name != each.name:
            yield f"experiment {each.number} is {known[each.number].name} here, not {each.name}"
        elif each.number not in known:
            yield f"there is no experiment {each.number} here"


def check(report):
    """ValueError: it is no log that can be kept."""
    problems = [*report.problems, *damages(report)]
    header = HEADER.match(report.header)
    if report.verdict in ("ERROR", "SKIP"):
        problems.append(f"it ended with {report.verdict}: there is nothing to keep")
    if not header:
        problems.append("no header (# lhv ...)")
    elif header[1] != version_here():
        problems.append(f"it is of LHV {header[1]}, this is {version_here()}: run that one")
    if problems:
        raise ValueError("; ".join(problems[:3]) + (f"; and {len(problems) - 3} more" if len(problems) > 3 else ""))
    return header


def machine_of(text, called=""):
    """A results.Machine of a log or a QR text."""
    report = ktap.parse(console_of(text))
    header = check(report)
    if called and not CALLED.fullmatch(called):
        raise ValueError(f"a machine's name has 2 to 60 letters, digits and blanks, not {called!r}")
    title = called or f"{header[2]}, {header[3]}"
    made = results.Machine(results.SENT, header[1], "docs/send-a-log.md", title, report.header[len("# lhv ") :])
    made.results = results.from_report(report)
    return made


# --- what is new in it ---------------------------------------------------------------------------


def text_of(result):
    return "".join(news.texts_of(result.details))


def alike(number, text, machines):
    """The machines on which the experiment fails in the same way; of a QR text, at all."""
    for machine in machines:
        result = machine.results.get(number)
        if result and result.verdict in findings.FAILED:
            other = text_of(result)
            if not text or not other or assertion.is_known(text, [other]):
                yield machine


def news_of(machine, machines):
    """Lines about each failure: where it is the same, and which finding that is there."""
    others = [m for m in machines if m.name != machine.name]
    for number, result in sorted(machine.results.items()):
        if result.verdict not in findings.FAILED:
            continue
        same = list(alike(number, text_of(result), others))
        if not same:
            yield f"news: {number} {result.name} fails nowhere else like this: {text_of(result)}".rstrip(": ")
            continue
        named = sorted({n for m in same for n in (m.listed()[number].findings() if number in m.listed() else ())})
        yield f"{number} {result.name} fails as on {', '.join(m.title for m in same)}" + (
            f": finding {' '.join(named)}" if named else ""
        )

