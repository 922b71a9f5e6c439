# SPDX-License-Identifier: BSD-2-Clause
"""
How each experiment ended on a machine, as docs/results/<platform>-<version>.txt keeps it: made from
the logs of its runs, one per width, in which each experiment was repeated.
"""

import pathlib
import re
from dataclasses import dataclass, field

from diagnosis import ktap

from . import expected, platforms

DIRECTORY = pathlib.Path(__file__).resolve().parent.parent.parent / "docs" / "results"
DETAIL = re.compile(r"# (\d+): (.*)$")
REPEATED = re.compile(r"failed (\d+) of (\d+) times")
CHANGING = re.compile(r"failed \d+ of \d+ times|HLT ended \d+ times")
LINE = re.compile(r"(\d+) +(PASS|FAIL|CHANCE|RECORD) +(\S+)(?: +(.*))?$")
SKIPPED = re.compile(r"SKIP (.*): ([\d ]+)$")
HEAD = re.compile(r"# (platform|version|run|machine|lhv)(?:: | )(.*)$")
SENT = "sent"  # the platform of what strangers sent: sent.py
MADE = "# SPDX-License-Identifier: BSD-2-Clause\n# Made from logs by tools/matrix: do not edit."


@dataclass
class Result:
    """CHANCE: it failed, but not each time."""

    number: int
    name: str
    verdict: str
    reason: str = ""  # of a SKIP; what a RECORD says
    details: list = field(default_factory=list)  # of a failure: the report's lines on it

    def text(self):
        head = f"{self.number:<4} {self.verdict:<6} {self.name}  {self.reason}".rstrip()
        return "\n".join([head, *("     " + line for line in self.details)])


@dataclass
class Machine:
    """One version of one platform."""

    platform: str  # tools/platforms/<platform>.sh
    version: str
    run: str  # the command
    machine: str  # as the log's first line has it
    lhv: str  # the kernel's own header
    results: dict = field(default_factory=dict)  # {number: Result}

    @property
    def description(self):
        if self.platform == SENT:
            name = re.sub(r"[^a-z0-9.]+", "-", self.machine.lower()).strip("-")
            return platforms.Platform(name, title=self.machine, vendor=self.vendor, family=name)
        return platforms.load(self.platform)

    @property
    def family(self):
        """Bochs 3.0 is another version of Bochs, not another platform."""
        return self.description.family

    @property
    def carrier(self):
        """QEMU 11.1: of a lab that is on another emulator than usual."""
        version = self.description.carrier_of(f"# machine: {self.machine}")
        return f"{self.description.carrier} {version}" if version and "SUITE=" in self.run else ""

    @property
    def name(self):
        """The file's"""
        if self.platform == SENT:
            return self.family
        on = self.carrier.lower().replace(" ", "-")
        return f"{self.family}-{self.version}" + (f"-on-{on}" if on else "")

    @property
    def title(self):
        """KVM 6.1 VMX, Bochs 2.7 SVM"""
        if self.platform == SENT:
            return self.machine
        on = f" on {self.carrier}" if self.carrier else ""
        vendor = self.description.vendor or self.vendor
        return f"{self.description.title} {self.version} {vendor}{on}"

    @property
    def vendor(self):
        return "SVM" if "SVM:" in self.lhv else "VMX" if "VMX:" in self.lhv else ""

    def verdicts(self):
        return {number: result.verdict for number, result in self.results.items()}

    @property
    def list_name(self):
        """Of what is known of it, in tests/expected."""
        return self.name if self.platform == SENT else self.platform

    def versions(self):
        if self.platform == SENT:
            return (self.version,)
        return self.description.versions_of(f"# machine: {self.machine}")

    def listed(self):
        return expected.load_list(self.list_name, self.versions())

    def sort_key(self):
        return self.family, tuple(map(int, self.version.split("."))), self.name


# --- from logs ---------------------------------------------------------------------------------


def details_of(report):
    """{number: what the report says of it}, without what differs from run to run"""
    details = {}
    for match in filter(None, map(DETAIL.match, report.lines)):
        details.setdefault(int(match[1]), []).append(match[2])
    return details


def from_report(report):
    """{number: Result} of one log"""
    details, results = details_of(report), {}
    for each in report.results:
        said = details.get(each.number, [])
        verdict = each.verdict
        if verdict == "FAIL" and any(k != n for k, n in REPEATED.findall(" ".join(said))):
            verdict = "CHANCE"
        failed = verdict in ("FAIL", "CHANCE")
        kept = [line for line in said if failed and not CHANGING.match(line)]
        results[each.number] = Result(each.number, each.name, verdict, each.reason, kept)
    return results


def merged(one, other):
    """The result of an experiment in one width, and in the other."""
    if one is None or one.verdict == "SKIP":
        return other
    if other is None or other.verdict in ("SKIP", one.verdict):
        return one
    worse = other if other.verdict in ("FAIL", "CHANCE") else one
    return Result(worse.number, worse.name, "CHANCE", worse.reason, worse.details)


def from_logs(platform, command, texts):
    """The log whose words are kept (64 bit) comes first. ValueError if one is not whole."""
    reports = [ktap.parse(text) for text in texts]
    problems = [problem for report in reports for problem in report.problems]
    if problems or "ERROR" in [report.verdict for report in reports]:
        raise ValueError("; ".join(problems) or "a run ended in an ERROR")
    machine = re.search(r"^# machine: (.*?)\r?$", texts[0], re.MULTILINE)
    version, lhv = platforms.load(platform).version_of(texts[0]), reports[0].header[len("# lhv ") :]
    made = Machine(platform, version, command, machine[1], lhv)
    for results in map(from_report, reports):
        for number in results.keys() | made.results.keys():
            made.results[number] = merged(made.results.get(number), results.get(number))
    return made


# --- files -------------------------------------------------------------------------------------


def text_of(machine):
    head = [
        MADE,
        f"# platform: {machine.platform}",
        f"# version: {machine.version}",
        f"# run: {machine.run}",
        f"# machine: {machine.machine}",
        f"# lhv {machine.lhv}",
    ]
    ran = [each.text() for _, each in sorted(machine.results.items()) if each.verdict != "SKIP"]
    return "\n".join([*head, *ran, *skipped_lines(machine)]) + "\n"


def skipped_lines(machine):
    """Those of the other vendor are many: one line for each reason."""
    by_reason = {}
    for number, result in sorted(machine.results.items()):
        if result.verdict == "SKIP":
            by_reason.setdefault(result.reason, []).append(str(number))
    return [f"SKIP {reason}: {' '.join(numbers)}" for reason, numbers in by_reason.items()]


def parse(text):
    head = {match[1]: match[2] for match in filter(None, map(HEAD.match, text.splitlines()))}
    machine = Machine(*(head[name] for name in ("platform", "version", "run", "machine", "lhv")))
    for line in text.splitlines():
        match, skipped = LINE.match(line), SKIPPED.match(line)
        if skipped:
            for number in map(int, skipped[2].split()):
                machine.results[number] = Result(number, "", "SKIP", skipped[1])
        elif match:
            last = Result(int(match[1]), match[3], match[2], match[4] or "")
            machine.results[last.number] = last
        elif line.startswith("     "):
            last.details.append(line.strip())
    return machine


def write(machine):
    path = DIRECTORY / f"{machine.name}.txt"
    path.write_text(text_of(machine))
    return path


def load_all():
    return sorted((parse(p.read_text()) for p in DIRECTORY.glob("*.txt")), key=Machine.sort_key)
