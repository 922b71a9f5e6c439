# SPDX-License-Identifier: BSD-2-Clause
"""Reads the kernel's console: KTAP, with a header line before and the verdict after it."""

import re
from dataclasses import dataclass, field, replace

NUMBER = "[0-9]{1,9}"  # more digits than that are no number of ours
RESULT = re.compile(rf"(not )?ok ({NUMBER}) ({NUMBER}) (\S+)(?: # (SKIP|RECORD)\b *(.*))?$")
TOTALS = re.compile(rf"# passed ({NUMBER}), failed ({NUMBER}), skipped ({NUMBER}), recorded ({NUMBER}), \d+ [mu]s$")
MISMATCH = r"expected: (.*?); got: (.*)$"  # of a failure: the end of its line, or of its text's part
FAILURE = re.compile(rf"# ({NUMBER}):.* (?P<text>{MISMATCH})")
TRACE = re.compile(rf"# ({NUMBER}): trace:(.*)$")
COMPLAINT = re.compile(rf"# (-|{NUMBER}): Linux complains: (.*)$")  # a lab's, of what ran LHV
DISTURBED = re.compile(rf"# ({NUMBER}): disturbed, ")
CASE = re.compile(r"\[[^][]*\]")
HEADER = re.compile(r"# lhv (\S+) \((?:(\d\d)-bit|model)\) on ")
START = "KTAP version 1"
STUCK = "it was stuck: the watchdog took it back"
BETWEEN = " | "  # of what was not as expected
VERDICTS = ("LHV: PASS", "LHV: FAIL", "LHV: ERROR", "LHV: SKIP")


@dataclass(frozen=True)
class Result:
    number: int
    name: str
    verdict: str  # PASS, FAIL, SKIP or RECORD
    reason: str = ""  # of a SKIP; what a RECORD says
    failure: str = ""  # "expected: X; got: Y", with BETWEEN; and the cases of a sweep


@dataclass
class Report:
    lines: list
    header: str = ""
    width: int = 0  # 0: the model
    plan: int = None
    results: list = field(default_factory=list)
    totals: dict = None
    disturbed: list = field(default_factory=list)  # numbers: NMIs of the platform's own came
    complained: dict = field(default_factory=dict)  # {place: the Result before a complaint}
    verdict: str = ""
    problems: list = field(default_factory=list)

    def verdicts(self):
        """The verdict of each experiment by number; of several runs of one, the worst."""
        order = ("PASS", "RECORD", "SKIP", "FAIL")
        worst = {}
        for result in self.results:
            seen = worst.get(result.number, "PASS")
            worst[result.number] = max(seen, result.verdict, key=order.index)
        return worst

    def texts(self):
        """{number: how it failed}"""
        return {r.number: r.failure for r in self.results if r.verdict == "FAIL" and r.failure}

    def told(self):
        """The Results as LHV told them: it knows of no complaints."""
        return [self.complained.get(place, result) for place, result in enumerate(self.results)]

    def count(self, verdict):
        return sum(result.verdict == verdict for result in self.results)


def fits(seen, whole):
    """Whether a failure's text may be the beginning of this one: of the cases of a sweep a trace
    names as many as it has room for. No failure at all is the text of a log without any."""
    rest = whole[len(seen) :]
    return whole.startswith(seen) and (not seen or not rest or rest.startswith(" ["))


def parse_result(line, report):
    match = RESULT.match(line)
    if not match:
        report.problems.append(f"not a KTAP result: {line!r}")
        return
    failed, index, number, name, directive, reason = match.groups()
    if int(index) != len(report.results) + 1:
        report.problems.append(f"result {len(report.results) + 1} is numbered {index}")
    verdict = "FAIL" if failed else directive or "PASS"
    report.results.append(Result(int(number), name, verdict, reason or ""))


def with_cases(failure, trace):
    """A sweep names in its trace what surprised it, as far as there is room. What one had seen
    before it got stuck depends on when the watchdog came."""
    if STUCK in failure:
        return failure
    return " ".join([failure, *CASE.findall(trace)])


def parse_failure(line, report):
    failure, trace = FAILURE.match(line), TRACE.match(line)
    match = failure or trace
    if not report.results or report.results[-1].number != int(match[1]):
        return
    last = report.results[-1]
    if failure:
        text = BETWEEN.join(filter(None, [last.failure, failure["text"]]))
    else:
        text = with_cases(last.failure, trace[2])
    report.results[-1] = replace(last, failure=text)


def parse_complaint(line, report):
    """What ran LHV complained of itself: a failure of the experiment, even if it passed."""
    number, text = COMPLAINT.match(line).groups()
    places = [i for i, each in enumerate(report.results) if number in ("-", str(each.number))]
    if not places:
        return
    place = places[0] if number == "-" else places[-1]
    old = report.results[place]
    if old.verdict != "FAIL":
        report.complained[place] = old
        failure = f"expected: no complaint of Linux; got: {text}"
        report.results[place] = replace(old, verdict="FAIL", reason="", failure=failure)


def parse_line(line, report):
    if re.match(r"(not )?ok\b", line):
        parse_result(line, report)
    elif re.match(rf"1\.\.{NUMBER}$", line):
        report.plan = int(line[3:])
    elif HEADER.match(line):
        report.header = line
        report.width = int(HEADER.match(line)[2] or 0)
    elif COMPLAINT.match(line):
        parse_complaint(line, report)
    elif FAILURE.match(line) or TRACE.match(line):
        parse_failure(line, report)
    elif DISTURBED.match(line):
        report.disturbed.append(int(DISTURBED.match(line)[1]))
    elif TOTALS.match(line):
        names = ("PASS", "FAIL", "SKIP", "RECORD")
        report.totals = dict(zip(names, map(int, TOTALS.match(line).groups())))
    elif line in VERDICTS:
        report.verdict = line[5:]


def check(report):
    """What makes a report contradict itself or end too early."""
    if not report.verdict or report.lines[-1] not in VERDICTS:
        report.problems.append("the last line is not a verdict")
    if report.verdict == "ERROR":
        return
    if report.plan != len(report.results):
        report.problems.append(f"{len(report.results)} results, {report.plan} planned")
    if (report.verdict == "FAIL") != (report.count("FAIL") > 0):
        report.problems.append(f"{report.count('FAIL')} failures and {report.verdict}")
    if (report.verdict == "SKIP") != (report.count("SKIP") == len(report.results) > 0):
        report.problems.append(f"{report.count('SKIP')} of {len(report.results)} skipped and {report.verdict}")
    check_totals(report)


def check_totals(report):
    if report.totals is None:
        report.problems.append("no totals")
        return
    told = [result.verdict for result in report.told()]
    # A result need not say that it is a record: then it looks like a pass.
    passed = told.count("PASS") + told.count("RECORD")
    if report.totals["PASS"] + report.totals["RECORD"] != passed:
        report.problems.append(f"totals and {passed} passes disagree")
    for name in ("FAIL", "SKIP"):
        if report.totals[name] != told.count(name):
            report.problems.append(f"totals and {told.count(name)} x {name} disagree")


def parse(text):
    """Anything before the KTAP line is the firmware's and the loader's."""
    lines = [line.rstrip("\r") for line in text.split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    start = next((i for i, line in enumerate(lines) if line.endswith(START)), None)
    report = Report(lines[start:] if start is not None else lines)
    if start is None:
        report.problems.append("no KTAP version line")
    for line in report.lines:
        parse_line(line, report)
    check(report)
    return report
