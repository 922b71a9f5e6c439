# SPDX-License-Identifier: BSD-2-Clause
"""Which findings (docs/findings) are about what failed, by the platforms' lists (tests/expected)."""

import collections
import pathlib
import re

from verdicts import expected, findings, platforms

SHOWN = 3


def fits(platform, log):
    return platform.vendor.lower() in ("", log.vendor) and any(platform.versions_of(log.machine))


def agreement(name, log):
    """In how many failures a platform's list and this log agree, and whether it is the vendor's."""
    listed = expected.load(name, log.machine)
    return len(listed.keys() & set(log.failures())), platforms.load(name).vendor.lower() == log.vendor


def platform_of(log, source=""):
    """The platform's name of which this log is, or None. Several may run the same machine: the name of
    the log's file tells them apart, if tools/run.sh chose it (LOG=)."""
    names = [name for name, p in platforms.load_all().items() if fits(p, log)]
    named = re.sub(r"-(32|64)(-\d+)?$", "", pathlib.Path(source).stem)
    if named in names:
        return named
    return max(names, key=lambda name: agreement(name, log), default=None)


def lists(log):
    """Lines of the log's own platform, but for what fails in another way there; of a machine that is
    none, of all with its vendor."""
    own = platform_of(log)
    if own:
        lines, results = expected.load(own, log.machine).values(), log.results
        return [[x for x in lines if x.number in results and expected.is_known(x, results[x.number].failure)]]
    named = [name for name, p in platforms.load_all().items() if p.vendor.lower() in ("", log.vendor)]
    paths = (expected.DIRECTORY / f"{name}.txt" for name in named)
    return [expected.parse_lines(path.read_text()) for path in paths if path.exists()]


def named(log, numbers):
    """The findings that explain most of these experiments' failures, as "finding 018: title"."""
    lines = [line for listed in lists(log) for line in listed if line.number in numbers]
    pairs = {(finding, line.number) for line in lines for finding in line.findings()}
    counts = collections.Counter(finding for finding, _ in pairs)
    titles = {finding.number: finding.title for finding in findings.load_all()}
    return [f"finding {n} ({titles[n]})" for n, _ in counts.most_common(SHOWN) if n in titles]
