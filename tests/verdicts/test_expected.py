# SPDX-License-Identifier: BSD-2-Clause
"""The lists in tests/expected, and what is held against them."""

import pytest
from verdicts import expected, platforms

LAB = "# machine: KVM of Linux 6.12.117, nested=1, with QEMU 7.2.22, on QEMU 11.1.3's TCG, EPYC\n"
BOCHS = "# machine: Bochs 2.7, cpu: model=ryzen\n"


def verdicts(text, console=""):
    listed = expected.parse(text, platforms.load("lab-svm").versions_of(console))
    return {number: line.verdict for number, line in listed.items()}


def test_list():
    text = "# comment\n\n17  FAIL  # pending NMI lost (fixed in 3.0)\n401 RECORD # open\n"
    assert verdicts(text) == {17: "FAIL", 401: "RECORD"}


def test_findings_of_a_line():
    line = expected.parse_line("17 FAIL  # finding 001, finding 023: why")
    assert line.findings() == ["001", "023"]


@pytest.mark.parametrize(
    "line",
    ["17 FAIL", "17 FAIL #", "17 GOOD # why", "x FAIL # why", "17 FAIL[] # a", "17 FAIL[6.1 # a"],
)
def test_line_without_reason_or_sense(line):
    with pytest.raises(ValueError):
        expected.parse(line)


def test_line_given_twice():
    with pytest.raises(ValueError):
        expected.parse("1 FAIL # a\n1 SKIP # b\n")


@pytest.mark.parametrize(
    "platform, console, versions",
    [
        ("lab-svm", LAB, ("6.12", "on-11.1")),
        ("bochs-svm", BOCHS, ("2.7",)),
        ("tcg-svm", BOCHS, ("",)),
        ("lab-svm", "", ("",)),
    ],
)
def test_versions_are_read_from_the_log(platform, console, versions):
    assert platforms.load(platform).versions_of(console) == versions


@pytest.mark.parametrize(
    "line, holds",
    [
        ("1 FAIL[6.12] # a", True),
        ("1 FAIL[6.1,7.2] # a", False),
        ("1 FAIL[on-11.1] # a", True),
        ("1 FAIL[on-7.2] # a", False),
        ("1 FAIL[6.12,on-7.2] # a", False),
        ("1 FAIL[6.1,6.12,on-7.2,on-11.1] # a", True),
    ],
)
def test_line_holds_for_its_versions(line, holds):
    assert (verdicts(line, LAB) == {1: "FAIL"}) == holds


def test_versions_may_differ():
    assert verdicts("1 FAIL[6.1] # a\n1 CHANCE[6.12] # b\n", LAB) == {1: "CHANCE"}


@pytest.mark.parametrize(
    "verdict, listed, news",
    [
        ("PASS", None, False),
        ("SKIP", None, False),
        ("FAIL", None, True),
        ("CHANCE", None, True),
        ("RECORD", None, False),
        ("FAIL", "FAIL", False),
        ("PASS", "FAIL", True),
        ("CHANCE", "FAIL", True),
        ("SKIP", "FAIL", True),
        ("PASS", "CHANCE", False),
        ("FAIL", "CHANCE", False),
        ("CHANCE", "CHANCE", False),
        ("SKIP", "CHANCE", False),
    ],
)
def test_differences(verdict, listed, news):
    lines = expected.parse(f"17 {listed} # why") if listed else {}
    assert bool(expected.differences({17: verdict}, lines)) == news


def test_listed_experiment_that_did_not_run():
    lines = expected.parse("17 FAIL # why")
    assert expected.differences({}, lines) == ["17: did not run, expected FAIL"]


def test_lists_can_be_read():
    for path in expected.DIRECTORY.glob("*.txt"):
        lines = expected.parse_lines(path.read_text())
        assert "PASS" not in [line.verdict for line in lines]  # that goes without saying


KNOWN = "17 FAIL # why\n    expected: a; got: b\n    expected: a; got: c\n18 FAIL # why\n"


@pytest.mark.parametrize(
    "number, text, news",
    [
        (17, "expected: a; got: b", False),
        (17, "expected: a; got: c", False),
        (17, "expected: a; got: d", True),
        (17, "expected: a; got: b | expected: e; got: f", True),
        (18, "expected: a; got: d", False),
    ],
)
def test_failure_with_another_text_is_news(number, text, news):
    verdicts, texts = {17: "FAIL", 18: "FAIL"}, {number: text}
    assert bool(expected.differences(verdicts, expected.parse(KNOWN), texts)) == news


def test_texts_are_learnt_from_logs():
    learnt = expected.with_texts("# head\n17 FAIL[6.1] # why\n18 FAIL # why\n", ("6.1",), {17: "b", 18: "c"})
    learnt = expected.with_texts(learnt, ("6.12",), {17: "x", 18: "a"})
    assert learnt == "# head\n17 FAIL[6.1] # why\n    b\n18 FAIL # why\n    a\n    c\n"
    assert expected.without_texts(learnt) == "# head\n17 FAIL[6.1] # why\n18 FAIL # why\n"
