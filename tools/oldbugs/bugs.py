# SPDX-License-Identifier: BSD-2-Clause
"""tests/old-bugs/NAME.patch: the head says what it puts back, on which platform, and who is to see it."""

import pathlib
import re
from dataclasses import dataclass

FOLDER = pathlib.Path(__file__).resolve().parent.parent.parent / "tests" / "old-bugs"
TITLE = re.compile(r'^Puts back what "(.*)" mended$', re.MULTILINE)
PLATFORM = "lab-svm"  # unless the head has "Platform: NAME"


@dataclass(frozen=True)
class Bug:
    name: str
    path: pathlib.Path
    title: str  # of KVM's change that mended it; "": it is undone by hand, see effect
    effect: str
    expected: str  # who was to see it, written down before any run
    unseen: str  # why nobody sees it, if that is known
    platform: str


    def expected_numbers(self):
        return sorted(map(int, re.findall(r"\b\d{3}\b", self.expected)))


def field(head, name):
    match = re.search(rf"^{name}: ((?:.+\n)+)", head, re.MULTILINE)
    return " ".join(match[1].split()) if match else ""


def parse(path):
    head = path.read_text(encoding="utf-8").partition("\n--- a/")[0] + "\n"
    title = TITLE.search(head)
    paragraphs = [" ".join(each.split()) for each in head.split("\n\n")[1:]]
    effect = next((p for p in paragraphs[1:] if not re.match(r"(Expected|Unseen|Platform): ", p)), "")
    return Bug(
        path.stem,
        path,
        title[1] if title else "",
        effect,
        field(head, "Expected"),
        field(head, "Unseen"),
        field(head, "Platform") or PLATFORM,
    )


def load(platform, only=""):
    """Those that show on this platform, by name."""
    found = [parse(path) for path in sorted(FOLDER.glob("*.patch"))]
    return [bug for bug in found if bug.platform == platform and re.search(only, bug.name)]
