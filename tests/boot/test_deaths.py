# SPDX-License-Identifier: BSD-2-Clause
"""A CPU dies, in a test kernel: some of the table that tools/torture has whole."""

import pytest
from faults import deaths

some = pytest.mark.parametrize(
    "who, how, where",
    [
        (0, "hlt", "before"),
        (1, "spin", "root"),
        (2, "sti", "entry"),
        (0, "nmi", "host"),
        (1, "ud", "host"),
        (0, "spin", "guest"),
        (1, "hlt", "guest"),
        (0, "smash", "gap"),
        (2, "nmi", "gap"),
        (0, "spin", "print"),
        (1, "sti", "print"),
        (2, "init", "start"),
        (0, "triple", "host"),
        (1, "mute", "host"),
        (1, "mute", "gap"),
        (0, "nmi", "entry"),  # Bochs keeps the INIT that takes the CPU back
    ],
)


@pytest.mark.parametrize("platform", deaths.PLATFORMS)
@some
def test_death_has_a_verdict_that_names_the_cpu(platform, who, how, where):
    result = deaths.run_one(platform, who, how, where)
    end = deaths.judge(result, platform, who, how, where)
    assert end == ("run.sh" if how == "triple" else "kernel"), result.stdout + result.stderr


@pytest.mark.parametrize("platform", deaths.PLATFORMS)
def test_helper_that_is_late_ends_no_storm(platform):
    """A second is more than a million rounds of the storm take."""
    result = deaths.run_one(platform, 1, "sleep", "storm", experiments="435")
    assert "LHV: PASS" in result.stdout, result.stdout + result.stderr
    assert "lost" not in result.stdout, result.stdout


@pytest.mark.parametrize("platform", deaths.PLATFORMS)
def test_helper_that_moves_but_never_answers_is_replaced(platform):
    result = deaths.run_one(platform, 1, "mute", "storm", experiments="435")
    assert "# CPU 1 (APIC ID 1) is lost in experiment 435, " in result.stdout, result.stdout
    assert "\nok 1 435 " in result.stdout, result.stdout


def test_helper_that_moves_but_never_answers_with_nobody_to_replace_it():
    result = deaths.run_one("tcg-svm", 1, "mute", "gap", cpus=2)
    assert "# CPU 1 (APIC ID 1) is lost in experiment 103, " in result.stdout, result.stdout
    assert result.stdout.endswith("LHV: ERROR\n"), result.stdout


def test_no_other_kernel_knows_the_word(run):
    result = run("tcg-svm", "exp=401", "die=0,spin,host")
    assert result.status == 2, result
    assert '"die=0,spin,host": unknown option' in result.console, result
