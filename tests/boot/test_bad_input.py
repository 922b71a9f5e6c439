# SPDX-License-Identifier: BSD-2-Clause
"""Machines and command lines that are not as they should be."""

import re

import pytest
from conftest import NOT_AVAILABLE, assert_no, execute
from verdicts import expected

both_widths = pytest.mark.parametrize("width", (32, 64))


@both_widths
@pytest.mark.parametrize(
    "word", ["nonsense", "exp=", "exp=1,,2", "exp=5-", "cpus=none", "repeat=0", "exit=never", "com=1,0"]
)
def test_command_line_error_names_the_word(run, word, width):
    result = run("tcg-svm", "exp=401", word, width=width)
    assert result.status == 2, result
    assert result.report.verdict == "ERROR", result
    assert f'"{word}"' in result.console, result


@pytest.mark.parametrize("words", [["exp=95-100"], ["exp=401", "not=401"], ["not=1-999"]])
def test_selection_of_nothing_is_an_error(run, words):
    result = run("tcg-svm", *words)
    assert result.status == 2, result
    assert "exp= and not= leave no experiment to run" in result.console, result


@pytest.mark.parametrize("words, status", [(500, 0), (520, 2)])
def test_command_line_may_have_4095_characters(run, words, status):
    """QEMU's file name is among them, in front."""
    result = run("tcg-svm", "exp=401 " * words + "verbose")
    assert result.status == status, result
    assert ("longer than 4095 characters" in result.console) == (status == 2), result
    assert ("# 401: nmi_blocks_until_iret" in result.console) == (status == 0), result


@both_widths
def test_run_in_which_all_is_skipped_is_no_pass(width):
    result = execute(["tools/run.sh", "--no-install", "tcg", "exp=13,101"], width=width)
    assert_no(result.report.problems, result)
    assert result.report.lines[-1] == "LHV: SKIP", result
    assert result.status == NOT_AVAILABLE, result


@both_widths
def test_without_vmx_and_svm_the_rest_runs(run, width):
    result = run("tcg", width=width)
    assert_no(result.report.problems, result)
    verdicts = result.report.verdicts()
    assert_no(expected.differences(verdicts, expected.load("tcg", result.console)), result)
    assert {401, 402, 403, 405, 406, 410} <= {n for n, v in verdicts.items() if v == "PASS"}, result
    for test in result.report.results:
        # 310 looks at what is below; 4xx may be for another vendor's CPUs, or another width.
        assert test.number == 310 or test.number > 400 or test.verdict == "SKIP", test
        assert test.verdict != "SKIP" or test.reason, test


@both_widths
def test_without_serial_port(run, width):
    result = run("tcg-svm", "exp=401", width=width, serial="none", limit=30)
    assert_no(result.report.problems, result)
    assert result.status == 0, result


@both_widths
def test_com_that_is_not_there(run, width):
    result = run("tcg-svm", "exp=401", "com=0x2f8,115200", width=width, serial="none", limit=30)
    assert result.status == 0, result


@both_widths
def test_without_acpi_there_is_one_cpu_and_a_warning(run, width):
    result = run("tcg-svm", "exp=101,103,401", width=width, extra="-no-acpi")
    assert_no(result.report.problems, result)
    assert result.status == 0, result
    assert ", 1 CPU " in result.report.header, result
    assert "# warning: ACPI: no RSDP" in result.console, result
    skipped = [test for test in result.report.results if test.number == 101]
    assert "one CPU" in skipped[0].reason, result


@both_widths
def test_without_legacy_devices(run, width):
    """No PIC, no PIT, no PM timer, no PCI: a machine of today, as QEMU has it."""
    machine = "-machine microvm,pit=off,pic=off,rtc=off -cpu max"
    result = run("tcg-svm", "exp=101,401", width=width, limit=30, extra=machine)
    assert_no(result.report.problems, result)
    assert result.status == 0, result
    assert ", 2 CPUs " in result.report.header, result
    assert "# clock: no clock: 4 GHz assumed" in result.console, result


@both_widths
@pytest.mark.parametrize("extra, clock", [("", "ACPI PM timer"), ("-no-acpi", "PIT")])
def test_clock_is_named(run, extra, clock, width):
    result = run("tcg", "exp=401", width=width, extra=extra)
    assert f"# clock: {clock}, TSC " in result.console, result


@both_widths
def test_memory_above_4_gigabytes(run, width):
    result = run("tcg-svm", "exp=101,401", width=width, memory=6144, limit=30)
    assert_no(result.report.problems, result)
    assert result.status == 0, result


@both_widths
def test_8_megabytes_of_memory(run, width):
    result = run("tcg-svm", "exp=401", width=width, memory=8, limit=30)
    assert result.status == 0 or "memory" in result.console, result


lost_on = pytest.mark.parametrize("platform", ("tcg-svm", "bochs-vmx", "bochs-svm"))


@both_widths
@lost_on
def test_hang_of_host_or_guest_is_a_failure_and_the_run_goes_on(run, platform, width):
    """901 hangs the host, 902 the guest."""
    result = run(platform, "exp=901,902", width=width, limit=30)
    assert_no(result.report.problems, result)
    assert result.report.verdicts() == {901: "FAIL", 902: "FAIL"}, result
    assert result.status == 1, result


@both_widths
@lost_on
def test_triple_fault_is_an_error_that_says_where(run, platform, width):
    result = run(platform, "exp=401,903", width=width, limit=30)
    assert result.status == 2, result
    assert "in experiment 903" in result.notes, result


@both_widths
@lost_on
def test_wrong_and_missing_expectations_fail(run, platform, width):
    result = run(platform, "exp=904,905", width=width)
    assert_no(result.report.problems, result)
    assert result.report.verdicts() == {904: "FAIL", 905: "FAIL"}, result


@both_widths
@lost_on
def test_run_goes_on_without_a_cpu_that_cannot_be_taken_back(run, platform, width):
    result = run(platform, "exp=401,906", "timeout=1", width=width, limit=60)
    assert result.status == 2, result
    assert result.report.verdict == "ERROR", result
    assert result.report.verdicts() == {401: "PASS", 906: "FAIL"}, result
    assert "# CPU 0 (APIC ID 0) is lost in experiment 906, " in result.console, result


@both_widths
@pytest.mark.parametrize("number, rescue", [(907, "INIT"), (918, "SIPI")])
def test_guest_that_holds_nmis_is_taken_back(run, width, number, rescue):
    result = run("bochs-vmx", f"exp={number}", width=width, limit=30)
    assert_no(result.report.problems, result)
    assert result.report.verdicts() == {number: "FAIL"}, result
    assert f"-> {rescue} exit" in "\n".join(result.report.lines), result


def test_hang_of_the_machine_is_an_error_that_says_where(run):
    """With one CPU nobody is left to watch."""
    result = run("tcg-svm", "exp=901", cpus=1, limit=5)
    assert result.status == 2 or result.report.verdicts() == {901: "SKIP"}, result


faults = pytest.mark.parametrize(
    "number, why, functions",
    [
        (908, r"the host stack overflowed \(#DF\)", [r"dig\S*, \d+ times", "experiment_908|runner_try"]),
        (909, r"#PF: a write at [0-9a-f]+ \(not allowed\)", ["experiment_909", "runner_try"]),
        (910, r"#PF: execution at [0-9a-f]+ \(not allowed\)", ["runner_try"]),
        (911, r"#PF: a read at 8 \(not mapped\)", ["experiment_911"]),
    ],
)


@both_widths
@pytest.mark.parametrize("platform, cpu", [("tcg-svm", 0), ("tcg-svm", 1), ("bochs-vmx", 1)])
@faults
def test_exception_is_reported_with_names(run, number, why, functions, platform, cpu, width):
    """908 overflows the stack, 909 writes to the text, 910 executes data, 911 reads at NULL."""
    result = run(platform, f"exp=401,{number}", f"cpus={cpu}", width=width, limit=30)
    assert result.status == 2, result
    lines = result.report.lines
    assert lines[-1] == "LHV: ERROR", result
    lost = rf"# CPU {cpu} \(APIC ID {cpu}\) is lost in experiment {number}, running experiments: {why}"
    assert any(re.fullmatch(lost, line) for line in lines), result
    assert result.report.verdicts() == {401: "PASS", number: "FAIL"}, result
    assert any(re.search(f"{why}.* on CPU {cpu}$", line) for line in lines), result
    trace = lines[lines.index("# backtrace:") :]
    for function in [*functions, "runner_run"]:
        trace = trace[1:]
        while trace and not re.search(function, trace[0]):
            trace = trace[1:]
        assert trace, (function, result)


@both_widths
@pytest.mark.parametrize("platform", ("tcg-svm", "bochs-vmx"))
def test_failure_under_nmis_of_the_platform_is_called_disturbed(run, platform, width):
    result = run(platform, "exp=904,912", "repeat=3", width=width, limit=30)
    assert_no(result.report.problems, result)
    assert result.report.verdicts() == {904: "FAIL", 912: "FAIL"}, result
    disturbed = [line for line in result.report.lines if "disturbed" in line]
    assert disturbed == ["# 912: disturbed, 3 of 3 times: other CPUs got NMIs that nobody here sent"]
    assert "# warning: CPU 1 got 3 NMIs that nobody here sent" in result.report.lines, result


@both_widths
def test_255_cpus(run, width):
    """As many as xAPIC can address; more need x2APIC, which QEMU's TCG has from 9.0 on."""
    result = run("tcg-svm", "exp=101,401", "cpus=254", width=width, cpus=255, memory=128)
    assert_no(result.report.problems, result)
    assert result.status == 0, result
    assert ", 255 CPUs xAPIC" in result.report.header, result


@both_widths
def test_hyper_threads_are_told(run, width):
    result = run("tcg", "exp=401", width=width, cpus=4, extra="-smp 4,cores=2,threads=2")
    assert result.status == 0, result
    assert "# cores: up to 2 threads each" in result.report.lines, result


@both_widths
def test_cpu_without_no_execute(run, width):
    """910 executes data: it comes back."""
    result = run("tcg-svm", "exp=101,401,910", width=width, extra="-cpu max,-nx")
    assert_no(result.report.problems, result)
    assert result.report.verdicts() == {101: "PASS", 401: "PASS", 910: "PASS"}, result
    result = run("tcg-svm", "exp=909", width=width, extra="-cpu max,-nx")
    assert re.search("is lost in experiment 909, .*#PF: a write at", result.console), result
