#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Fills the blocks of docs/fred.md that are what lhv-model prints: <!-- lhv-model WORDS --> to <!-- end -->."""

import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MODEL = ROOT / os.environ.get("BUILD", "build") / "lhv-model"
PAGE = ROOT / "docs" / "fred.md"
BLOCK = re.compile(r"(<!-- lhv-model (.*?) -->\n).*?(<!-- end -->\n)", re.DOTALL)
TOLD = re.compile(r"# (\d+:|    )|# mutant:|(not )?ok ")


def trace(words):
    """What the model prints of its experiment: the same each time."""
    result = subprocess.run([MODEL, *words.split()], capture_output=True, text=True, check=False)
    return "".join(f"{line}\n" for line in result.stdout.splitlines() if TOLD.match(line))


def filled(text):
    return BLOCK.sub(lambda block: f"{block[1]}```\n{trace(block[2])}```\n{block[3]}", text)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
