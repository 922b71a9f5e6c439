# SPDX-License-Identifier: BSD-2-Clause
"""repeat=forever: until a key is pressed, wherever the keyboard is."""

import subprocess

import pytest
from conftest import ROOT
from diagnosis import ktap

PROMPT = "# repeat=forever: press a key to end it"


@pytest.fixture
def start(tmp_path):
    """start(width, words..., monitor=) -> Popen whose stdin is the serial line or QEMU's monitor"""
    started = []

    def start(width, *words, monitor=False):
        log = tmp_path / "log"
        log.touch()
        command = ["timeout", "-k", "5", "100", "qemu-system-x86_64", "-accel", "tcg", "-cpu", "max"]
        command += ["-m", "64", "-smp", "2", "-nodefaults", "-display", "none", "-no-reboot"]
        line = f"file,id=line,path={log}" if monitor else f"stdio,id=line,logfile={log}"
        command += ["-chardev", line]
        command += ["-serial", "chardev:line", *(["-monitor", "stdio"] if monitor else [])]
        command += ["-kernel", f"build/lhv{width}.elf", "-append", " ".join(words)]
        started.append(
            subprocess.Popen(
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, bufsize=0
            )
        )
        return started[-1], log

    yield start
    for process in started:
        process.terminate()
        process.wait()


def wait_for(process, log, text):
    """Until the console has the text: how long that takes is QEMU's limit to bound."""
    while text not in log.read_text(errors="replace"):
        assert process.poll() is None, log.read_text(errors="replace")
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            pass


def finish(process, log):
    assert process.wait() == 0, log.read_text(errors="replace")
    return ktap.parse(log.read_text(errors="replace"))


@pytest.mark.parametrize("width, monitor", [(32, True), (64, False)])
def test_a_key_ends_it(start, width, monitor):
    process, log = start(width, "exp=101,401-403", "repeat=forever", "cpus=all", monitor=monitor)
    wait_for(process, log, PROMPT)
    process.stdin.write(b"sendkey q\n" if monitor else b"q")
    report = finish(process, log)
    assert report.problems == [], report
    assert report.verdict == "PASS", report
    assert len(report.results) == 4, report


def test_a_failure_is_shown_at_once(start):
    """A reset may be the end of it."""
    process, log = start(64, "exp=401,904", "repeat=forever", "order=random")
    wait_for(process, log, "# pass 1, CPU 0: 904 ")
    process.stdin.write(b"\n")
    report = finish(process, log)
    assert report.problems == [], report
    assert report.verdicts() == {401: "PASS", 904: "FAIL"}, report
    assert any(line.startswith("# passes: ") for line in report.lines), report
