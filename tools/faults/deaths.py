# SPDX-License-Identifier: BSD-2-Clause
"""
Every CPU dies in every way at every place, in a test kernel (tests/deaths): is there a verdict, and
does it name the CPU? The machine's own death, by a triple fault or an INIT of the CPU that booted, is
tools/run.sh's to tell.
"""

import itertools
import os
import pathlib
import random
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
WHO = {0: "subject", 1: "helper", 2: "third CPU"}
HOW = ("spin", "hlt", "nmi", "sti", "ud", "smash", "triple", "init", "mute")
WHERE = ("start", "before", "root", "entry", "host", "guest", "gap", "print")
PLATFORMS = {"tcg-svm": "101,103,401", "bochs-vmx": "2,4,401"}
WRONG = ("silent", "wrong")

LOST = re.compile(r"^# CPU (\d) \(APIC ID \d+\) is lost(?: in experiment (\d+))?, ", re.MULTILINE)
WARNED = re.compile(r"^# warning: CPU (\d) \(APIC ID \d+\): no root mode|^# warning: \d+ CPUs did not start", re.MULTILINE)
TOLD = re.compile(r"^run\.sh: .*: ERROR, .*(before|in|after) (?:the first )?experiment", re.MULTILINE)
VERDICT = re.compile(r"^LHV: (\w+)$", re.MULTILINE)


def table():
    """The CPU that boots does not start by an IPI."""
    for who, how, where in itertools.product(WHO, HOW, WHERE):
        if (who, where) != (0, "start"):
            yield who, how, where


def run_one(platform, who, how, where, experiments=None, cpus=3):
    experiments = experiments or PLATFORMS[platform]
    words = [platform, f"exp={experiments}", "timeout=1", f"die={who},{how},{where}"]
    environment = {
        **os.environ,
        "BUILD": "build/deaths",
        "DEATHS": "1",
        "DIAGNOSE": "no",
        "CPUS": str(cpus),
        "LIMIT": "300",
    }
    command = [ROOT / "tools/run.sh", "--no-install", *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, errors="replace"
    )


def took_back(console):
    """A guest that is stuck can be taken back, and that is all."""
    return "the watchdog took it back" in console


def may_fail(platform, who, where):
    """Each passes; the one in which the subject dies, which is the first, cannot."""
    return {PLATFORMS[platform].split(",")[0]} if who == 0 and where in ("host", "guest") else set()


def is_right(platform, who, where, number):
    """Is a CPU lost in this experiment ("": in none)? Others than the subject die while one runs, or
    are missed in the next one."""
    first, second = PLATFORMS[platform].split(",")[:2]
    if where in ("host", "guest"):
        return number == first or (who == 2 and number == "")
    return number == "" or (number == second and who != 0 and where in ("gap", "print"))


def judge(result, platform, who, how, where):
    """"kernel", "run.sh", or what is wrong."""
    console, planned = result.stdout, len(PLATFORMS[platform].split(","))
    verdict = VERDICT.search(console)
    if not verdict:
        return "run.sh" if TOLD.search(result.stderr) and "hang" not in result.stderr else "silent"
    lost, warned = LOST.findall(console), WARNED.search(console)
    named = lost or (warned and warned[1] in (None, str(who)))
    if any(int(cpu) != who or not is_right(platform, who, where, number) for cpu, number in lost):
        return "wrong"
    # A guest that faults exits: nobody dies. Neither does a CPU that another one is there for.
    in_guest = where == "entry" or (where == "guest" and who == 0)
    in_guest = in_guest and how in ("ud", "smash", "triple")
    if not named and not took_back(console) and not in_guest:
        return "wrong"
    ends = "ERROR" if lost else verdict[1]
    results = len(re.findall(r"^(?:not )?ok ", console, re.MULTILINE))
    failed = set(re.findall(r"^not ok \d+ (\d+) ", console, re.MULTILINE))
    good = verdict[1] == ends and results >= planned and failed <= may_fail(platform, who, where)
    return "kernel" if good else "wrong"


def run(goes_on):
    counts = {"deaths": 0, "kernel": 0, "run.sh": 0, "silent": 0, "wrong": 0}
    cases = [(p, *case) for p in PLATFORMS for case in table()]
    random.shuffle(cases)
    for case in cases:
        if not goes_on(counts["deaths"]):
            break
        result = run_one(*case)
        end = judge(result, *case)
        counts["deaths"] += 1
        counts[end] += 1
        if end in WRONG:
            print(f"deaths: {end}: {' '.join(map(str, case))}\n{result.stdout}{result.stderr}", flush=True)
    return counts
