# SPDX-License-Identifier: BSD-2-Clause
"""
JUnit XML: a suite for each run, its properties say which machine it was. A known failure is "skipped",
of type known-failure: JUnit has nothing better, and its readers show it so. News is a failure, also if
it is something that passes now. A run that is not whole has an error.
"""

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


def known_text(ending):
    named = ", ".join(f"finding {n}" for n in ending.known)
    return f"known{': ' if named else ''}{named}: {ending.failure}".rstrip(": ")


def result_of(ending):
    if ending.verdict == "SKIP" and not ending.news:
        return Skipped(ending.reason, "SKIP")
    if ending.failed and ending.known is not None:
        return Skipped(known_text(ending), "known-failure")
    if ending.failed or ending.news:
        return Failure(ending.news or ending.failure or "failed", "news" if ending.news else ending.verdict)
    return None


def case_of(ending):
    case = TestCase(f"{ending.number}_{ending.name}", f"lhv.{ending.family}", 0)
    result = result_of(ending)
    if result is not None:
        if ending.details and not isinstance(result, Skipped):
            result.text = "\n".join(ending.details)
        case.result = [result]
    said = [f"records: {ending.reason}"] if ending.verdict == "RECORD" else []
    if said or ending.details:
        case.system_out = "\n".join(said + ending.details)
    return case


def properties(run):
    return {
        "machine": run.machine,
        "lhv": run.header.removeprefix("lhv "),
        "lhv-version": run.version,
        "width": str(run.width),
        "platform": run.platform,
        "verdict": run.verdict or "none",
        "source": run.source,
    }


def suite_of(run):
    suite = TestSuite(f"lhv.{run.name}")
    for name, value in properties(run).items():
        suite.add_property(name, value)
    for ending in run.endings:
        suite.add_testcase(case_of(ending))
    if not run.whole:
        case = TestCase("run", "lhv", 0)
        why = run.bail or "; ".join(run.problems) or "there is no last line"
        case.result = [Error(why, run.verdict or "incomplete")]
        suite.add_testcase(case)
    suite.update_statistics()
    return suite


def text(runs):
    xml = JUnitXml("lhv")
    for run in runs:
        xml.add_testsuite(suite_of(run))
    xml.update_statistics()
    xml.time = sum(run.microseconds for run in runs) / 1e6
    for suite, run in zip(xml, runs):
        suite.time = run.microseconds / 1e6
    made = xml.tostring()
    return HEAD + (made.decode("utf-8") if isinstance(made, bytes) else made) + "\n"
