# SPDX-License-Identifier: BSD-2-Clause
"""Logs to results, results to pages; and that what docs/ has is what they say."""

import pathlib
import subprocess
import sys

import pytest
from verdicts import findings, page, results

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

LOG = """\
# machine: Bochs 2.7, cpu: model=ryzen
KTAP version 1
# lhv 0.1 (64-bit) on bare metal, AuthenticAMD 23-1-1, SVM: NPT NRIPS, 2 CPUs xAPIC, boot: x
1..6
ok 1 101 an_nmi_exits
not ok 2 105 an_nmi_blocks
# 105: APM "NMI Intercept" S3. expected: NMI; got: nothing
# 105: failed 5 of 5 times, first on CPU 0 in pass 1
# 105: trace: guest 0, enter() -> settle
not ok 3 106 an_nmi_is_lost
# 106: APM "NMI Intercept" S3. expected: NMI; got: [1 case]
# 106: failed 2 of 5 times, first on CPU 0 in pass 3
ok 4 133 a_sweep
# 133: 1743 cases tried
ok 5 135 an_open_question # RECORD NMI in guest
ok 6 301 vnmi_is_delivered # SKIP no vNMI (CPUID 8000_000A EDX[25])
# passed 3, failed 2, skipped 1, recorded 0, 41 ms
LHV: FAIL
"""


@pytest.fixture
def machine():
    return results.from_logs("bochs-svm", "tools/run.sh bochs-svm repeat=5", [LOG])


def test_log(machine):
    assert (machine.name, machine.version, machine.vendor) == ("bochs-svm-2.7", "2.7", "SVM")
    assert machine.verdicts() == {
        101: "PASS",
        105: "FAIL",
        106: "CHANCE",
        133: "PASS",
        135: "RECORD",
        301: "SKIP",
    }
    assert machine.results[105].details == [
        'APM "NMI Intercept" S3. expected: NMI; got: nothing',
        "trace: guest 0, enter() -> settle",
    ]
    assert machine.results[133].details == []


def test_results_can_be_read_back(machine):
    again = results.parse(results.text_of(machine))
    assert results.text_of(again) == results.text_of(machine)
    assert again.verdicts() == machine.verdicts()


def test_widths_that_differ_are_chance():
    other = LOG.replace("(64-bit)", "(32-bit)").replace("ok 1 101", "not ok 1 101", 1)
    other = other.replace("passed 3, failed 2", "passed 2, failed 3")
    machine = results.from_logs("bochs-svm", "", [LOG, other])
    assert machine.results[101].verdict == "CHANCE"
    assert machine.results[105].verdict == "FAIL"


def test_what_one_width_skips_the_other_decides():
    other = LOG.replace("ok 4 133 a_sweep", "ok 4 133 a_sweep # SKIP 64 bit")
    other = other.replace("passed 3, failed 2, skipped 1", "passed 2, failed 2, skipped 2")
    for texts in ([LOG, other], [other, LOG]):
        assert results.from_logs("bochs-svm", "", texts).results[133].verdict == "PASS"


@pytest.mark.parametrize("text", [LOG[:300], LOG.replace("LHV: FAIL", "LHV: ERROR"), ""])
def test_log_that_is_not_whole_is_refused(text):
    with pytest.raises(ValueError):
        results.from_logs("bochs-svm", "", [text])


def test_lab_is_named_by_its_kernel_and_by_an_unusual_carrier():
    lab = "KVM of Linux 6.1.0-56-cloud-amd64, nested=1, with QEMU 7.2.22, on QEMU 7.2.22's TCG"
    text = LOG.replace("Bochs 2.7, cpu: model=ryzen", lab)
    run = "KERNEL=6.1 tools/run.sh lab-svm"
    assert results.from_logs("lab-svm", run, [text]).name == "lab-svm-6.1"
    text = text.replace("on QEMU 7.2.22", "on QEMU 11.1.3")
    made = results.from_logs("lab-svm", "SUITE=sid " + run, [text])
    assert made.name == "lab-svm-6.1-on-qemu-11.1"
    assert made.title == "KVM 6.1 SVM on QEMU 11.1"


def test_page_links_what_fails_to_its_finding(machine):
    """105 is in no list: it is shown as not attributed. 118 would be finding 024."""
    machine.results[118] = results.Result(118, "injected", "FAIL")
    text = page.text([machine])
    assert "| 101" not in text  # it passes wherever it runs
    assert "| 105 `an_nmi_blocks` | **F** |" in text
    assert "| 118 `injected` | [F](findings/024.md) |" in text
    assert "| 301" not in text
    assert "| 135 | NMI in guest | Bochs 2.7 SVM |" in text


def test_finding_quotes_the_log(machine):
    blocks = ("seen", "log bochs-svm 105")
    text = "# 024: a title\n" + "".join(f"<!-- {b} -->\nold\n<!-- end -->\n" for b in blocks)
    machine.results[118] = results.Result(118, "injected", "FAIL")
    made = findings.filled(findings.parse(text), [machine])
    assert "old" not in made
    assert "| Bochs 2.7, cpu: model=ryzen | 118 | - |" in made
    assert "not ok 105 an_nmi_blocks\n# 105: APM" in made
    assert findings.filled(findings.parse(made), [machine]) == made


@pytest.mark.parametrize("finding", findings.load_all(), ids=lambda finding: finding.number)
def test_each_block_of_a_finding_is_known(finding):
    assert finding.text.count("\n<!-- end -->") == len(findings.BLOCK.findall(finding.text))


def test_finding_that_quotes_what_does_not_fail(machine):
    finding = findings.parse("# 024: a title\n<!-- log bochs-svm 101 -->\n<!-- end -->\n")
    assert "did not fail in the last run of bochs-svm" in findings.filled(finding, [machine])
    assert findings.stale(finding, [machine])


def test_docs_are_up_to_date_and_agree_with_the_lists():
    """After a change of results, findings or lists: make docs. tools/matrix --check says more."""
    command = [sys.executable, ROOT / "tools" / "matrix", "--check"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, ""), result.stdout + result.stderr
    assert result.stdout == "all is as expected\n"


def test_finding_of_an_emulator_that_kvm_shows_is_the_carriers(machine):
    machine.platform = "lab-svm"
    machine.results[409] = results.Result(409, "blocked", "FAIL")
    listed = {"009": "A blocked NMI ends HLT", "027": "QEMU TCG: it"}
    ours = {number: findings.parse(f"# {number}: {title}\n") for number, title in listed.items()}
    assert findings.is_the_carriers(ours["027"], machine) and not findings.is_the_carriers(ours["009"], machine)
    machine.platform = "tcg-svm"
    assert not findings.is_the_carriers(ours["027"], machine)


def test_finding_quotes_a_version(machine):
    text = f"# 024: a title\n<!-- log {machine.name} 105 -->\n<!-- end -->\n"
    assert "." in machine.name and "not ok 105" in findings.filled(findings.parse(text), [machine])


def test_the_table_of_all_is_a_block(machine):
    made = findings.readme("a\n<!-- index -->\nold\n<!-- end -->\nb\n", findings.load_all(), [machine])
    assert made.startswith("a\n<!-- index -->\n| finding |") and made.endswith("|\n<!-- end -->\nb\n") and "\nold\n" not in made
    with pytest.raises(ValueError, match="no <!-- index -->"):
        findings.readme("a\n", [], [])
