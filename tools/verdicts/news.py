# SPDX-License-Identifier: BSD-2-Clause
"""
What of a run is news: against what is known of its platform and version (tests/expected, with the
texts in docs/results), or against a file that `tools/run.sh --write-expect` made of a machine.
"""

from dataclasses import dataclass, replace

from diagnosis import assertion, compare, ktap

from . import expected, manual, platforms, results

HEAD = """\
# How the experiments end on a machine. Made by tools/run.sh --write-expect, for --expect=FILE.
# A line is: number  PASS|FAIL|CHANCE|RECORD|SKIP  # name. Below a failure is how it is reported, below
# a RECORD what it says: another one is news. It may be edited (tools/verdicts/expected.py).
"""


@dataclass
class Judgement:
    known: list  # expected.Lines of the failures that are known
    news: list  # of text, one line each

    def sum_up(self):
        if self.news:
            return f"{len(self.news)} news"
        return "as expected" + (f" ({self.known_text()})" if self.known else "")

    def known_text(self):
        count = len(self.known)
        named = sorted({finding for line in self.known for finding in line.findings()})
        text = f"{count} known failure{'' if count == 1 else 's'}"
        return text + (f": finding{'s' if len(named) > 1 else ''} {' '.join(named)}" if named else "")


# --- what is known -----------------------------------------------------------------------------


def kept_results(platform, versions):
    """{number: results.Result} that docs/results has of this version."""
    family = platforms.load(platform).family
    machines = [m for m in results.load_all() if m.family == family and m.versions() == versions]
    return machines[-1].results if machines else {}


def texts_of(details, by_chance=False):
    """A kept failure's text, as ktap.Result has it, or nothing. Of a sweep that fails by chance, which
    cases surprise is chance too."""
    parts = [line[line.index("expected: ") :] for line in details if "expected: " in line]
    trace = "".join(line for line in details if line.startswith("trace:"))
    return (ktap.with_cases(ktap.BETWEEN.join(parts), "" if by_chance else trace),) if parts else ()


def of_platform(platform, console):
    """{number: expected.Line} that is known of the platform's version, with the failures' texts."""
    kept = kept_results(platform, platforms.load(platform).versions_of(console))
    listed = expected.load(platform, console)
    for number, line in listed.items():
        if line.verdict in ("FAIL", "CHANCE") and not line.texts and number in kept:
            listed[number] = replace(line, texts=texts_of(kept[number].details, line.verdict == "CHANCE"))
    return listed


# --- judging -----------------------------------------------------------------------------------


def line_of(result, said, allowed):
    """One piece of news."""
    failed = f": {said}" if said else ""
    if allowed == expected.UNLISTED:
        return f"{result.number} {result.name} fails{failed}"
    was = " or ".join(allowed)
    return f"{result.number} {result.name}: {result.verdict}, known is {was}{failed}"


def news_of(result, said, line):
    """What is new in one experiment, or nothing; line: what is known of it, or None."""
    allowed = expected.ALLOWED[line.verdict] if line else expected.UNLISTED
    if result.verdict not in allowed:
        return line_of(result, said, allowed)
    if not line or not line.texts or not said:
        return ""
    if result.verdict == "RECORD":
        return "" if said in line.texts else f"{result.number} {result.name} records something else: {said}"
    if result.verdict in compare.FAILED and not assertion.is_known(said, line.texts):
        return f"{result.number} {result.name} fails in another way: {said}"
    return ""


def judge(report, listed):
    """A report (ktap.Report) against {number: expected.Line}. What was not selected is no news."""
    known, news = [], []
    texts = report.texts()
    for number, result in sorted(results.from_report(report).items()):
        line = listed.get(number)
        said = texts.get(number, "") or (result.reason if result.verdict == "RECORD" else "")
        found = news_of(result, said, line)
        if found:
            news.append(found)
        elif line and result.verdict in compare.FAILED:
            known.append(line)
    return Judgement(known, news)


# --- a machine's own list ----------------------------------------------------------------------


def line_text(result, reports, known):
    number = result.number
    reason = ", ".join(f"finding {n}" for n in known[number].findings()) if number in known else ""
    why = result.reason if result.verdict == "SKIP" else reason
    head = f"{number:<3} {result.verdict:<6}  # {result.name}" + (f": {why}" if why else "")
    said = {report.texts().get(number) for report in reports}
    if result.verdict == "RECORD":
        said = {r.reason for report in reports for r in report.results if r.number == number}
    return "\n".join([head, *(expected.INDENT + text for text in sorted(filter(None, said)))])


def write(platform, texts):
    """The list that these logs of one machine (one for each width) make. ValueError: one is not whole."""
    machine = results.from_logs(platform, "", texts)
    reports, known = [ktap.parse(text) for text in texts], machine.listed()
    lines = [line_text(result, reports, known) for _, result in sorted(machine.results.items())]
    about = f"# platform: {platform}\n# machine: {machine.machine}\n# lhv {machine.lhv}\n"
    return HEAD + about + "\n".join(lines) + "\n"


def failed(text):
    """The word of the command line that selects what failed in this log, or nothing."""
    numbers = sorted({n for n, verdict in ktap.parse(text).verdicts().items() if verdict == "FAIL"})
    return f"exp={manual.ranges(numbers)}" if numbers else ""
