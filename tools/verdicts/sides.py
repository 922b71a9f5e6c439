# SPDX-License-Identifier: BSD-2-Clause
"""What `lhv diff` compares: each side is a log, a folder of logs, kept results, or a run that is made now."""

import os
import pathlib
import re
import shlex
import subprocess
import tempfile

from diagnosis import compare, ktap, log

from . import news, results

ROOT = results.DIRECTORY.parent.parent
SETTING = re.compile(r"[A-Z]+=")


def of_results(found):
    """{number: compare.Ending} of {number: results.Result}"""
    return {n: compare.Ending(r.name, r.verdict, r.reason or "".join(news.texts_of(r.details))) for n, r in found.items()}


def of_console(text):
    """The same of a console's text, with any number of runs."""
    found = {}
    for part in log.split(text):
        for number, result in results.from_report(log.read(part).report).items():
            found[number] = results.merged(found.get(number), result)
    return of_results(found)


def of_text(text):
    if text.startswith(results.MADE):
        return of_results(results.parse(text).results)
    if ktap.START in text:
        return of_console(text)
    raise ValueError("no report of LHV in it")


def of_folder(path):
    """Each width's log of one run."""
    texts = [each.read_text(errors="replace") for each in sorted(path.glob("*.log"))]
    return of_text("\n".join(texts))


def of_run(words, folder):
    """Settings, a platform, its words: the logs of tools/run.sh."""
    count = next((i for i, word in enumerate(words) if not SETTING.match(word)), len(words))
    settings = dict(word.split("=", 1) for word in words[:count])
    environment = dict(os.environ, DIAGNOSE="no", LOG=str(folder), **settings)
    command = [ROOT / "tools" / "run.sh", *words[count:]]
    status = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False
    ).returncode
    if status == 2 or not any(pathlib.Path(folder).glob("*.log")):
        raise ValueError(f"tools/run.sh ended with status {status}")


def load(name):
    """{number: compare.Ending} of one side; ValueError or OSError: it cannot be had."""
    path, kept = pathlib.Path(name), results.DIRECTORY / f"{name}.txt"
    try:
        if path.is_dir():
            return of_folder(path)
        if path.exists() or kept.exists():
            return of_text((path if path.exists() else kept).read_text(errors="replace"))
        with tempfile.TemporaryDirectory() as folder:
            of_run(shlex.split(name), folder)
            return of_folder(pathlib.Path(folder))
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error
