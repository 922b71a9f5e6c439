# SPDX-License-Identifier: BSD-2-Clause
"""Boots on a host with a load of 20 whose emulator is stopped now and then: is the clock right?"""

import random
import re
import statistics

from . import qemu

CLOCK = re.compile(r"# clock: .*, TSC (\d+) kHz")
LOAD = 20
FINE, BAD = 0.01, 0.05
WRONG = ("without a verdict", "off by more than 5 %")


def boot(stops):
    """The TSC's frequency in kHz, or None: no verdict came."""
    with qemu.Qemu("exp=401") as machine:
        while stops and machine.runs() and not machine.verdict():
            machine.wait(random.uniform(0, 0.1))
            machine.pause(random.uniform(0, 0.15))
        machine.wait(120)
        found = CLOCK.search(machine.console())
        return int(found[1]) if found and machine.verdict() else None


def run(goes_on):
    """One boot after another while goes_on(boots); returns the counts that matter."""
    right = statistics.median(filter(None, (boot(stops=False) for _ in range(5))))
    loops = qemu.busy_loops(LOAD)
    heard = []
    try:
        while goes_on(len(heard)):
            heard.append(boot(stops=len(heard) % 2))
    finally:
        qemu.end_all(loops)
    errors = [abs(khz - right) / right for khz in heard if khz]
    return {
        "boots": len(heard),
        "without a verdict": heard.count(None),
        "off by more than 1 %": sum(e > FINE for e in errors),
        "off by more than 5 %": sum(e > BAD for e in errors),
        "largest error in %": round(100 * max(errors, default=0), 3),
    }
