# SPDX-License-Identifier: BSD-2-Clause
"""What counts of a log: the machine, and how each experiment that ran ended."""

import re
from dataclasses import dataclass

from . import ktap

VENDOR = re.compile(r", (VMX and SVM|VMX|SVM)[:,]")
VENDORS = {"VMX": "vmx", "SVM": "svm", "VMX and SVM": "both"}
MACHINE = re.compile(r"^# machine: .*?$", re.MULTILINE)
CPUS = re.compile(r", (\d+) CPUs?\b")


@dataclass(frozen=True)
class Log:
    report: ktap.Report
    vendor: str  # of the model that it is compared with: vmx, svm, none, both
    alone: bool  # one CPU: no helper
    results: dict  # {number: the ktap.Result that counts}, of experiments that ran
    cut_off: bool  # there is no last line
    machine: str = ""  # "# machine: ", what a host script says of it

    def failures(self):
        return [number for number, result in self.results.items() if result.verdict == "FAIL"]

    def skipped(self):
        return sorted(n for n, verdict in self.report.verdicts().items() if verdict == "SKIP")


def split(text):
    """The runs in a console's text, one after the other; without a KTAP line there are none."""
    parts = re.split(rf"(?=^.*{ktap.START}\r?$)", text, flags=re.MULTILINE)
    machines = [""] + [(MACHINE.findall(part) or [""])[-1] for part in parts]
    return [f"{machine}\n{part}" for machine, part in zip(machines, parts) if ktap.START in part]


def complete_lines(text):
    """A line that was cut off says something else than it would have."""
    return text if text.rstrip().endswith(ktap.VERDICTS) else text[: text.rfind("\n") + 1]


def worst_results(report):
    """Of several runs of one experiment a failure counts; a SKIP says nothing. That Linux below complained
    breaks no rule."""
    results = {}
    for result in report.told():
        seen = results.get(result.number)
        if result.verdict != "SKIP" and (not seen or seen.verdict != "FAIL"):
            results[result.number] = result
    return results


def read(text):
    """One run's Log."""
    report = ktap.parse(complete_lines(text))
    vendor, cpus = VENDOR.search(report.header), CPUS.search(report.header)
    return Log(
        report,
        VENDORS[vendor[1]] if vendor else "none",
        bool(cpus) and cpus[1] == "1",
        worst_results(report),
        not report.verdict,
        (MACHINE.findall(text) or [""])[0],
    )
