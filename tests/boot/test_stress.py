# SPDX-License-Identifier: BSD-2-Clause
"""repeat=forever: until a key is pressed, wherever the keyboard is."""

import pytest

PROMPT = "# repeat=forever: press a key to end it"


def kernel(width, words):
    return "-kernel", f"build/lhv{width}.elf", "-append", words


@pytest.mark.parametrize("width, monitor, key", [(32, True, "sendkey q\n"), (64, False, "q")])
def test_a_key_ends_it(talk, width, monitor, key):
    qemu = talk(*kernel(width, "exp=101,401-403 repeat=forever cpus=all"), monitor=monitor)
    qemu.wait_for(PROMPT)
    qemu.say(key)
    report = qemu.report()
    assert report.problems == [], report
    assert report.verdict == "PASS", report
    assert len(report.results) == 4, report


def test_a_failure_is_shown_at_once(talk):
    """A reset may be the end of it."""
    qemu = talk(*kernel(64, "exp=401,904 repeat=forever order=random"))
    qemu.wait_for("# pass 1, CPU 0: 904 ")
    qemu.say("\n")
    report = qemu.report()
    assert report.problems == [], report
    assert report.verdicts() == {401: "PASS", 904: "FAIL"}, report
    assert any(line.startswith("# passes: ") for line in report.lines), report
