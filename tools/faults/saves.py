# SPDX-License-Identifier: BSD-2-Clause
"""
The machine is stopped, saved and restored, or migrated, while it is in a state in which NMIs are
held (experiments 921-926): is the state kept? What is lost is the machine's mistake, not LHV's; LHV's
would be a run without a verdict, or a loss by a mere stop.
"""

import pathlib
import re
import subprocess

from diagnosis import ktap

from . import monitor, qemu

HELD = (921, 922, 923, 924, 925, 926)
STOPPED = 0.5  # seconds
WRONG = ("without a verdict", "changed by a stop")


class Machine(qemu.Qemu):
    """With a disk for snapshots and a monitor. incoming: the file of a migration to it."""

    def __init__(self, words, folder, incoming=None):
        disk, self.at = folder / "disk.qcow2", folder / ("there" if incoming else "here")
        if not disk.exists():
            subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", disk, "1M"], check=True)
        more = ["-drive", f"if=none,id=disk,format=qcow2,file={disk}"]
        more += ["-qmp", f"unix:{self.at},server=on,wait=off"]
        more += ["-incoming", f"exec:cat '{incoming}'"] if incoming else []
        super().__init__(words, more=more)

    def monitor(self):
        return monitor.Monitor(self.at)


def stop(machine, folder):
    machine.pause(STOPPED)
    return machine


def save(machine, folder):
    """Back to the same state, in the same QEMU."""
    talk = machine.monitor()
    for line in ("stop", "savevm held", "loadvm held", "cont"):
        talk.say(line)
    talk.close()
    return machine


def migrate(machine, folder):
    """To a file, and from there to another QEMU, with a console of its own."""
    talk = machine.monitor()
    talk.migrate(folder / "moved")
    talk.close()
    before = machine.console()
    machine.end()
    there = Machine(machine.words, folder, folder / "moved")
    there.before = before
    return there


WAYS = {"stop": stop, "savevm": save, "migration": migrate}


def go_on(machine):
    """Presses a key."""
    talk = machine.monitor()
    talk.wait_to_run()
    talk.say("sendkey x")
    talk.close()
    machine.wait(60)
    return machine.before + machine.console() if machine.verdict() else ""


def run_one(number, way):
    """The machine's console, or "": no verdict came."""
    with qemu.folder() as folder:
        machine = Machine(f"exp={number} timeout=10", pathlib.Path(folder))
        try:
            if machine.wait_for("# held", 60):
                machine = WAYS[way](machine, pathlib.Path(folder))
                return go_on(machine)
            return machine.console() if machine.verdict() else ""
        finally:
            machine.end()


def what_was_lost(console, number):
    found = re.search(rf"^# {number}: .*?(expected: .*)$", console, re.MULTILINE)
    return found[1] if found else ""


def run(goes_on):
    counts = {"saves": 0, "without a verdict": 0, "changed by a stop": 0, "lost": 0}
    lost = set()
    while goes_on(counts["saves"]):
        number = HELD[counts["saves"] // len(WAYS) % len(HELD)]
        way = list(WAYS)[counts["saves"] % len(WAYS)]
        console = run_one(number, way)
        verdict = ktap.parse(console).verdicts().get(number)
        counts["saves"] += 1
        counts["without a verdict"] += verdict not in ("PASS", "FAIL")
        if verdict != "FAIL":
            continue
        counts["changed by a stop" if way == "stop" else "lost"] += 1
        text = f"{way} {number}: {what_was_lost(console, number)}"
        if text not in lost:
            print(f"saves: the machine loses by {text}", flush=True)
        lost.add(text)
    return {**counts, "of the machine": " ".join(sorted({" ".join(t.split()[:2]) for t in lost})) or "none"}
