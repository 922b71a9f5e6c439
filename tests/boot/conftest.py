# SPDX-License-Identifier: BSD-2-Clause
"""Boots the kernel through tools/run.sh, or an image of it directly in QEMU."""

import os
import pathlib
import subprocess
from dataclasses import dataclass

import pytest
from diagnosis import ktap

ROOT = pathlib.Path(__file__).parent.parent.parent
PLATFORMS = ("bochs-vmx", "bochs-svm", "bochs3-vmx", "bochs3-svm", "tcg-svm", "kvm")
NOT_AVAILABLE = 77


@dataclass
class Run:
    status: int
    console: str
    notes: str  # what run.sh said
    report: ktap.Report

    def __str__(self):  # what pytest shows of a failed run
        return f"status {self.status}\n{self.console}\n{self.notes}"


def execute(command, **environment):
    # Not the caller's: CPUS=1 tools/test.sh should test what tools/test.sh tests.
    inherited = {k: v for k, v in os.environ.items() if k not in ("WIDTH", "CPUS", "MEMORY", "EXTRA")}
    environment = {name.upper(): str(value) for name, value in environment.items()}
    result = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env={"DIAGNOSE": "no", **inherited, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=600,
    )
    return Run(result.returncode, result.stdout, result.stderr, ktap.parse(result.stdout))


@pytest.fixture
def run():
    """run(platform, words..., width=, cpus=, memory=, limit=, extra=, serial=) -> Run"""

    def run(platform, *words, width=64, **environment):
        result = execute(
            ["tools/run.sh", "--no-install", platform, *words], width=width, **environment
        )
        if result.status == NOT_AVAILABLE:
            pytest.skip(result.notes.strip())
        return result

    return run


@pytest.fixture
def boot_image():
    """boot_image(path, qemu's arguments...) -> Run: BIOS and GRUB, in QEMU; status 0: it powered
    itself off, 124: it was still running after 30 seconds."""

    def boot_image(image, *arguments, console="-serial"):
        command = ["timeout", "-k", "5", "30", "qemu-system-x86_64", "-accel", "tcg"]
        command += ["-m", "64", "-smp", "2", "-nodefaults", "-display", "none", "-no-reboot"]
        command += ["-drive", f"file={image},format=raw", "-snapshot", console, "stdio"]
        return execute([*command, *arguments])

    return boot_image
