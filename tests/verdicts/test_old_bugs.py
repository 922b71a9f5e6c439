# SPDX-License-Identifier: BSD-2-Clause
"""tools/old-bugs: the patches' heads, that they apply, and what is made of two logs."""

import os
import pathlib
import subprocess

import pytest
from oldbugs import bugs, runs, table
from verdicts import platforms

ALL = [bugs.parse(path) for path in sorted(bugs.FOLDER.glob("*.patch"))]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "lhv"
SOURCES = sorted(CACHE.glob("lab/kbuild-7.*/pristine"))

HEAD = "# machine: KVM of Linux 7.2.13, nested=1, on QEMU 10.0.13\nKTAP version 1\n"
FAILURE = "expected: NMI in host after IRET; got: {}"


def console(results, last="LHV: FAIL"):
    lines = [f"1..{len(results)}"]
    for i, (number, got) in enumerate(results.items(), 1):
        lines += [f"{'not ' if got else ''}ok {i} {number} name{number}"]
        lines += [f"# {number}: APM R1. {FAILURE.format(got)}"] if got else []
    return HEAD + "\n".join([*lines, last]) + "\n"


def test_there_are_forty():
    assert len(ALL) >= 40


@pytest.mark.parametrize("bug", ALL, ids=lambda bug: bug.name)
def test_each_says_what_it_puts_back(bug):
    text = bug.path.read_text()
    assert text.startswith("SPDX-License-Identifier: GPL-2.0-only\n\n")
    assert bug.title or "Takes away what keeps KVM from a mistake of its past" in text
    assert bug.effect and bug.expected
    assert bug.platform in platforms.load_all()


@pytest.mark.skipif(not SOURCES, reason="no source of Linux 7.2 here: KERNEL=sid KVM=patched tools/run.sh lab-svm")
@pytest.mark.parametrize("bug", ALL, ids=lambda bug: bug.name)
def test_each_applies_to_the_newest(bug):
    command = ["patch", "--dry-run", "-d", SOURCES[-1], "-p1", "-F2", "-i", bug.path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_a_new_failure_a_new_text_and_a_pass_are_seen():
    base = console({401: "", 402: "nothing", 403: "nothing", 404: ""})
    other = console({401: "fence", 402: "fence", 403: "", 404: ""})
    seen = runs.judged("lab-svm", base, other)
    assert (seen.verdicts, seen.texts, seen.lost) == ([401, 403], [402], False)


def test_what_fails_by_chance_is_not_counted():
    assert runs.judged("lab-svm", console({409: ""}), console({409: "fence"})).missed()  # finding 009


def test_a_run_that_does_not_end_is_seen_and_one_that_is_missing_is_not():
    bail = "Bail out! 401 was stuck, and the host cannot be taken back\nLHV: ERROR"
    seen = runs.judged("lab-svm", console({401: ""}), console({401: ""}, last=bail))
    assert seen.ended.startswith("401 was stuck") and not seen.missed()
    seen = runs.judged("lab-svm", console({401: ""}), "")
    assert seen.lost and not seen.ended


def test_only_what_is_seen_twice_counts(monkeypatch):
    found = {bug.name: runs.Seen([401, 402]) for bug in ALL[:1]}
    second = [console({401: "", 402: ""}), console({401: "fence", 402: ""})]
    monkeypatch.setattr(runs, "boot", lambda platform, lines: second)
    runs.again("lab-svm", found, ALL[:1])
    assert found[ALL[0].name].verdicts == [401]


def test_the_table_tells_seen_from_not_seen():
    found = {ALL[0].name: runs.Seen([401]), ALL[1].name: runs.Seen()}
    lines = list(table.lines(ALL[:2], found))
    assert lines[0] == "2 put back: 1 seen by a verdict, 1 not seen."
    assert any(line.startswith(f"| {ALL[0].name} |") and line.endswith("| 401 |") for line in lines)
    assert any(line.startswith(f"| {ALL[1].name} |") for line in lines[lines.index("") :])
