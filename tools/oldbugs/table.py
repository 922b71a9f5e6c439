# SPDX-License-Identifier: BSD-2-Clause
"""The result, in Markdown."""


def listed(numbers, most=12):
    shown = " ".join(map(str, numbers[:most]))
    return shown + (f" and {len(numbers) - most} more" if len(numbers) > most else "")


def told(seen):
    parts = []
    if seen.lost:
        parts.append("did not run")
    if seen.ended:
        parts.append(f"the run ends: {seen.ended}")
    if seen.verdicts:
        parts.append(listed(seen.verdicts))
    if seen.texts:
        parts.append(f"by the text of {listed(seen.texts)}")
    if seen.explored:
        parts.append(f"by the explorer: `{seen.explored[0]}`")
    return "; ".join(parts).replace("|", "/")


def lines(bugs, found):
    by_verdict = sum(bool(found[bug.name].verdicts or found[bug.name].ended) for bug in bugs)
    missed = [bug for bug in bugs if found[bug.name].missed()]
    yield f"{len(bugs)} put back: {by_verdict} seen by a verdict, {len(missed)} not seen."
    yield ""
    yield "| put back | what mended it, or what it breaks | expected | seen by |"
    yield "|---|---|---|---|"
    for bug in bugs:
        if bug not in missed:
            yield f"| {bug.name} | {bug.title or bug.effect} | {bug.expected} | {told(found[bug.name])} |"
    if missed:
        yield ""
        yield "| not seen | what it breaks | expected | why |"
        yield "|---|---|---|---|"
        for bug in missed:
            yield f"| {bug.name} | {bug.effect or bug.title} | {bug.expected} | {bug.unseen or 'not known'} |"
