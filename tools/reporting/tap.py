# SPDX-License-Identifier: BSD-2-Clause
"""
KTAP and TAP that their readers accept. The plan comes right after the version: the kernel's parser takes
a log that was cut off for whole without it. Lines about a failure come before its result: that parser
shows no others. What is known is a TODO, which prove and tappy do not count as failed.
"""


def directive(ending):
    if ending.verdict == "SKIP":
        return f" # SKIP {ending.reason}".rstrip()
    if ending.failed and ending.known is not None:
        named = " ".join(f"finding {n}" for n in ending.known)
        return f" # TODO known{': ' if named else ''}{named}"
    return ""


def diagnostics(ending):
    if ending.verdict == "RECORD":
        yield f"# {ending.number}: records: {ending.reason}"
    if ending.news:
        yield f"# news: {ending.news}"
    for line in ending.details:
        yield f"# {ending.number}: {line}"


def ending_lines(index, ending):
    yield from diagnostics(ending)
    # A number sign would begin a directive.
    name = f"{ending.number} {ending.name}".replace("#", "")
    yield f"{'not ok' if ending.failed else 'ok'} {index} {name}{directive(ending)}"


def run_lines(run, version, subtest=False):
    yield version
    if subtest:
        yield f"# Subtest: {run.name}"
    yield f"1..{run.planned or len(run.endings)}"
    if run.machine:
        yield f"# machine: {run.machine}"
    if run.header:
        yield f"# {run.header}"
    for index, ending in enumerate(run.endings, 1):
        yield from ending_lines(index, ending)
    if not run.whole:
        yield f"Bail out! {run.bail or '; '.join(run.problems) or 'there is no last line'}"


def text(runs, version):
    """version: KTAP version 1, or TAP version 13. Several runs are subtests."""
    if len(runs) == 1:
        return "\n".join(run_lines(runs[0], version)) + "\n"
    lines = [version, f"1..{len(runs)}"]
    for index, run in enumerate(runs, 1):
        lines += [f"    {line}" for line in run_lines(run, "KTAP version 1", subtest=True)]
        lines.append(f"{'not ok' if run.red else 'ok'} {index} {run.name}")
    return "\n".join(lines) + "\n"
