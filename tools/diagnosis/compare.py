# SPDX-License-Identifier: BSD-2-Clause
"""Where two logs differ: verdicts, what failures got, what was recorded."""


def ending(result):
    """How an experiment ended, in words; of one that is not in the log too."""
    if not result:
        return "did not run"
    said = result.failure or result.reason
    return result.verdict + (f" {said}" if said else "")


def results(log):
    """{number: result}, with the skipped ones."""
    skipped = {r.number: r for r in log.report.results if r.verdict == "SKIP"}
    return {**skipped, **log.results}


def differences(one, other):
    """Three lines for each experiment that ended differently."""
    first, second = results(one), results(other)
    for number in sorted(first.keys() | second.keys()):
        a, b = first.get(number), second.get(number)
        if ending(a) != ending(b):
            yield f"{number} {(a or b).name}"
            yield f"  - {ending(a)}"
            yield f"  + {ending(b)}"
