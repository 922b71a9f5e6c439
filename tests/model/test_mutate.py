# SPDX-License-Identifier: BSD-2-Clause
"""tools/mutate: which mutants a file has, and that the kept ones exist."""

import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
pytest.importorskip("clang.cindex", reason="python3-clang")
from mutation import equivalent, source  # noqa: E402

C = """\
#define broken(name) 0
typedef _Bool bool;
enum kind { ONE, TWO };
static bool open(int a, enum kind kind)
{
	if (a >= 3 && kind == ONE)
		return !a;
	if (broken(this))
		a = 7;
	a -= 2;
	return broken(that) || a;
}
"""


@pytest.fixture
def mutants(tmp_path):
    path = tmp_path / "some.c"
    path.write_text(C)
    return source.File(path, []).mutants()


def changes(mutants):
    return {m.name.partition(": ")[2] for m in mutants}


def test_operators_conditions_constants_and_statements(mutants):
    assert changes(mutants) >= {
        "a >= 3 && kind == ONE -> 0",
        "a >= 3 && kind == ONE -> 1",
        "a >= 3 && kind == ONE -> a >= 3",
        "&& -> ||",
        ">= -> >",
        "3 -> (3 + 1)",
        "ONE -> TWO",
        "!a -> a",
        "!a -> !(!a)",
        "-= -> +=",
        "a -= 2 -> nothing",
    }


def test_what_only_a_mistake_on_request_does_is_left_alone(mutants):
    assert not [m for m in mutants if "7" in m.before or m.before.startswith("broken") and "||" not in m.before]
    assert "|| -> &&" not in changes(mutants)


def test_each_is_another_text_that_compiles(mutants, tmp_path):
    texts = {m.applied(C.encode()) for m in mutants}
    assert len(texts) == len({m.name for m in mutants}) == len(mutants)
    for number, text in enumerate(texts):
        path = tmp_path / f"{number}.c"
        path.write_bytes(text)
        subprocess.run(["clang", "-w", "-fsyntax-only", path], check=True)


def test_kept_list():
    kept = equivalent.parse("# comment\nfor a reason\n    a.c f: 1 -> 0\n    b.c\nfor another\n    c.c g\n")
    assert kept == {"a.c f: 1 -> 0": "for a reason", "b.c": "for a reason", "c.c g": "for another"}


@pytest.mark.parametrize("text", ["    a.c\n", "why\n    a.c\n    a.c\n"])
def test_bad_kept_list(text):
    with pytest.raises(ValueError):
        equivalent.parse(text)


def test_what_is_kept_exists():
    """A mutant that is not there any more has lost its reason."""
    listed = subprocess.run(
        [sys.executable, ROOT / "tools" / "mutate", "--list"],
        env=dict(os.environ), capture_output=True, text=True, check=False,
    )
    assert listed.returncode == 0 and "no such mutant" not in listed.stderr, listed.stderr
    assert len(listed.stdout.splitlines()) > 2000
