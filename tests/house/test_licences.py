# SPDX-License-Identifier: BSD-2-Clause
"""Each file says its licence, and each licence's text is there."""

import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SAYS = re.compile(r"SPDX-License-Identifier: *([\w.-]+)")
TEXTS = {path.stem for path in (ROOT / "LICENSES").glob("*.txt")}
NEED_NOT = ("LICENSE", "LICENSES/", "tests/explore/", "tests/fuzz/corpus/", "tools/debian/control", "tools/debian/copyright", "tools/debian/lhv")
# Of the images, not of a file here: NOTICE.
CARRIED = {"GPL-3.0-or-later"}

OTHERS = ("tools/carrier/", "docs/fixes/", "tests/old-bugs/")


def files():
    result = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if result.returncode:
        pytest.skip("no git")
    return [name for name in result.stdout.splitlines() if (ROOT / name).is_file()]


def licence(name):
    head = (ROOT / name).read_text(encoding="utf-8", errors="replace")[:600]
    match = SAYS.search(head)
    return match and match[1]


def test_each_file_says_its_licence():
    named = {name: licence(name) for name in files() if not name.startswith(NEED_NOT)}
    assert [name for name, said in named.items() if said not in TEXTS] == []
    assert set(named.values()) | CARRIED == TEXTS


def test_notice_names_what_is_under_another_one():
    notice = (ROOT / "NOTICE").read_text()
    for name in files():
        if licence(name) not in ("BSD-2-Clause", None):
            assert any(name.startswith(folder) and folder in notice for folder in OTHERS), name
    assert all(said in notice for said in TEXTS)
