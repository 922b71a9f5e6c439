# SPDX-License-Identifier: BSD-2-Clause
"""Reads tests/expected/<platform>.txt and holds a report against it."""

import pathlib
import re

DIRECTORY = pathlib.Path(__file__).parent.parent / "expected"
LINE = re.compile(r"(\d+)\s+(FAIL|RECORD|SKIP)\s+#\s*\S.*$")


def parse(text):
    """{number: verdict}"""
    expected = {}
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        match = LINE.match(line)
        if not match:
            raise ValueError(f"neither a comment nor 'number verdict # reason': {line!r}")
        if int(match[1]) in expected:
            raise ValueError(f"twice: {line!r}")
        expected[int(match[1])] = match[2]
    return expected


def load(platform):
    return parse((DIRECTORY / f"{platform}.txt").read_text())


def differences(verdicts, expected):
    """What is news, one line each. verdicts are of a run of all experiments."""
    news = []
    for number, verdict in sorted(verdicts.items()):
        allowed = (expected[number],) if number in expected else ("PASS", "SKIP", "RECORD")
        if verdict not in allowed:
            news.append(f"{number}: {verdict}, expected {' or '.join(allowed)}")
    for number in sorted(expected.keys() - verdicts.keys()):
        news.append(f"{number}: did not run, expected {expected[number]}")
    return news
