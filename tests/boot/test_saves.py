# SPDX-License-Identifier: BSD-2-Clause
"""A machine that is saved and restored in the midst of an experiment: tools/torture saves."""

import pytest
from diagnosis import ktap
from faults import saves


@pytest.mark.parametrize("way", saves.WAYS)
@pytest.mark.parametrize("number", (922, 924))
def test_what_is_held_has_a_verdict(number, way):
    """What a save loses is the machine's; a stop loses nothing."""
    console = saves.run_one(number, way)
    verdict = ktap.parse(console).verdicts().get(number)
    assert verdict == "PASS" or (verdict == "FAIL" and way != "stop"), console


def test_without_a_key_it_ends(run):
    """Nothing waits for ever: 921 fails after a minute."""
    result = run("tcg-svm", "exp=921", limit=100)
    assert result.report.verdicts() == {921: "FAIL"}, result
    assert "expected: a key: tools/torture saves; got: none" in result.console, result
