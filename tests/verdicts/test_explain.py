# SPDX-License-Identifier: BSD-2-Clause
"""tools/diagnose --explain, and what it reads in docs/."""

import subprocess

import pytest
from diagnosis import explain
from verdicts import manual, platforms

DIAGNOSE = platforms.ROOT / "tools" / "diagnose"


def test_all_of_an_experiment():
    text = "\n".join(explain.explain("24"))
    assert text.startswith("24 nmi_window_comes_before_a_pending_nmi\n  claim: (1,1,0,1): the NMI-window exit wins;")
    line = manual.experiments()[24].line()
    assert f"source: src/experiments/vmx_priority.c:{line}\n" in text
    assert "EXPERIMENT(24," in (platforms.ROOT / "src/experiments/vmx_priority.c").read_text().splitlines()[line - 1]
    assert "R38g: Then the NMI window." in text
    assert "nmi_before_the_nmi_window (R38g): an NMI exit is ranked before the NMI-window exit" in text
    assert "docs/findings/006.md: KVM exits for a pending NMI before the NMI window (lab-vmx)" in text
    assert "tools/run.sh PLATFORM exp=24 verbose" in text
    assert "bochs-vmx" in text.splitlines()[-1] and "svm" not in text.splitlines()[-1]


def test_each_experiment_has_a_place_and_rules():
    for number, each in manual.experiments().items():
        assert each.line() and each.claim, number
        assert set(each.rules) <= set(manual.rules()), number
    assert all(rule.manual and rule.clauses for rule in manual.rules().values())
    assert len(manual.mutants()) > 100


@pytest.mark.parametrize("number", [1, 135, 301, 435, 501])
def test_experiments_of_all_kinds(number):
    lines = explain.explain(str(number))
    assert lines[0] == f"{number} {manual.experiments()[number].name}"
    assert "To look closer:" in lines


def test_by_name_and_by_glob():
    assert explain.explain("nmi_window_comes_before_a_pending_nmi")[0].startswith("24 ")
    assert manual.find("13-17") == ["13-17"]
    assert {"24", "22"} <= set(manual.find("vmx/*nmi_window*"))
    assert manual.find("vmx_priority/*")[0] == "15"
    vendors = [manual.experiments()[int(n)].vendor for n in manual.find("svm/*")]
    assert set(vendors) == {"svm"}


@pytest.mark.parametrize("word", ["999", "nonsense", "vmx/nonsense*"])
def test_what_is_no_experiment(word):
    result = subprocess.run([DIAGNOSE, "--explain", word], capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert f"there is no experiment {word}" in result.stderr


@pytest.mark.parametrize(
    "word, numbers",
    [
        ("exp=13,17-20", "exp=17-20,13"),
        ("exp=nmi_window_comes_before_a_pending_nmi", "exp=24"),
        ("not=fred*/*", "not=501-"),
        ("exp=vmx_priority/*", "exp=15-"),
    ],
)
def test_names_become_numbers(word, numbers):
    assert manual.select(word).startswith(numbers)


def test_ranges_are_few():
    assert manual.ranges([13, 14, 15, 17]) == "13-15,17"
    assert manual.ranges([59, 60]) == "59-60"
    word = manual.select("exp=svm/*")
    assert word.count(",") < 64  # OPTIONS_RANGES
    numbers = [n for part in word[4:].split(",") for n in range(int(part.split("-")[0]), int(part.split("-")[-1]) + 1)]
    assert {n for n in numbers if n in manual.experiments()} == {
        n for n, each in manual.experiments().items() if each.vendor == "svm"
    }
