# SPDX-License-Identifier: BSD-2-Clause
"""The explorer on the platforms that run here: no group of differences that is not known."""

import os
import re
import subprocess

import pytest
from exploring import known, run

# A platform, and how many programs: the number is of programs, not of seconds, and on one CPU nothing
# depends on how fast the host is.
PROGRAMS = {"tcg-svm": 2000, "bochs-vmx": 700, "bochs-svm": 300}


# Each change of the model makes other programs. A group that they find is to be looked at; it is no
# mistake of the change.
@pytest.mark.xfail(strict=False, reason="a new group: tools/explore shows it, docs/explore.md says what to do")
@pytest.mark.parametrize("platform, programs", PROGRAMS.items())
def test_nothing_new(platform, programs):
    notes = known.load(platform)
    result = run.explore_some(platform, 1, programs, notes.mutants)
    if result.status == 77:
        pytest.skip(f"{platform} is not available")
    assert result.ran and not result.lost
    assert result.programs == programs
    assert result.judged > programs / 2
    new = [g["program"] for g in result.groups if not g["unstable"] and not notes.why(g)]
    assert not new


@pytest.mark.parametrize("width", ["32", "64"])
def test_a_program_replays(width):
    done = subprocess.run(
        ["tools/run.sh", "tcg-svm", "prog=g:Sh,e"],
        env={**os.environ, "WIDTH": width, "DIAGNOSE": "no"},
        capture_output=True, text=True, check=False,
    )
    if done.returncode == 77:
        pytest.skip("tcg-svm is not available")
    assert "# expected: hypercall exit at VMMCALL" in done.stdout
    assert re.search(r"^(not )?ok 1 prog=g:Sh,e$", done.stdout, re.MULTILINE)
    assert done.returncode in (0, 1)


def test_a_program_that_cannot_be_read_is_an_error():
    done = subprocess.run(
        ["tools/run.sh", "tcg-svm", "prog=hn,zoo"], env={**os.environ, "DIAGNOSE": "no"},
        capture_output=True, text=True, check=False,
    )
    if done.returncode == 77:
        pytest.skip("tcg-svm is not available")
    assert done.returncode == 2
    assert 'prog=: there is no such operation, at "zoo", character 4' in done.stdout
