# SPDX-License-Identifier: BSD-2-Clause
"""One run of the explorer on a platform, and what its log says."""

import dataclasses
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BOOT = 120  # seconds that a platform may take besides
FACTOR = 20  # an emulator's second may be so long

GROUP = re.compile(
    r"^# (?P<n>\d+): prog=(?P<program>.*)\n"
    r"# (?P=n): (?P<kind>\S+) (?P<clause>\S+) expected: (?P<expected>.*); got: (?P<got>.*)\n"
    r"# (?P=n): is: (?P<what>.*), (?P<count>\d+) programs?$",
    re.MULTILINE,
)
COUNTS = re.compile(r"^# explore: (\d+) programs \((\d+) judged\)(.*)$", re.MULTILINE)
COMPLAINT = re.compile(r"^# (?:prog=)?(\S+): Linux complains: (.*)$", re.MULTILINE)  # a lab's
LOST = re.compile(r"(?:lost in: |in )prog=(\S+)")


@dataclasses.dataclass
class Result:
    status: int  # run.sh's
    ran: bool = False
    programs: int = 0
    judged: int = 0
    machine: str = ""
    summary: str = ""
    groups: list = dataclasses.field(default_factory=list)
    lost: str = ""  # the program in which the machine was


def parse_group(match):
    what = match["what"]
    named = what not in ("unexplained", "not the same each time")
    return {
        "kind": match["kind"],
        "clause": match["clause"],
        "names": what.split(" or ") if named else [],
        "unstable": what == "not the same each time",
        "program": match["program"],
        "expected": match["expected"],
        "got": match["got"],
        "count": int(match["count"]),
    }


def parse_complaint(match):
    return {
        "kind": "linux-complains",
        "clause": "-",
        "names": [],
        "unstable": False,
        "program": match[1],
        "expected": "no complaint of Linux",
        "got": match[2],
        "count": 1,
    }


def parse(status, log, complaints=""):
    result = Result(status)
    counts = COUNTS.findall(log)
    if counts:
        result.ran = True
        result.programs, result.judged = int(counts[-1][0]), int(counts[-1][1])
        result.summary = counts[-1][2].strip(", ")
    machine = re.search(r"^# machine: (.*)$", log, re.MULTILINE)
    result.machine = machine[1] if machine else ""
    # A group is printed when it is found, and with its count at the end: the last one counts.
    last = {match["n"]: match for match in GROUP.finditer(log)}
    result.groups = [parse_group(match) for match in last.values()]
    result.groups += [parse_complaint(match) for match in COMPLAINT.finditer(log)]
    lost = LOST.search(log) or LOST.search(complaints)
    if not log.rstrip().endswith(("LHV: PASS", "LHV: FAIL")) and lost:
        result.lost = lost[1]
        result.ran = True
    return result


def explore(platform, seed, seconds, mutants, catalogue):
    words = ["explore=forever", f"time={seconds}", f"seed={seed}"]
    words += [] if catalogue else ["catalogue=no"]
    return run(platform, words, mutants, BOOT + FACTOR * seconds)


def explore_some(platform, seed, programs, mutants):
    """So many programs, on one CPU: the same ones with the same end whatever else the host has to do. A
    program that gets stuck ends when the alarm rings, after five times the time-out."""
    words = [f"explore={programs}", f"seed={seed}", "timeout=1"]
    return run(platform, words, mutants, BOOT + programs, cpus="1")


def run(platform, words, mutants, limit, **environment):
    words += [f"known={','.join(mutants)}"] if mutants else []
    variables = {name.upper(): value for name, value in environment.items()}
    done = subprocess.run(
        [ROOT / "tools/run.sh", platform, *words],
        env={"LIMIT": str(limit), **os.environ, **variables, "DIAGNOSE": "no"},
        capture_output=True,
        text=True,
        check=False,
    )
    return parse(done.returncode, done.stdout, done.stderr)
