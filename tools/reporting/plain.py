# SPDX-License-Identifier: BSD-2-Clause
"""What JSON has of runs: all of it, with names that stay (docs/formats.md)."""

import json

FORMAT = 1


def ending(each):
    made = {"number": each.number, "name": each.name, "verdict": each.verdict}
    for field in ("reason", "failure", "details", "rules", "news"):
        if getattr(each, field) and (each.failed or field in ("reason", "news", "details")):
            made[field] = getattr(each, field)
    if each.failed:
        made["known"] = each.known is not None
        made["findings"] = each.known or []
    return made


def run(each):
    return {
        "name": each.name,
        "source": each.source,
        "machine": each.machine,
        "header": each.header,
        "lhv": each.version,
        "width": each.width,
        "platform": each.platform,
        "verdict": each.verdict or None,
        "whole": each.whole,
        "compared": each.compared,
        "news": sum(bool(ending.news) for ending in each.endings),
        "planned": each.planned,
        "microseconds": each.microseconds,
        "problems": each.problems + ([each.bail] if each.bail else []),
        "experiments": [ending(one) for one in each.endings],
    }


def text(runs):
    return json.dumps({"format": FORMAT, "runs": [run(each) for each in runs]}, indent=1) + "\n"
