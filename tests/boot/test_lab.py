# SPDX-License-Identifier: BSD-2-Clause
"""The KVM lab: a real KVM, on an emulated CPU. Linux boots once for several runs."""

import os
import re
from dataclasses import dataclass

import pytest
from conftest import NOT_AVAILABLE, PLATFORMS, assert_no, execute
from diagnosis import ktap, log, oracle, report
from verdicts import expected

LABS = {name: platform for name, platform in PLATFORMS.items() if platform.carrier and platform.title.startswith("KVM")}
ONCE = ("lab-svm-vnmi",)  # the others run in a second order too
BOTH = ("lab-svm",)  # in both widths
LINES = {  # what each lab's one boot runs
    name: [lab.words(), [*lab.words(), "order=random", "seed=7"]][: 1 if name in ONCE else 2]
    + ([["exp=13"]] if lab.vendor == "VMX" else [])
    for name, lab in LABS.items()
}
CASES = [
    (name, width, number)
    for name, lines in LINES.items()
    for width in ((32, 64) if name in BOTH else (64,))
    for number in range(len(lines))
]


@dataclass
class Boot:
    notes: str
    consoles: list  # in the order of the command lines


def boot(platform, *lines, **environment):
    words = [word for line in lines for word in ("--", *line)][1:]
    result = execute(["tools/run.sh", "--no-install", platform, *words], **environment)
    if result.status == NOT_AVAILABLE:
        pytest.skip(result.notes.strip())
    return Boot(result.notes, re.split("^(?=# machine: )", result.console, flags=re.MULTILINE)[1:])


@pytest.fixture(scope="module")
def booted():
    """booted(platform) -> Boot, once for each platform"""
    boots = {}

    def booted(platform):
        if platform not in boots:
            width = "both" if platform in BOTH else 64
            boots[platform] = boot(platform, *LINES[platform], width=width)
        return boots[platform]

    return booted


def by_finding_074(result):
    """With vNMI KVM delivers an interrupt before an NMI, where both are pending: by chance."""
    return re.search(r"got: (NMI in host handler 3[0-3]h|NMI in guest handler 3[0-3]h)$", result.failure)


@pytest.mark.parametrize("platform, width, number", CASES)
def test_only_the_listed_ones_fail(booted, platform, width, number):
    result = booted(platform)
    consoles = [console for console in result.consoles if ktap.parse(console).width == width]
    assert number < len(consoles), result.notes
    console = consoles[number]
    if platform.startswith("lab-svm") and " patches " not in console:
        pytest.skip("the mended QEMU is not here")
    parsed = ktap.parse(console)
    shown = console + result.notes
    assert_no(parsed.problems, shown)
    listed = expected.load(platform, console)
    if LINES[platform][number] == ["exp=13"]:
        listed = {13: listed[13]}
    news = expected.differences(parsed.verdicts(), listed, parsed.texts())
    if platform == "lab-svm-vnmi":
        excused = {f"{r.number}:" for r in parsed.results if by_finding_074(r)}
        news = [line for line in news if line.split()[0] not in excused]
    assert_no(news, shown)


@pytest.mark.parametrize("platform", [name for name, lab in LABS.items() if lab.vendor == "VMX"])
def test_diagnosis_names_the_bug_that_13_found(booted, platform):
    """What README shows: rule R16, KVM bugzilla 217304."""
    oracle.build()
    console = booted(platform).consoles[-1]
    lines, explained = report.diagnose(log.read(console), report.Manual())
    text = " ".join(" ".join(lines).split())
    assert explained, text
    assert "entry_keeps_host_blocking bug: host blocking comes back" in text
    assert "KVM bugzilla 217304" in text and "breaks R16b: " in text


def test_bugs_of_the_thread_on_reinjection_are_seen_on_5_10():
    """What docs/reports.md says; that 6.1 and later pass is what tests/expected says."""
    broken = [203, 204, 206, 207, 209, 217, 225, 227, 234]
    result = boot("lab-svm", ["exp=" + ",".join(map(str, broken))], kernel="bullseye")
    if " patches " not in result.consoles[0]:
        pytest.skip("the mended QEMU is not here")
    assert ktap.parse(result.consoles[0]).verdicts() == dict.fromkeys(broken, "FAIL"), result


@pytest.mark.parametrize("platform", LABS)
def test_log_tells_kernel_and_emulator(booted, platform):
    for console in booted(platform).consoles:
        assert all(LABS[platform].versions_of(console)), console
        assert LABS[platform].carrier_of(console), console


@pytest.fixture(scope="module")
def broken():
    """Runs that end badly: a hang that the kernel notices, a triple fault, a lost host."""
    return boot("lab-svm", ("exp=901,902",), ("exp=401,903",), ("exp=906",), limit=40)


def test_hang_is_a_failure(broken):
    assert ktap.parse(broken.consoles[0]).verdicts() == {901: "FAIL", 902: "FAIL"}, broken


def test_triple_fault_is_an_error_that_says_where(broken):
    assert re.search("(?m)exp=401,903.: ERROR.* in experiment 903", broken.notes), broken


def test_host_that_cannot_be_taken_back_bails_out(broken):
    assert ktap.parse(broken.consoles[2]).verdict == "ERROR", broken


def test_run_that_does_not_end_is_an_error_that_says_where():
    """The lab has a time limit of its own, and goes on with the next run."""
    result = boot("lab-svm", ("exp=401", "repeat=1000000"), ("exp=401",), longest=4)
    assert re.search("ERROR.*: stopped after 4 s, still moving, .* experiment 401", result.notes), result
    assert ktap.parse(result.consoles[1]).verdict == "PASS", result


def test_kvms_parameters_are_set_and_linux_complaint_is_a_failure():
    """In one boot: KVM_ARGS, and a WARNING that lab/init makes Linux say."""
    result = boot("lab-svm", ["exp=401"], kvm_args="vgif=0 halt_poll_ns=0", lab_says="WARNING: a test")
    assert "nested=1 halt_poll_ns=0 vgif=0, with QEMU" in result.consoles[0], result
    report = ktap.parse(result.consoles[0])
    assert report.problems == [] and report.verdicts() == {401: "FAIL"}, result
    assert "# 401: Linux complains: WARNING: a test" in result.consoles[0], result
    assert "VGIF" not in report.header, result


@pytest.mark.parametrize("argument", ["vgif", "ept=0", "none=1"])
def test_parameter_that_kvm_amd_has_not_is_refused(argument):
    result = execute(["tools/run.sh", "--no-install", "lab-svm", "exp=401"], kvm_args=argument)
    assert result.status == NOT_AVAILABLE, result
    if "missing here" not in result.notes:
        assert f"KVM_ARGS: {argument} is no PARAMETER=VALUE of kvm or kvm-amd" in result.notes, result


def test_bochs_other_than_2_7_is_refused():
    """The library that mends Bochs looks at the code before it changes it."""
    library = "build/bochs-entry-fix.so"
    if not os.path.exists(library):
        pytest.skip("lab-vmx has not run here")
    result = execute(["/bin/true"], ld_preload=library)
    assert result.status == 99, result
    assert "bochs-entry-fix: refused" in result.notes, result
