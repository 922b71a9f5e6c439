# SPDX-License-Identifier: BSD-2-Clause
"""FRED: skipped with a reason where there is none; on a Bochs of the user's own, what only that shows."""

import re

import pytest
from conftest import execute


@pytest.mark.parametrize(
    "environment, reason",
    [
        ({"bochs": ""}, "it needs BOCHS="),
        ({"bochs": "/usr/bin/true", "cpu_model": ""}, "CPU_MODEL=name"),
        ({"bochs": "/etc/passwd", "cpu_model": "x"}, "cannot be executed"),
        ({"bochs": "/usr/bin/true", "cpu_model": "x", "bochs_share": "/nowhere"}, "no BIOS"),
    ],
)
def test_bochs_own_needs_a_bochs(environment, reason):
    result = execute(["tools/run.sh", "--no-install", "bochs-own", "exp=501"], **environment)
    assert result.status == 77, result
    assert reason in result.notes


@pytest.mark.parametrize(
    "platform, width, reason", [("tcg", 64, "no FRED (CPUID.7.1"), ("tcg", 32, "32-bit kernel")]
)
def test_without_fred_everything_is_skipped(run, platform, width, reason):
    result = run(platform, "exp=501-599", width=width)
    assert result.status == 77, result
    assert set(result.report.verdicts().values()) == {"SKIP"}, result
    assert f"# SKIP {reason}" in result.console


@pytest.mark.parametrize(
    "number, why, frame",
    [
        (913, r"#PF: a write at [0-9a-f]+", "exception, vector 14, length 0, from level 0 to 0"),
        (914, r"the host stack overflowed \(#DF\)", "exception, vector 8, length 0, from level 0 to 3"),
    ],
)
def test_a_panic_with_fred_prints_its_frame(run, number, why, frame):
    result = run("bochs-own", f"exp={number}")
    assert result.status == 2, result
    assert re.search(f"Bail out! {why}", result.console), result
    assert f"# FRED: {frame}" in result.console


def test_a_hang_with_fred_is_a_failure_and_the_run_goes_on(run):
    result = run("bochs-own", "exp=915,401,502")
    assert result.report.verdicts() == {915: "FAIL", 401: "PASS", 502: "PASS"}, result
