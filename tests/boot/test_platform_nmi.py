# SPDX-License-Identifier: BSD-2-Clause
"""NMIs from the machine itself, in the midst of the experiments."""

import json
import shutil
import socket
import subprocess
import time

import pytest
from conftest import ROOT
from diagnosis import ktap

WORDS = "exp=101,103,401-403,405 repeat=20 order=random cpus=all"


class Machine:
    """QEMU, with its NMI button: inject-nmi goes to LINT1 of every CPU."""

    def __init__(self, directory, width):
        self.console = directory / "console"
        path = directory / "qmp"
        self.process = subprocess.Popen(
            ["timeout", "-k", "5", "60", "qemu-system-x86_64", "-accel", "tcg", "-cpu", "max"]
            + ["-m", "64", "-smp", "2", "-nodefaults", "-display", "none", "-no-reboot"]
            + ["-serial", f"file:{self.console}", "-qmp", f"unix:{path},server=on,wait=off"]
            + ["-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
            + ["-kernel", ROOT / f"build/lhv{width}.elf", "-append", WORDS],
            stdin=subprocess.DEVNULL,
        )
        self.wait_until(path.exists)
        connection = socket.socket(socket.AF_UNIX)
        self.wait_until(lambda: connection.connect_ex(str(path)) == 0)
        self.monitor = connection.makefile("rw")
        self.monitor.readline()  # the greeting
        self.command("qmp_capabilities")

    def wait_until(self, condition):
        while not condition():
            assert self.process.poll() is None, "QEMU ended"
            time.sleep(0.01)

    def text(self):
        return self.console.read_text(errors="replace") if self.console.exists() else ""

    def command(self, name):
        self.monitor.write(json.dumps({"execute": name}) + "\n")
        self.monitor.flush()
        while True:
            answer = json.loads(self.monitor.readline())
            if "event" not in answer:
                return answer

    def press_nmi_until_it_ends(self):
        count = 0
        try:
            while "return" in self.command("inject-nmi"):
                count += 1
                time.sleep(0.0005)
        except (OSError, ValueError):
            pass  # it has ended
        return count


@pytest.mark.skipif(not shutil.which("qemu-system-x86_64"), reason="no QEMU")
@pytest.mark.parametrize("width", (32, 64))
def test_nmi_button_does_not_disturb(tmp_path, width):
    subprocess.run(["make", "-s", f"build/lhv{width}.elf"], cwd=ROOT, check=True)
    machine = Machine(tmp_path, width)
    machine.wait_until(lambda: "\n1.." in machine.text())
    pressed = machine.press_nmi_until_it_ends()
    assert machine.process.wait() == 33, machine.text()  # PASS
    report = ktap.parse(machine.text())
    assert report.problems == [], machine.text()
    assert pressed > 5, "the machine was gone too soon"
    assert "NMIs that nobody here sent" not in machine.text()
