# SPDX-License-Identifier: BSD-2-Clause
"""What tools/lib/lab.sh makes of the lab's console, above all of what Linux complains of in a run."""

import subprocess

import pytest
from diagnosis import ktap, log
from exploring import run
from verdicts import expected, platforms

WARNING = "WARNING: CPU: 0 PID: 85 at arch/x86/kvm/svm/svm.c:1700 svm_clear_vintr+0x1/0x2 [kvm_amd]"

CONSOLE = """LAB 1.0 up KVM of Linux 7.2, nested=1, with QEMU 7.2.22
LAB 1.1 complaint - WARNING: something else, before LHV
LAB 1.2 run 1
KTAP version 1
# lhv 0.1 (64-bit) on KVMKVMKVM, AuthenticAMD 23-1-2, SVM: NPT, 2 CPUs x2APIC, boot: multiboot BIOS
1..2
ok 1 401 nmi_blocks_until_iret
ok 2 405 one_nmi_is_latched_while_blocked
# passed 2, failed 0, skipped 0, recorded 0, 81950 us
LHV: PASS
{}LAB 2.0 end 1 33
"""

# The shell's side: lab_follow reads file 5, as lab_launch has it.
FOLLOW = """
. tools/lib/progress.sh
. tools/lib/machine.sh
. tools/lib/lab.sh
platform=lab lab_carrier=a-carrier lab_pid=$$ lab_start=0 work=$1 scratch=$1 LIMIT=1 LONGEST=1
exec 5<"$1/serial"
: >"$work/stderr"
lab_follow 2>"$work/notes"
echo $lab_status >"$work/status"
"""


@pytest.fixture
def follow(tmp_path):
    """follow(complaints) -> (console, LHV's exit status, what was said beside it)"""

    def follow(*complaints):
        said = "".join(f"LAB 1.9 complaint {each}\n" for each in complaints)
        (tmp_path / "serial").write_text(CONSOLE.format(said))
        command = ["bash", "-c", FOLLOW, "follow", tmp_path]
        subprocess.run(command, cwd=platforms.ROOT, check=True, stdout=subprocess.DEVNULL, timeout=60)
        read = [(tmp_path / name).read_text() for name in ("console.log", "status", "notes")]
        return read[0], int(read[1]), read[2]

    return follow


def test_a_run_without_complaints_is_as_it_was(follow):
    console, status, notes = follow()
    assert console.endswith("81950 us\nLHV: PASS\n") and status == 33
    assert ktap.parse(console).verdicts() == {401: "PASS", 405: "PASS"}
    assert "Linux says: WARNING: something else" in notes  # at boot: said, and no failure


def test_a_warning_fails_the_experiment_that_it_came_in(follow):
    console, status, notes = follow(f"401 {WARNING}")
    assert status == 35 and console.endswith("LHV: FAIL\n")
    assert f"# 401: Linux complains: {WARNING}\n" in console and f"Linux complains in 401: {WARNING}" in notes
    report = ktap.parse(console)
    assert report.problems == []
    assert report.verdicts() == {401: "FAIL", 405: "PASS"}
    assert report.texts() == {401: f"expected: no complaint of Linux; got: {WARNING}"}
    assert expected.differences(report.verdicts(), {}, report.texts()) == ["401: FAIL, expected PASS or SKIP or RECORD"]


def test_diagnosis_takes_it_for_no_broken_rule(follow):
    assert log.read(follow(f"401 {WARNING}")[0]).failures() == []


def test_before_the_first_experiment_it_is_the_firsts(follow):
    assert ktap.parse(follow(f"- {WARNING}")[0]).verdicts() == {401: "FAIL", 405: "PASS"}


@pytest.mark.parametrize(
    "line, counts",
    [
        ("BUG: KASAN: slab-use-after-free in nested_svm_vmexit+0x1/0x2 [kvm_amd]", True),
        ("UBSAN: shift-out-of-bounds in arch/x86/kvm/x86.c:1:2", True),
        ("WARNING: possible circular locking dependency detected", True),
        ("Oops: general protection fault, maybe for address 0x0: 0000 [#1] PREEMPT SMP", True),
        ("kvm_intel: vmwrite failed: field=4012 val=1 err=12", True),
        ("watchdog: BUG: soft lockup - CPU#0 stuck for 22s! [qemu:85]", False),  # of a slow host
        ("rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:", False),
        ("kvm: kvm [85]: vcpu0, guest rIP: 0x1 unhandled rdmsr: 0xc0010114", False),  # of an odd guest
    ],
)
def test_what_counts(follow, line, counts):
    console, status, _ = follow(f"405 {line}")
    assert (status == 35) == counts
    assert ktap.parse(console).verdicts()[405] == ("FAIL" if counts else "PASS")


def test_the_explorer_has_it_as_a_group():
    line = f"# prog=hn,e: Linux complains: {WARNING}\n"
    (group,) = run.parse(1, "# explore: 3 programs (3 judged)\n" + line + "LHV: FAIL\n").groups
    assert (group["program"], group["got"]) == ("hn,e", WARNING)
