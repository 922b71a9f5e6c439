# SPDX-License-Identifier: BSD-2-Clause
"""Boots the kernel through tools/run.sh, or an image of it directly in QEMU."""

import os
import pathlib
import subprocess
from dataclasses import dataclass

import pytest
from diagnosis import ktap
from verdicts import platforms

ROOT = pathlib.Path(__file__).parent.parent.parent
PLATFORMS = platforms.load_all()
NOT_AVAILABLE = 77

# Files of tests that share what is made once: they run one after the other, in one process
# (pytest-xdist's --dist loadgroup), and first, since they are the longest. The labs' do by platform.
SHARING = {"test_lab": "lab", "test_lab_xen": "xen", "test_image": "images", "test_images": "images", "test_deaths": "deaths"}


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks at the marks
def pytest_collection_modifyitems(items):
    for item in items:
        group = SHARING.get(item.path.stem)
        if group == "lab":
            group = next((name for name in PLATFORMS if f"[{name}" in item.name), group)
        if group:
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: item.path.stem not in SHARING)


@dataclass
class Run:
    status: int
    console: str
    notes: str  # what run.sh said
    report: ktap.Report

    def __str__(self):  # what pytest shows of a failed run
        return f"status {self.status}\n{self.console}\n{self.notes}"


def assert_no(news, shown):
    """What is wrong comes first: of a long message a CI's log shows the beginning."""
    __tracebackhide__ = True
    assert not news, "\n".join([*map(str, news), "", str(shown)])


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
        timeout=900,
    )
    return Run(result.returncode, result.stdout, result.stderr, ktap.parse(result.stdout))


@pytest.fixture
def run():
    """run(platform, words..., width=, cpus=, memory=, limit=, extra=, serial=) -> Run"""

    def run(platform, *words, width=64, **environment):
        result = execute(
            ["tools/run.sh", "--no-install", platform, *words], width=width, **environment
        )
        if result.status == NOT_AVAILABLE and result.report.verdict != "SKIP":
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


class Conversation:
    """A QEMU that runs; its console so far is in a file."""

    def __init__(self, log, command):
        self.log = log
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, bufsize=0
        )

    def console(self):
        return self.log.read_text(errors="replace")

    def wait_for(self, text):
        """How long that takes is QEMU's limit to bound."""
        while text not in self.console():
            assert self.process.poll() is None, self.console()
            try:
                self.process.wait(0.1)
            except subprocess.TimeoutExpired:
                pass

    def say(self, text):
        self.process.stdin.write(text.encode())

    def report(self):
        assert self.process.wait() == 0, self.console()
        return ktap.parse(self.console())


@pytest.fixture
def talk(tmp_path):
    """talk(qemu's arguments..., monitor=False) -> Conversation, by serial line or with the monitor"""
    talks = []

    def talk(*arguments, monitor=False):
        log = tmp_path / f"console{len(talks)}"
        log.touch()
        line = f"file,id=line,path={log}" if monitor else f"stdio,id=line,logfile={log}"
        command = ["timeout", "-k", "5", "100", "qemu-system-x86_64", "-accel", "tcg", "-cpu", "max"]
        command += ["-m", "128", "-smp", "2", "-nodefaults", "-display", "none", "-no-reboot"]
        command += ["-chardev", line, "-serial", "chardev:line"]
        command += ["-monitor", "stdio"] if monitor else []
        talks.append(Conversation(log, [*command, *(str(word) for word in arguments)]))
        return talks[-1]

    yield talk
    for conversation in talks:
        conversation.process.terminate()
        conversation.process.wait()
