# SPDX-License-Identifier: BSD-2-Clause
"""
tests/explore/PLATFORM.txt: what the explorer finds there and is no news. Lines:

    known MUTANT            # why: subtracted, so that it hides nothing
    is MUTANT               # why: a group that this mutant explains, not subtracted
    group KIND              # why: a group that no mutant explains; a * at its end stands for the rest
"""

import dataclasses
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent.parent.parent / "tests" / "explore"


@dataclasses.dataclass
class Known:
    mutants: list  # that are subtracted
    names: dict  # {mutant: why}
    kinds: dict  # {kind: why}

    def why(self, group):
        """What is known of this group; None: it is new."""
        for name in group["names"]:
            if name in self.names:
                return self.names[name]
        if group["names"]:
            return None
        for kind, why in self.kinds.items():
            if group["kind"] == kind or (kind.endswith("*") and group["kind"].startswith(kind[:-1])):
                return why
        return None


def parse(text):
    known = Known([], {}, {})
    for number, line in enumerate(text.splitlines(), 1):
        words, _, why = line.partition("#")
        words = words.split()
        if not words:
            continue
        if len(words) != 2 or words[0] not in ("known", "is", "group") or not why.strip():
            raise ValueError(f"line {number}: {line}")
        if words[0] == "group":
            known.kinds[words[1]] = why.strip()
        else:
            known.names[words[1]] = why.strip()
            known.mutants += [words[1]] * (words[0] == "known")
    return known


def load(platform):
    path = FOLDER / f"{platform}.txt"
    return parse(path.read_text(encoding="utf-8") if path.exists() else "")
