# SPDX-License-Identifier: BSD-2-Clause
"""tools/matrix --add: logs of machines that nobody here has."""

import re

import pytest
from test_news import console
from verdicts import findings, manual, page, results, sent

ALL = manual.experiments()
HEADER = "# lhv 0.1 (64-bit) on bare metal, GenuineIntel 6-154-3, VMX: virtual-NMIs EPT, 16 CPUs x2APIC, boot: multiboot2 UEFI"
SEEN = "expected: NMI in host after HLT; got: fence in host after HLT"


def text_of(*endings):
    """With the names that the experiments have, and the host's name where a careless recorder leaves it."""
    text = console(*endings, machine="on secret-host, serial number 1234")
    text = re.sub(r"\bname_(\d+)", lambda match: ALL[int(match[1])].name, text)
    header = next(line for line in text.splitlines() if line.startswith("# lhv"))
    return text.replace(header, HEADER.replace("0.1", sent.version_here()))


GOOD = text_of((1, "PASS", ""), (13, "FAIL", SEEN), (135, "SKIP", "no SVM"), (4, "FAIL", "expected: a 0; got: 1"))


def test_what_is_kept_names_nobody():
    machine = sent.machine_of("login: secret-host\n" + GOOD + "secret-host login:\n", "X1, i7-1270P")
    text = results.text_of(machine)
    assert "secret" not in text and "1234" not in text
    assert (machine.name, machine.title, machine.vendor) == ("x1-i7-1270p", "X1, i7-1270P", "VMX")
    again = results.parse(text)
    assert results.text_of(again) == text and again.verdicts() == {1: "PASS", 4: "FAIL", 13: "FAIL", 135: "SKIP"}


def test_without_a_name_it_is_what_it_says():
    assert sent.machine_of(GOOD).name == "bare-metal-genuineintel-6-154-3"


def test_news_and_what_is_seen_elsewhere():
    machine = sent.machine_of(GOOD)
    known, new = sorted(sent.news_of(machine, results.load_all()))
    assert known.startswith("13 vm_entry_with_virtual_nmis_unblocks_the_host fails as on Bochs 2.7 VMX")
    assert "018" in known
    assert new.startswith("news: 4 vm_entry_blocks_an_open_host fails nowhere else like this: expected: a 0")


def test_it_has_a_column():
    text = page.text([*results.load_all(), sent.machine_of(GOOD, "X1")])
    assert "[X1](results/x1.txt)" in text and "**F**" in text
    assert findings.index(findings.load_all(), [sent.machine_of(GOOD, "X1")])


def test_text_of_a_qr_code():
    code = "LHV1 0.1 64 I6-140-1 KVMKVMKVM 2X 2U 1F F 0*58B0*GM*4"
    try:
        machine = sent.machine_of(code.replace("0.1", sent.version_here(), 1))
    except ValueError as error:  # of the numbers that the sample has
        assert "there is no experiment" in str(error)
    else:
        assert machine.title.startswith("KVMKVMKVM, GenuineIntel")


@pytest.mark.parametrize(
    "text, why",
    [
        ("nothing", "no report of LHV in it"),
        (GOOD[:-12], "the last line is not a verdict"),
        (GOOD.replace("ok 3 ", "ok 4 "), "result 3 is numbered 4"),
        (GOOD.replace("\nok 1 ", "\nok 1 \x07"), "not a KTAP result"),
        (GOOD.replace("# 4: trace", "\N{REPLACEMENT CHARACTER} 4: trace"), "a damaged line"),
        (GOOD.replace("\n# 4: trace", "\n4: trace"), "a damaged line"),
        (GOOD.replace("unblocks_the_host", "unblocks_a_host"), "experiment 13 is vm_entry_with_virtual_nmis_unblocks_the_host here"),
        (GOOD.replace(f"# lhv {sent.version_here()}", "# lhv 0.0"), "it is of LHV 0.0"),
        (GOOD.replace("LHV: FAIL", "LHV: ERROR"), "it ended with ERROR"),
    ],
)
def test_what_cannot_be_kept(text, why):
    with pytest.raises(ValueError, match=why):
        sent.machine_of(text)


def test_a_name_that_is_none():
    with pytest.raises(ValueError, match="a machine's name has"):
        sent.machine_of(GOOD, "../../etc/passwd\n")
