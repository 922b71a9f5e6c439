# SPDX-License-Identifier: BSD-2-Clause
"""
The mutants that need not be killed: tests/model/equivalents.txt. A line that is not indented is a
reason, those indented below it are what it is for: a mutant as tools/mutate names it, "FILE
FUNCTION" for all of a function's, or "FILE" for all of a file's.
"""


def parse(text):
    """{mutant, function or file: reason}"""
    kept, reason = {}, None
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith(" "):
            reason = line.strip()
        elif not reason:
            raise ValueError(f"no reason for {line.strip()!r}")
        elif line.strip() in kept:
            raise ValueError(f"twice: {line.strip()!r}")
        else:
            kept[line.strip()] = reason
    return kept


def keys(mutant):
    """Under which a mutant may be kept."""
    return mutant.name, f"{mutant.path} {mutant.function}", mutant.path


def is_kept(mutant, kept):
    return any(key in kept for key in keys(mutant))


def stale(mutants, kept):
    """What is kept and does not exist any more."""
    return sorted(kept.keys() - {key for mutant in mutants for key in keys(mutant)})
