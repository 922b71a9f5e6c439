# SPDX-License-Identifier: BSD-2-Clause
"""The machine is stopped for 6 s in the midst of the catalogue: does a verdict change?"""

import random

from diagnosis import ktap

from . import qemu

WORDS = "repeat=3 order=random"
SECONDS = 6
WRONG = ("without a verdict", "changed")


def verdicts(machine):
    machine.wait(600)
    return ktap.parse(machine.console()).verdicts() if machine.verdict() else None


def run_one(stopped):
    with qemu.Qemu(WORDS) as machine:
        if stopped:
            machine.wait_for("1..", 60)
            machine.wait(random.uniform(0, 1))
            machine.pause(SECONDS)
        return verdicts(machine)


def run(goes_on):
    expected = run_one(stopped=False)
    counts = {"stops": 0, "without a verdict": 0, "changed": 0}
    noticed = set()
    while goes_on(counts["stops"]):
        seen = run_one(stopped=True)
        counts["stops"] += 1
        counts["without a verdict"] += seen is None
        changed = {n for n in expected if seen and seen.get(n) != expected[n]}
        counts["changed"] += bool(changed)
        noticed |= changed
    return {**counts, "experiments": " ".join(map(str, sorted(noticed))) or "none"}
