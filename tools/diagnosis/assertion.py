# SPDX-License-Identifier: BSD-2-Clause
"""
What a failure's text says, in parts: at which event or field the machine differed, and how. Two
texts are of one mistake if the parts are the same, whatever the words and addresses are.
"""

import re
from dataclasses import dataclass

from . import ktap

MISMATCH = re.compile(ktap.MISMATCH)
# Where it was, and a dump of a register: of no two builds the same.
ADDRESS = re.compile(r"\b(at|after) [0-9a-f]{5,16}\b")
DUMP = re.compile(r"\b[0-9a-f]{8,16}\b")
PLACE = re.compile(r" (?:(?:at|after|handler|start of|vmexit)\b.*|anywhere)$")
IS_EVENT = re.compile(r"\b(?:in (?:guest|host)|exit|entry|anywhere|start of)\b|^nothing\b")
SWEEP = re.compile(r"\d+ cases as the manual has them$")
FIELD = re.compile(r"(.*\S) \S+$")


@dataclass(frozen=True)
class Assertion:
    kind: str  # event, field, sweep, or other
    subject: str  # the event that was to come, the field's name
    got: str  # what came instead, without its place; the field's value
    cases: tuple = ()  # of a sweep, that surprised


def masked(text):
    return DUMP.sub("X", ADDRESS.sub(r"\1 X", text))


def of_sweep(expected, got):
    cases = tuple(case[1:-1] for case in ktap.CASE.findall(got))
    return Assertion("sweep", "cases", "surprises", cases)


def parse_one(text):
    match = MISMATCH.match(text)
    if not match:
        return Assertion("other", text, "")
    expected, got = match.groups()
    if SWEEP.match(expected):
        return of_sweep(expected, got)
    if IS_EVENT.search(expected):
        return Assertion("event", masked(expected), PLACE.sub("", masked(got)))
    field = FIELD.match(expected)
    name = field[1] if field else expected
    return Assertion("field", name, masked(got.removeprefix(name + " ")))


def parse(failure):
    """The Assertions of a failure, as ktap.Result has it."""
    return tuple(parse_one(part) for part in failure.split(ktap.BETWEEN) if part)


def same_sweep(one, other):
    """A trace names as many cases as it has room for: the shorter list may be a part of the other."""
    shorter, longer = sorted((one.cases, other.cases), key=len)
    return longer[: len(shorter)] == shorter


def same(one, other):
    if one.kind == other.kind == "sweep":
        return same_sweep(one, other)
    return (one.kind, one.subject, one.got) == (other.kind, other.subject, other.got)


def is_same(failure, other):
    """Whether two texts are of the same assertions, one after the other."""
    ones, others = parse(failure), parse(other)
    return len(ones) == len(others) and all(map(same, ones, others))


def is_known(failure, texts):
    """Whether each assertion of a failure is one of those of the known texts."""
    known = [each for text in texts for each in parse(text)]
    return all(any(same(each, other) for other in known) for each in parse(failure))
