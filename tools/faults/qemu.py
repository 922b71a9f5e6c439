# SPDX-License-Identifier: BSD-2-Clause
"""A QEMU that runs the kernel, while somebody makes its life hard."""

import os
import pathlib
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
VERDICTS = ("LHV: PASS", "LHV: FAIL", "LHV: SKIP", "LHV: ERROR")


def folder():
    return tempfile.TemporaryDirectory(prefix="lhv-torture-")


class Qemu:
    """What the kernel says is in console(); it has ended when wait() returns."""

    def __init__(self, words, kernel=None, cpus=2, cpu="max", more=()):
        self.words, self.before = words, ""
        self.folder = folder()
        self.path = pathlib.Path(self.folder.name)
        self.log = self.path / "console"
        self.log.touch()
        command = ["qemu-system-x86_64", "-accel", "tcg,thread=multi", "-cpu", cpu, "-m", "64"]
        command += ["-smp", str(cpus), "-nodefaults", "-display", "none", "-no-reboot"]
        command += ["-serial", f"file:{self.log}", "-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
        command += ["-kernel", str(kernel or ROOT / "build/lhv64.elf"), "-append", words, *more]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def console(self):
        return self.log.read_text(errors="replace")

    def runs(self):
        return self.process.poll() is None

    def wait(self, seconds):
        """False: it still runs after so many."""
        try:
            self.process.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            return False

    def wait_for(self, text, seconds):
        """False: it has not said this in so many seconds, or has ended without."""
        end = time.monotonic() + seconds
        while text not in self.console():
            if not self.runs() or time.monotonic() > end:
                return text in self.console()
            time.sleep(0.005)
        return True

    def pause(self, seconds):
        """As a host that suspends, or has other things to do."""
        if self.runs():
            os.kill(self.process.pid, signal.SIGSTOP)
            time.sleep(seconds)
            os.kill(self.process.pid, signal.SIGCONT)

    def verdict(self):
        lines = self.console().split()
        last = " ".join(lines[-2:])
        return last[5:] if last in VERDICTS else ""

    def end(self):
        if self.runs():
            os.kill(self.process.pid, signal.SIGCONT)
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


def busy_loops(count):
    """Processes that use the processors up; the caller ends them."""
    return [subprocess.Popen(["sh", "-c", "while :; do :; done"]) for _ in range(count)]


def end_all(processes):
    for process in processes:
        process.kill()
        process.wait()
