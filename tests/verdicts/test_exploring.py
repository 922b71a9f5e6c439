# SPDX-License-Identifier: BSD-2-Clause
"""tools/explore: what it reads in a log, what it keeps, and what is known of a platform."""

import pytest
from exploring import known, run, state

LOG = """# machine: QEMU 7.2.22, -accel tcg -cpu max
KTAP version 1
1..1
# exploring: seed 1
# 1: prog=g:Sh,e
# 1: hypercall-exit.saved400 S13a expected: hypercall exit at VMMCALL, saved INTERRUPT_SHADOW; got: hypercall exit at VMMCALL, saved 0
# 1: is: shadow_is_ignored, 1 program
not ok 1 explore
# explore: 300 programs (211 judged), 80/s, 900 runs 240/s, 109 of 146 decisions, 5 differ in 2 groups, seed 1
# 1: prog=g:Sh,e
# 1: hypercall-exit.saved400 S13a expected: hypercall exit at VMMCALL, saved INTERRUPT_SHADOW; got: hypercall exit at VMMCALL, saved 0
# 1: is: shadow_is_ignored, 4 programs
# 2: prog=d8,i:3.d,e
# 2: shutdown-exit.vectoring S11a expected: shutdown exit at VMMCALL, vectoring 80000b08; got: shutdown exit at VMMCALL, vectoring 80000b0d
# 2: is: unexplained, 1 program
LHV: FAIL
"""

NOTES = "known shadow_is_ignored # finding 015\ngroup shutdown-exit.* # finding 014\n"


def test_a_log_is_read():
    result = run.parse(1, LOG)
    assert (result.ran, result.programs, result.judged, result.lost) == (True, 300, 211, "")
    assert [(g["program"], g["names"], g["count"]) for g in result.groups] == [
        ("g:Sh,e", ["shadow_is_ignored"], 4),
        ("d8,i:3.d,e", [], 1),
    ]


@pytest.mark.parametrize(
    "log, complaints",
    [
        (LOG.replace("LHV: FAIL", "# lost in: prog=hn,e\nBail out! the guest is stuck\nLHV: ERROR"), ""),
        (LOG.replace("LHV: FAIL\n", ""), "run.sh: tcg-svm: ERROR, 3 s: the machine stopped (triple fault?) in prog=hn,e"),
    ],
)
def test_a_lost_machine_is_noticed(log, complaints):
    assert run.parse(2, log, complaints).lost == "hn,e"


def test_what_is_known_is_no_news(tmp_path, monkeypatch):
    monkeypatch.setattr(state, "FOLDER", tmp_path)
    kept = state.State("nowhere")
    kept.add(run.parse(1, LOG))
    assert [g["program"] for g in kept.new_groups(known.parse(""))] == ["g:Sh,e", "d8,i:3.d,e"]
    assert kept.new_groups(known.parse(NOTES)) == []
    assert known.parse(NOTES).mutants == ["shadow_is_ignored"]


def test_it_goes_on_where_it_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(state, "FOLDER", tmp_path)
    seeds = []
    for _ in range(2):
        kept = state.State("nowhere")
        seeds.append(kept.next_seed())
        kept.add(run.parse(1, LOG))
    assert seeds == [1, 2]
    assert kept.data["programs"] == 600
    assert [g["count"] for g in kept.data["groups"]] == [8, 2]


@pytest.mark.parametrize("line", ["known x", "known # why", "group a b # why", "what x # why", "is x #"])
def test_a_line_without_reason_or_sense(line):
    with pytest.raises(ValueError):
        known.parse(line)


def test_the_lists_can_be_read():
    for path in known.FOLDER.glob("*.txt"):
        assert known.load(path.stem).names is not None
