# SPDX-License-Identifier: BSD-2-Clause
"""Runs of LHV, whatever they come from: each experiment with how it ended, and whether that is known."""

import pathlib
import re
import sys
from dataclasses import dataclass, field

from diagnosis import compact, known, ktap, log
from verdicts import expected, manual, news, results

CITATION = re.compile(r'^(.*?)\.? expected: ')
RULE = re.compile(r"\b([RSF]\d+)\b")
CONTROL = re.compile(r"[^\n\t\x20-\x7e\xa0-\ud7ff\ue000-\ufffd]")
QR = re.compile(r"(?:QR-Code:)?\s*LHV1 ", re.IGNORECASE)


@dataclass
class Ending:
    number: int
    name: str
    verdict: str  # PASS, FAIL, CHANCE, SKIP or RECORD
    reason: str = ""  # of a SKIP; what a RECORD says
    failure: str = ""  # expected: X; got: Y
    details: list = field(default_factory=list)  # the log's lines on it
    rules: list = field(default_factory=list)  # that a failure may break
    known: list = None  # findings' numbers, if the failure is known; None: it is none, or is news
    news: str = ""  # what is new in it

    @property
    def failed(self):
        return self.verdict in ("FAIL", "CHANCE")

    @property
    def family(self):
        """The file that it stands in, as vmx_blocking."""
        experiment = manual.experiments().get(self.number)
        return experiment.family if experiment else "unknown"


@dataclass
class Run:
    source: str  # the file
    machine: str  # what the host says of it, or nothing
    header: str  # what the kernel says
    version: str  # of LHV
    width: int
    platform: str  # of tools/platforms, or nothing
    verdict: str  # PASS, FAIL, SKIP, ERROR; "": there was no last line
    planned: int
    microseconds: int
    endings: list
    problems: list
    bail: str = ""  # why it ended early
    compared: bool = False  # with what is known

    @property
    def name(self):
        return f"{self.platform or pathlib.Path(self.source).stem}-{self.width or 'model'}"

    @property
    def whole(self):
        return not self.problems and self.verdict not in ("", "ERROR")

    @property
    def red(self):
        """Not whole, or with a failure that is not known, or other news."""
        return not self.whole or any(e.news or (e.failed and e.known is None) for e in self.endings)


def clean(text):
    """Serial lines may have anything in them."""
    return CONTROL.sub("", text.replace("\r", ""))


def details_of(report):
    found = {}
    for line in report.lines:
        match = re.match(r"# (\d+): (.*)$", line)
        if match:
            found.setdefault(int(match[1]), []).append(match[2])
    return found


def ending_of(result, report, details):
    lines = details.get(result.number, [])
    cited = " ".join(match[1] for match in map(CITATION.match, lines) if match)
    rules = list(dict.fromkeys(RULE.findall(re.sub(r'"[^"]*"', "", cited))))
    failure = report.texts().get(result.number, "")
    return Ending(result.number, result.name, result.verdict, result.reason, failure, lines, rules)


def bail_of(report):
    if report.verdict != "ERROR":
        return ""
    bails = [line for line in report.lines if line.startswith("Bail out!")]
    return bails[-1].removeprefix("Bail out!").strip() if bails else report.lines[-2].lstrip("# ")


def microseconds_of(report):
    match = next((m for m in map(re.compile(r"# passed .*, (\d+) us$").match, report.lines) if m), None)
    return int(match[1]) if match else 0


def compare(run, report, listed):
    """Marks what is known and what is news."""
    run.compared = True
    judgement = news.judge(report, listed)
    lines = {line.number: line for line in judgement.known}
    said = {int(text.split()[0]): text for text in judgement.news}
    for ending in run.endings:
        ending.news = said.get(ending.number, "")
        if ending.number in lines:
            ending.known = lines[ending.number].findings()


def of_text(text, source, listed=None, platform=""):
    """One run of a console's text. listed: a machine's own list; else its platform's, if it is one."""
    report = ktap.parse(log.complete_lines(clean(text)))
    details, found = details_of(report), results.from_report(report)
    machine = (log.MACHINE.findall(text) or [""])[0].removeprefix("# machine: ").rstrip("\r")
    version = re.match(r"# lhv (\S+)", report.header)
    run = Run(
        source,
        clean(machine),
        report.header.removeprefix("# "),
        version[1] if version else "",
        report.width,
        platform or known.platform_of(log.read(text), source) or "",
        report.verdict,
        report.plan or 0,
        microseconds_of(report),
        [ending_of(each, report, details) for each in report.results],
        [] if report.verdict == "ERROR" else report.problems,
        bail_of(report),
    )
    for ending in run.endings:
        ending.verdict = found[ending.number].verdict
    own = listed if listed is not None else news.of_platform(run.platform, text) if run.platform else None
    if own is not None:
        compare(run, report, own)
    return run


def of_qr(text):
    return "\n".join(compact.ktap(compact.parse(text))) + "\n"


def files(name):
    path = pathlib.Path(name)
    if not path.is_dir():
        return [name]
    found = sorted(str(each) for each in path.rglob("*") if each.suffix in (".log", ".txt") and each.is_file())
    if not found:
        raise ValueError(f"{name}: no .log in it")
    return found


def texts_of(name):
    data = sys.stdin.buffer.read() if name == "-" else pathlib.Path(name).read_bytes()
    text = data.decode("utf-8", errors="replace")
    if QR.match(text):
        return [of_qr(text)]
    return log.split(text)


def load(names, expect=None, platform=""):
    """The Runs in logs, QR texts and folders. ValueError: there is none in one."""
    listed = expected.parse(pathlib.Path(expect).read_text(encoding="utf-8")) if expect else None
    found = []
    for name in names:
        runs = [of_text(text, each, listed, platform) for each in files(name) for text in texts_of(each)]
        if not runs:
            raise ValueError(f"{name}: no report of LHV in it")
        found += runs
    return found
