# SPDX-License-Identifier: BSD-2-Clause
"""The reader of the kernel's reports."""

import pytest
from conftest import assert_no
from diagnosis import ktap

GOOD = """\
SeaBIOS\x1b[2JKTAP version 1
# lhv 0.1 (64-bit) on TCGTCGTCGTCG, AuthenticAMD 6-6-3, SVM: npt, 2 CPUs, boot: multiboot
1..3
ok 1 101 nmi_goes_to_the_guest
not ok 2 105 nmi_exits
# 105: expected: NMI; got: nothing
ok 3 301 vnmi_is_delivered # SKIP no vNMI (CPUID 8000_000A EDX[25])
# passed 1, failed 1, skipped 1, recorded 0, 41 ms
LHV: FAIL
"""


def test_good_report():
    report = ktap.parse(GOOD.replace("\n", "\r\n"))
    assert report.problems == []
    assert report.width == 64
    assert report.verdicts() == {101: "PASS", 105: "FAIL", 301: "SKIP"}
    assert report.results[2].reason == "no vNMI (CPUID 8000_000A EDX[25])"
    assert report.results[1].failure == "expected: NMI; got: nothing"
    assert report.verdict == "FAIL"


@pytest.mark.parametrize(
    "old, new, problem",
    [
        ("LHV: FAIL\n", "", "the last line is not a verdict"),
        ("LHV: FAIL\n", "LHV: FAIL\nmore\n", "the last line is not a verdict"),
        ("LHV: FAIL", "LHV: PASS", "1 failures and PASS"),
        ("1..3", "1..4", "3 results, 4 planned"),
        ("ok 3", "ok 4", "result 3 is numbered 4"),
        ("failed 1", "failed 2", "totals and 1 x FAIL disagree"),
        ("passed 1,", "passed 2,", "totals and 1 passes disagree"),
        ("# passed", "# past", "no totals"),
        ("KTAP version 1", "", "no KTAP version line"),
        ("ok 1 101 nmi_goes_to_the_guest", "ok 1", "not a KTAP result: 'ok 1'"),
    ],
)
def test_bad_report(old, new, problem):
    assert problem in ktap.parse(GOOD.replace(old, new)).problems


def test_empty_report():
    assert ktap.parse("").problems


def test_worst_of_several_runs_counts():
    text = GOOD.replace("ok 3 301", "ok 3 105")
    assert ktap.parse(text).verdicts()[105] == "FAIL"


def test_what_is_wrong_comes_before_the_console():
    with pytest.raises(AssertionError) as error:
        assert_no(["13: FAIL, known is PASS"], GOOD * 1000)
    assert str(error.value).startswith("13: FAIL, known is PASS\n")
