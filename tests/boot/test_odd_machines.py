# SPDX-License-Identifier: BSD-2-Clause
"""Machines that lack what the kernel cannot do without: it says what."""

import pytest
from conftest import assert_no

both_widths = pytest.mark.parametrize("width", (32, 64))


def assert_told(result, text):
    assert result.status == 2, result
    lines = result.console.splitlines()
    assert [line for line in lines if text in line], result
    assert lines[-1] == "LHV: ERROR", result


@pytest.mark.parametrize(
    "width, cpu, text",
    [
        (32, "486", "this CPU has no PAE (CPUID.1:EDX[6])"),
        (32, "pentium", "this CPU has no PAE (CPUID.1:EDX[6])"),
        (64, "pentium3", "this CPU has no long mode (CPUID.80000001H:EDX[29]): boot lhv32.elf"),
        (32, "max,-cmov", "this CPU has no CMOV (CPUID.1:EDX[15])"),
        (64, "max,-cmov", "this CPU has no CMOV (CPUID.1:EDX[15])"),
        (32, "max,level=0", "this CPU has no CPUID leaf 1 (CPUID.0:EAX)"),
        (64, "max,level=0", "this CPU has no CPUID leaf 1 (CPUID.0:EAX)"),
        (64, "max,-apic", "this CPU has no local APIC (CPUID.1:EDX[9]): NMIs cannot be sent"),
    ],
)
def test_cpu(run, width, cpu, text):
    assert_told(run("tcg", "exp=401", width=width, limit=30, extra=f"-cpu {cpu}"), text)


@both_widths
def test_too_little_memory_is_what_the_kernel_says(run, width):
    """run.sh believes in 64 MB."""
    result = run("tcg", "exp=401", width=width, limit=30, extra="-m 2")
    assert_told(result, "too little memory: there is no RAM where this kernel ends")


@pytest.mark.parametrize("memory", (1, 2))
def test_too_little_memory_is_what_run_sh_says(run, memory):
    result = run("tcg", "exp=401", memory=memory)
    assert result.status == 2, result
    assert f"MEMORY={memory}: the kernel needs 3 MB" in result.notes, result


@both_widths
def test_3_megabytes_are_enough(run, width):
    result = run("tcg-svm", "exp=101,401,412", width=width, memory=3, limit=30)
    assert_no(result.report.problems, result)
    assert result.status == 0, result


@pytest.mark.parametrize("width, cpu", [(64, "max,-syscall"), (32, "max,-sep")])
def test_without_a_fast_way_from_ring_3(run, width, cpu):
    result = run("tcg-svm", "exp=401,402", width=width, extra=f"-cpu {cpu}")
    assert result.report.verdicts() == {401: "PASS", 402: "SKIP"}, result
