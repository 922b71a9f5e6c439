# SPDX-License-Identifier: BSD-2-Clause
"""The text of the last page's QR code, which src/report/compact.h describes, as KTAP."""

import pathlib
import re
from collections import Counter
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OUTCOMES = ("none", "PASS", "FAIL", "SKIP", "RECORD", "FLAKY")  # src/report/outcome.h
VENDORS = {"I": "GenuineIntel", "A": "AuthenticAMD", "H": "HygonGenuine"}
PROTOCOLS = {"1": "multiboot", "2": "multiboot2", "3": "PVH"}
FIRMWARE = {"B": "BIOS", "U": "UEFI", "N": "none"}
APICS = {"X": "x2APIC", "A": "xAPIC"}
VERDICTS = {"P": "PASS", "F": "FAIL", "E": "ERROR", "S": "SKIP"}
# The code has capitals only.
HYPERVISORS = {
    name.upper().replace(" ", "+"): name
    for name in (
        "KVMKVMKVM",
        "TCGTCGTCGTCG",
        "VMwareVMware",
        "XenVMMXenVMM",
        "Microsoft Hv",
        "VBoxVBoxVBox",
        "bhyve bhyve ",
        "ACRNACRNACRN",
        "prl hyperv  ",
        "unnamed hypervisor",
    )
}
FORM = re.compile(
    r"LHV1 (?P<version>\S+) (?P<width>32|64) (?P<cpu>\S+) (?P<hypervisor>\S+) "
    r"(?P<cpus>\d+)(?P<apic>[XA]) (?P<protocol>[1-3])(?P<firmware>[BUN]) (?P<features>[0-9A-F]+) "
    r"(?P<verdict>[PFES])(?P<error_in>\d*) (?P<outcomes>[0-9A-Z*]*)"
)


@dataclass(frozen=True)
class Report:
    fields: dict  # of FORM
    outcomes: dict  # {experiment: one of OUTCOMES but none}


def expand(text):
    """The characters that c*n stand for."""
    if not re.fullmatch(r"([0-9A-Z](\*[0-9A-Z])?)*", text):
        raise ValueError(f"not a list of outcomes: {text}")
    return "".join(
        c * (int(count, 36) if count else 1)
        for c, count in re.findall(r"([0-9A-Z])(?:\*([0-9A-Z]))?", text)
    )


def outcomes(text):
    found = {}
    for i, c in enumerate(expand(text)):
        for number, outcome in zip((2 * i, 2 * i + 1), divmod(int(c, 36), len(OUTCOMES))):
            if outcome:
                found[number] = OUTCOMES[outcome]
    return found


def parse(text):
    """A Report. Readers may add blanks and line ends, or say what kind of code it was."""
    words = " ".join(text.upper().split()).removeprefix("QR-CODE:")
    match = FORM.fullmatch(words)
    if not match:
        raise ValueError(f"not the text of LHV's QR code: {text.strip()[:60]!r}")
    return Report(match.groupdict(), outcomes(match["outcomes"]))


def features():
    """Their names, by bit, in the order of src/virt.h."""
    text = (ROOT / "src" / "virt.h").read_text(encoding="utf-8")
    return re.findall(r"^\tX\(HAS_(\w+),", text, re.MULTILINE)


def experiments():
    """{number: name}"""
    text = (ROOT / "docs" / "experiments.md").read_text(encoding="utf-8")
    return {int(n): name for n, name in re.findall(r"^\| (\d+) \| `(\w+)`", text, re.MULTILINE)}


def virtualization(bits):
    """As the kernel's header has it: VMX or SVM, and what there is for experiments."""
    names = [name for bit, name in enumerate(features()) if bits >> bit & 1]
    kinds = [name for name in ("VMX", "SVM") if name in names]
    kind = " and ".join(kinds) or "no VMX, no SVM"
    return " ".join([f"{kind}:", *(name for name in names if name not in kinds)])


def cpu(text):
    vendor, rest = VENDORS.get(text[0]), text[1:]
    if vendor and rest[:1].isdigit():
        return f"{vendor} {rest}"
    return text.replace("+", " ")


def header(fields):
    hypervisor = fields["hypervisor"]
    name = HYPERVISORS.get(hypervisor, hypervisor.replace("+", " "))
    count = int(fields["cpus"])
    return (
        f"# lhv {fields['version']} ({fields['width']}-bit) on "
        f"{'bare metal' if hypervisor == '-' else name}, {cpu(fields['cpu'])}, "
        f"{virtualization(int(fields['features'], 16))}, "
        f"{count} CPU{'' if count == 1 else 's'} {APICS[fields['apic']]}, "
        f"boot: {PROTOCOLS[fields['protocol']]} {FIRMWARE[fields['firmware']]}"
    )


def result(index, number, outcome, name):
    failed = outcome in ("FAIL", "FLAKY")
    yield (
        f"{'not ok' if failed else 'ok'} {index} {number} {name}"
        + (f" # {outcome}" if outcome in ("SKIP", "RECORD") else "")
    )
    if outcome == "FLAKY":
        yield f"# {number}: failed, but not each time"


def end(report):
    count = Counter(report.outcomes.values())
    where = report.fields["error_in"]
    if report.fields["verdict"] == "E":
        yield "Bail out!" + (f" in experiment {where}" if where else "")
    else:
        yield (
            f"# passed {count['PASS']}, failed {count['FAIL'] + count['FLAKY']}, "
            f"skipped {count['SKIP']}, recorded {count['RECORD']}, 0 us"
        )
    yield f"LHV: {VERDICTS[report.fields['verdict']]}"


def ktap(report):
    """The lines of the report, as far as the code has it."""
    names = experiments()
    yield "KTAP version 1"
    yield header(report.fields)
    yield "# from a QR code: it does not hold what was expected, what came, nor any times"
    yield f"1..{len(report.outcomes)}"
    for index, (number, outcome) in enumerate(report.outcomes.items(), 1):
        yield from result(index, number, outcome, names.get(number, "not_in_this_version"))
    yield from end(report)
