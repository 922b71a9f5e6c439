# SPDX-License-Identifier: BSD-2-Clause
"""tools/decode-qr: from the QR code's text to KTAP."""

import subprocess

import pytest
from diagnosis import compact, ktap, log
from drawn import ROOT

TEXT = "LHV1 0.1 64 I6-140-1 KVMKVMKVM 2X 2U 1F F 0*58B0*GM*4"
RESULTS = {10: "PASS", 11: "FAIL", 12: "PASS", 13: "FLAKY"}
RESULTS |= {number: ("SKIP", "RECORD")[number % 2] for number in range(46, 54)}


def decode(*words, stdin=""):
    return subprocess.run(
        [ROOT / "tools" / "decode-qr", *words],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_report_is_whole():
    report = ktap.parse(decode(TEXT).stdout)
    assert report.problems == []
    assert report.width == 64
    assert report.verdicts() == {n: "FAIL" if o == "FLAKY" else o for n, o in RESULTS.items()}
    assert report.verdict == "FAIL"
    names = {result.number: result.name for result in report.results}
    assert names[13] == "vm_entry_with_virtual_nmis_unblocks_the_host"


def test_header_is_the_kernels():
    lines = decode(TEXT).stdout.splitlines()
    assert lines[1] == (
        "# lhv 0.1 (64-bit) on KVMKVMKVM, GenuineIntel 6-140-1, VMX and SVM: GUEST HELPER "
        "VIRTUAL_NMIS, 2 CPUs x2APIC, boot: multiboot2 UEFI"
    )


def test_diagnosis_reads_it():
    text = TEXT.replace("2X", "1A").replace("1F ", "5 ")
    read = log.read(decode(text).stdout)
    assert (read.vendor, read.alone, read.cut_off) == ("vmx", True, False)
    assert read.failures() == [11, 13]


@pytest.mark.parametrize(
    "text",
    [TEXT.lower(), f"QR-Code:{TEXT}\n", TEXT.replace(" ", "\n"), f"  {TEXT}  "],
)
def test_what_readers_add_does_no_harm(text):
    assert decode(stdin=text).stdout == decode(TEXT).stdout
    assert decode(*text.split()).stdout == decode(TEXT).stdout


@pytest.mark.parametrize("hypervisor, name", [("-", "bare metal"), ("MICROSOFT+HV", "Microsoft Hv")])
def test_hypervisor_has_its_name(hypervisor, name):
    assert f" on {name}, " in decode(TEXT.replace("KVMKVMKVM", hypervisor)).stdout


def test_unknown_vendor_stays_as_it_is():
    assert ", CENTAURHAULS 6-7-1, " in decode(TEXT.replace("I6-140-1", "CENTAURHAULS+6-7-1")).stdout


def test_error_ends_with_bail_out():
    lines = decode(TEXT.replace(" F ", " E13 ")).stdout.splitlines()
    assert lines[-2:] == ["Bail out! in experiment 13", "LHV: ERROR"]


@pytest.mark.parametrize(
    "text",
    ["", "http://example.org", TEXT[:20], TEXT + "*", TEXT + "**5", TEXT.replace("LHV1", "LHV2")],
)
def test_other_text_is_refused(text):
    result = decode(stdin=text)
    assert result.returncode == 2
    assert result.stdout == ""
    assert "tools/decode-qr: not " in result.stderr


def test_outcome_digits_are_the_kernels():
    """As src/report/outcome.h has them."""
    text = (ROOT / "src" / "report" / "outcome.h").read_text(encoding="utf-8")
    names = [w.strip("\t,").split(",")[0] for w in text.split("\n") if w.startswith("\tOUTCOME_")]
    assert [n.removeprefix("OUTCOME_").lower() for n in names] == [
        *(o.lower() for o in compact.OUTCOMES)
    ]
