# SPDX-License-Identifier: BSD-2-Clause
"""All experiments, on every platform there is: the verdicts are the expected ones."""

import os

import pytest
from conftest import PLATFORMS, assert_no, execute
from verdicts import expected

# A lab boots once for several runs: test_lab.py.
everywhere = pytest.mark.parametrize("platform", [n for n, p in PLATFORMS.items() if not p.carrier])
both_widths = pytest.mark.parametrize("width", (32, 64))


def assert_expected(result, platform):
    assert_no(result.report.problems, result)
    listed = expected.load(platform, result.console)
    assert_no(expected.differences(result.report.verdicts(), listed, result.report.texts()), result)
    assert result.status == (1 if result.report.count("FAIL") else 0), result


@both_widths
@everywhere
def test_all(run, platform, width):
    result = run(platform, width=width)
    assert_expected(result, platform)
    assert result.report.width == width


@pytest.mark.parametrize("platform", ["bochs-vmx", "bochs-svm"])
def test_cpus_in_step(run, platform):
    """By default Bochs runs each CPU for a while: then no NMI comes within 407's shadow."""
    assert_expected(run(platform, extra="cpu: quantum=1"), platform)


@both_widths
@everywhere
def test_verdicts_do_not_depend_on_order_or_repetition(run, platform, width):
    result = run(platform, "repeat=20", "order=random", "seed=7", width=width)
    assert_expected(result, platform)
    assert result.report.verdicts() == run(platform, width=width).report.verdicts()


@both_widths
@everywhere
def test_every_cpu_in_turn(run, platform, width):
    assert_expected(run(platform, "cpus=all", width=width), platform)


def test_no_nmi_of_a_storm_is_misread(run):
    """One that came between two rounds, before the IRET, was taken for a later one: in 1 of 2000."""
    result = run("tcg", "exp=435", "repeat=3000")
    assert result.report.verdict == "PASS", result


@both_widths
@pytest.mark.parametrize(
    "platform, cpus",
    [(name, int(n)) for name, platform in PLATFORMS.items() for n in platform.cpus.split()],
)
def test_number_of_cpus(run, platform, cpus, width):
    result = run(platform, "cpus=all", cpus=cpus, width=width)
    assert_no(result.report.problems, result)
    assert f", {cpus} CPU" in result.report.header, result
    listed = expected.load(platform, result.console)
    for number, verdict in result.report.verdicts().items():
        # What needs a second CPU is skipped on one.
        known = expected.ALLOWED[listed[number].verdict] if number in listed else ("PASS",)
        allowed = (*known, "SKIP", "RECORD")
        assert verdict in allowed, f"{number}: {verdict}\n{result}"


@both_widths
@pytest.mark.parametrize("platform, apic", [(n, p.apic) for n, p in PLATFORMS.items() if p.apic])
def test_apic_mode(run, platform, apic, width):
    """The test of the number of CPUs has been through both modes, then."""
    header = run(platform, "exp=401", width=width).report.header
    assert f" CPUs {apic}," in header, header


def test_experiment_that_takes_long_but_moves_is_not_stuck():
    """All CPUs of a machine on one of the host's: it takes longer than the five seconds of its alarm."""
    one = ["taskset", "-c", str(min(os.sched_getaffinity(0)))]
    result = execute([*one, "tools/run.sh", "--no-install", "tcg", "exp=310", "repeat=3", "timeout=1"])
    assert result.report.verdicts() == {310: "RECORD"}, result
