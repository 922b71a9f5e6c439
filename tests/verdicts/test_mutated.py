# SPDX-License-Identifier: BSD-2-Clause
"""What reads what machines and people have written, with some of it changed: a report that says what
is wrong with it, or a ValueError, and nothing else."""

import random
import re

import pytest
from diagnosis import compact, ktap
from verdicts import expected

ROOT = expected.DIRECTORY.parent.parent
TRIES = 3000
BYTES = "\n\r\t \0#:;[]()*,.0129AZaz-+\x7f\xb2\u0661\ud7ff"
WORDS = ("ok 1 1 a", "not ok 99 13 x # SKIP", "1..0", "LHV: PASS", "# 13: trace: [a [b]", "KTAP version 1", "9" * 5000)
COMPACT = "LHV1 0.1 64 I6-140-1 KVMKVMKVM 2X 2U 1FF F 17*6D7*90*RL*5"


def log_of_the_readme():
    text = (ROOT / "README.md").read_text()
    return re.search(r"^    (# machine:.*?LHV: FAIL)$", text, re.MULTILINE | re.DOTALL)[1].replace("\n    ", "\n")


def cut(text, at, chance):
    return text[:at] + text[at + chance.randrange(20) :]


def copied(text, at, chance):
    start = chance.randrange(len(text) + 1)
    return text[:at] + text[start : start + chance.randrange(80)] + text[at:]


def replaced(text, at, chance):
    return text[:at] + chance.choice(BYTES) + text[at + 1 :]


def with_a_word(text, at, chance):
    return text[:at] + chance.choice(("", "\n")) + chance.choice(WORDS) + text[at:]


def mutated(text, chance):
    for _ in range(chance.randint(1, 6)):
        change = chance.choice((cut, copied, replaced, replaced, with_a_word))
        text = change(text, chance.randrange(len(text) + 1), chance)
    return text


def mutants(text, seed):
    chance = random.Random(seed)
    return (mutated(text, chance) for _ in range(TRIES))


def test_the_readmes_log_is_one():
    report = ktap.parse(log_of_the_readme())
    assert (report.verdict, report.problems) == ("FAIL", []), report


def test_logs():
    good = 0
    for text in mutants(log_of_the_readme(), 1):
        report = ktap.parse(text)
        report.verdicts(), report.texts()
        good += not report.problems
        last = [line.rstrip("\r") for line in text.split("\n") if line.rstrip("\r")][-1:]
        assert report.problems or last == [f"LHV: {report.verdict}"], text
    assert 0 < good < TRIES


def test_text_of_the_qr_code():
    for text in mutants(COMPACT, 2):
        try:
            lines = compact.ktap(compact.parse(text))
        except ValueError:
            continue
        assert ktap.parse("\n".join(lines)).verdict, text


@pytest.mark.parametrize("path", sorted(expected.DIRECTORY.glob("*.txt")), ids=lambda p: p.stem)
def test_lists_of_what_is_expected(path):
    report = ktap.parse(log_of_the_readme())
    chance = random.Random(3)
    whole = path.read_text()
    for _ in range(TRIES // 20):
        try:
            listed = expected.parse(mutated(whole, chance))
        except ValueError:
            continue
        expected.differences(report.verdicts(), listed, report.texts())
