# SPDX-License-Identifier: BSD-2-Clause
"""The Xen lab: Xen on an emulated CPU, LHV as its PVH guest. Xen boots once for the short list here;
`make matrix` runs everything."""

import re

import pytest
from conftest import NOT_AVAILABLE, assert_no, execute
from diagnosis import ktap
from verdicts import expected

FOUND = [401, 402, 405, 406]  # finding 110: no nesting is needed for these
LINES = (["exp=403,407,416"], ["exp=" + ",".join(map(str, FOUND))], ["exp=416,903,904"])


@pytest.fixture(scope="module")
def booted():
    """The consoles, in the order of LINES, and what run.sh said"""
    words = [word for line in LINES for word in ("--", *line)][1:]
    result = execute(["tools/run.sh", "--no-install", "lab-xen-svm", *words], width=64)
    if result.status == NOT_AVAILABLE:
        pytest.skip(result.notes.strip())
    consoles = re.split("^(?=# machine: )", result.console, flags=re.MULTILINE)[1:]
    assert len(consoles) == len(LINES), result
    return consoles, result.notes


@pytest.mark.parametrize("number", (0, 1))
def test_only_the_listed_ones_fail(booted, number):
    consoles, notes = booted
    parsed = ktap.parse(consoles[number])
    assert_no(parsed.problems, consoles[number] + notes)
    news = expected.differences(parsed.verdicts(), expected.load("lab-xen-svm", consoles[number]), parsed.texts())
    assert_no([line for line in news if int(re.match(r"\d+", line)[0]) in parsed.verdicts()], consoles[number] + notes)


def test_log_tells_xen_and_emulator(booted):
    for console in booted[0]:
        assert re.match(r"# machine: Xen \d+\.\d+.*, PVH guest, nestedhvm=1, on QEMU \d+\.\d+", console), console
        assert "XenVMMXenVMM" in ktap.parse(console).header and "boot: PVH none" in console, console


def test_run_goes_on_behind_what_ended_the_guest(booted):
    """903 is a triple fault of the host's, 904 fails. Two guests make one report, with Xen's words."""
    console = booted[0][2]
    parsed = ktap.parse(console)
    assert_no(parsed.problems, console)
    assert parsed.verdicts() == {416: "PASS", 903: "FAIL", 904: "FAIL"}, console
    assert re.search("(?m)^# 903: Xen: .*Triple fault", console), console
    assert re.search("experiment 903: the guest's end", booted[1]), booted[1]


def test_hypervisor_that_is_not_there_is_named():
    result = execute(["tools/run.sh", "--no-install", "lab-xen-svm", "exp=401"], xen="/nonexistent")
    assert result.status == NOT_AVAILABLE, result
    assert "XEN=/nonexistent" in result.notes or "cannot be had" in result.notes or "missing here" in result.notes, result
