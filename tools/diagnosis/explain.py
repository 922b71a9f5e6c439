# SPDX-License-Identifier: BSD-2-Clause
"""All that is known here of one experiment, for who has a FAIL of it."""

import textwrap

from verdicts import expected, findings, manual, platforms, results

MUTANTS_SHOWN = 6


def wrapped(label, text):
    return textwrap.wrap(f"{label}{text}", 100, initial_indent="  ", subsequent_indent="    ")


def rule_lines(experiment):
    for name in experiment.rules:
        rule = manual.rules()[name]
        yield from wrapped(f"{name}: ", rule.manual)
        for clause, text in rule.clauses.items():
            yield from wrapped(f"  {clause}: ", text)


def mutant_lines(experiment):
    """The mistakes that fail it: those that break its own rules first, and that fail few others."""
    own = [m for m in manual.mutants() if experiment.number in m.killers]
    own.sort(key=lambda m: (not set(experiment.rules) & {c[:-1] for c in m.clauses.split()}, len(m.killers)))
    for mutant in own[:MUTANTS_SHOWN]:
        yield from wrapped(f"{mutant.name} ({mutant.clauses}): ", mutant.bug)
    if len(own) > MUTANTS_SHOWN:
        yield from wrapped("", f"and {len(own) - MUTANTS_SHOWN} more: docs/mutants.md")


def listed_findings(number):
    """{finding: {titles of platforms}} of the lists that name this experiment."""
    found = {}
    for name in platforms.load_all():
        path = expected.DIRECTORY / f"{name}.txt"
        for line in expected.parse_lines(path.read_text(encoding="utf-8")) if path.exists() else ():
            for finding in line.findings() if line.number == number else ():
                found.setdefault(finding, []).append(name)
    return found


def finding_lines(number):
    titles = {finding.number: finding.title for finding in findings.load_all()}
    for finding, names in sorted(listed_findings(number).items()):
        yield from wrapped(f"docs/findings/{finding}.md: ", f"{titles.get(finding, '?')} ({', '.join(names)})")


def machine_lines(number):
    by_verdict = {}
    for machine in results.load_all():
        result = machine.results.get(number)
        if result and result.verdict != "SKIP":
            by_verdict.setdefault(result.verdict, []).append(machine.title)
    words = {"PASS": "passes", "FAIL": "fails", "CHANCE": "fails by chance", "RECORD": "records"}
    for verdict, word in words.items():
        if verdict in by_verdict:
            yield from wrapped(f"{word} on: ", ", ".join(by_verdict[verdict]))


def carriers(experiment):
    """Platforms that can run it, the quick ones first."""
    fitting = [p for p in platforms.load_all().values() if experiment.vendor in ("base", p.vendor.lower())]
    return [p.name for p in sorted(fitting, key=lambda p: bool(p.carrier)) if p.matrix and p.vendor]


def run_lines(experiment):
    number = experiment.number
    yield f"  tools/run.sh PLATFORM exp={number} repeat=100   # alone: is it each time?"
    yield f"  tools/run.sh PLATFORM exp={number} verbose      # each step of it"
    yield f"  build/lhv-model exp={number} verbose            # the same on a CPU that is made of the rules (make model)"
    yield f"  tools/run.sh {' | '.join(carriers(experiment))} exp={number}   # elsewhere"


def section(title, lines):
    lines = list(lines)
    return ["", title, *lines] if lines else []


def explain(word):
    """Lines. ValueError: there is no such experiment."""
    number = int(manual.find(word)[0].split("-")[0])
    experiment = manual.experiments().get(number)
    if not experiment:
        raise ValueError(f"there is no experiment {word} (docs/experiments.md)")
    place = f"{experiment.source}:{experiment.line() or '?'}"
    lines = [f"{number} {experiment.name}", *wrapped("claim: ", experiment.claim), f"  source: {place}"]
    lines += wrapped("needs: ", " ".join(experiment.needs) or "nothing but an x86")
    lines += section("The rules that it tests:", rule_lines(experiment))
    lines += section("Mistakes that fail it, in the model:", mutant_lines(experiment))
    lines += section("Findings that have it:", finding_lines(number))
    lines += section("Where it ran:", machine_lines(number))
    lines += section("To look closer:", run_lines(experiment))
    return lines
