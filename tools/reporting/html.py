# SPDX-License-Identifier: BSD-2-Clause
"""One page, in one file that asks no other host for anything: experiment by platform and version."""

import json
import pathlib
import re

from jinja2 import Environment, FileSystemLoader

from verdicts import findings, manual

from . import columns

FOLDER = pathlib.Path(__file__).resolve().parent
LETTERS = {"PASS": "P", "FAIL": "F", "CHANCE": "c", "RECORD": "R", "SKIP": "–"}
WORDS = {"PASS": "passes", "FAIL": "fails", "CHANCE": "fails by chance", "RECORD": "recorded", "SKIP": "skipped"}
FAILED = ("FAIL", "CHANCE")
COMMENT = re.compile(r"<!--.*?-->\n?")


def experiment(number):
    """Of docs/experiments.md, or a place holder."""
    known = manual.experiments().get(number)
    return known or manual.Experiment(number, "not_in_this_version", "", "", "", (), ())


def differs(verdicts):
    ran = set(verdicts) - {"SKIP"}
    return len(ran) > 1


def row_of(number, shown):
    cells = [column.cells.get(number) for column in shown]
    there = [cell for cell in cells if cell]
    return {
        "experiment": experiment(number),
        "cells": cells,
        "differs": differs(cell.verdict for cell in there),
        "fails": any(cell.verdict in FAILED for cell in there),
        "news": any(cell.news for cell in there),
        "ran": any(cell.verdict != "SKIP" for cell in there),
    }


def rows_of(shown):
    numbers = sorted({number for column in shown for number in column.cells})
    return [row for row in (row_of(number, shown) for number in numbers) if row["ran"]]


def history_rows(shown):
    """Experiments that did not end the same each time."""
    for number in sorted({number for column in shown for number in column.cells}):
        cells = [column.cells.get(number) for column in shown]
        if len({cell.verdict for cell in cells if cell}) > 1:
            yield {"experiment": experiment(number), "cells": cells}


def rules_text(experiment):
    made = {}
    for name in experiment.rules:
        rule = manual.rules().get(name)
        if rule:
            made[name] = [rule.manual, *(f"{clause}: {text}" for clause, text in rule.clauses.items())]
    return made


def details(shown, rows):
    """What a click shows, by number, column and finding."""
    numbers = [row["experiment"].number for row in rows]
    named = {n for column in shown for cell in column.cells.values() for n in cell.findings}
    return {
        "experiments": {
            n: {"name": e.name, "claim": e.claim, "manual": e.manual, "source": e.source, "rules": rules_text(e)}
            for n, e in ((n, experiment(n)) for n in numbers)
        },
        "columns": [{"title": c.title, "about": c.about, "header": c.header, "when": c.when} for c in shown],
        "cells": [
            {n: {"v": WORDS[c.cells[n].verdict], "said": c.cells[n].said, "f": c.cells[n].findings, "news": c.cells[n].news}
             for n in numbers if n in c.cells and (c.cells[n].said or c.cells[n].verdict != "PASS")}
            for c in shown
        ],
        "findings": {f.number: {"title": f.title, "text": COMMENT.sub("", f.text)} for f in findings.load_all() if f.number in named},
    }


def script_json(value):
    """JSON that cannot end the script that it stands in."""
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def text(found, title):
    shown = columns.newest(found)
    rows = rows_of(shown)
    environment = Environment(
        loader=FileSystemLoader(FOLDER), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["letter"] = LETTERS.get
    environment.filters["word"] = WORDS.get
    return environment.get_template("page.html").render(
        title=title,
        words=WORDS,
        columns=shown,
        rows=rows,
        families=sorted({row["experiment"].family for row in rows}),
        histories={name: (each, list(history_rows(each))) for name, each in columns.histories(found).items()},
        style=(FOLDER / "page.css").read_text(encoding="utf-8"),
        script=(FOLDER / "page.js").read_text(encoding="utf-8"),
        data=script_json(details(shown, rows)),
    )
