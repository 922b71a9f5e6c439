# SPDX-License-Identifier: BSD-2-Clause
"""Nothing is defined that nobody uses, and no function is longer than a screen."""

import pathlib
import re
from collections import Counter

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SUFFIXES = (".c", ".h", ".S", ".def", ".ld")
LINES_MAX = 60
HEAD = re.compile(r"^\w[^;={}]*?\b(\w+)\([^;{}]*\)$")  # of a function, on one line
# Tables that are there whole: ACPI's opcodes, VGA's colours.
WHOLE = ("aml.c", "screen.h")


def texts(*folders):
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in SUFFIXES:
                yield path, path.read_text()


def words():
    everything = "\n".join(text for _, text in texts("src", "boot", "tests"))
    return Counter(re.findall(r"\w+", everything + (ROOT / "linker.ld").read_text()))


def functions(text):
    """(name, line, length) of each; a head may be of several lines."""
    lines = text.splitlines()
    for start, line in enumerate(lines):
        if line == "{" and start:
            name = next((m[1] for m in map(HEAD.match, reversed(lines[max(0, start - 4) : start])) if m), "?")
            yield name, start, lines.index("}", start) - start - 1


def test_what_is_defined_is_used():
    used = words()
    for path, text in texts("src", "boot"):
        if path.name in WHOLE:
            continue
        for name in re.findall(r"^#define (\w+)|^\t([A-Z]\w+)(?: = [^,\n]+)?,", text, re.MULTILINE):
            name = name[0] or name[1]
            assert used[name] > 1, f"{path}: {name} is used nowhere"


def test_what_is_a_function_is_called():
    used = words()
    for path, text in texts("src", "boot"):
        for name, line, _ in functions(text):
            assert name == "?" or used[name] > 1, f"{path}:{line}: {name}() is called nowhere"


def test_no_function_is_longer_than_a_screen():
    for path, text in texts("src", "boot"):
        for name, line, length in functions(text):
            assert length <= LINES_MAX, f"{path}:{line}: {name}() has {length} lines"
