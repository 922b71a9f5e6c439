# SPDX-License-Identifier: BSD-2-Clause
"""The experiments on the model: all pass on it, each fails on a mutant, each mutant fails one."""

import os
import pathlib
import re
import subprocess

import pytest
import traces

ROOT = pathlib.Path(__file__).parent.parent.parent
MODEL = ROOT / os.environ.get("BUILD", "build") / "lhv-model"
RESULT = re.compile(r"^(not )?ok \d+ (\d+) \S+(?: # (SKIP|RECORD) \S.*)?$", re.MULTILINE)
EXPERIMENT = re.compile(r"^\| (\d+) \|.*\| ([RSF\d ]+) \|$", re.MULTILINE)
OPEN = re.compile(r"^OPEN\((\w+), (\w+),", re.MULTILINE)
KILLED = re.compile(r"(\w+) ([RSF]\d+[a-z]): killed by (.*); recorded by (.*)")

# Clauses that no mutant breaks yet, each with what it waits for. It only shrinks.
WAITING = dict(
    line.split(": ", 1)
    for line in (ROOT / "tests/model/waiting.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
)
WAITING_AT_MOST = 2


def model(*words):
    result = subprocess.run(
        [MODEL, *words], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert not result.stderr, result.stderr
    return result


def report(*words):
    """(exit status, {experiment: PASS, FAIL, SKIP or RECORD})"""
    result = model(*words)
    verdicts = {
        int(number): "FAIL" if failed else directive or "PASS"
        for failed, number, directive in RESULT.findall(result.stdout)
    }
    assert result.stdout.splitlines()[-1] == "LHV: " + ("PASS", "FAIL", "ERROR", "SKIP")[result.returncode]
    return result.returncode, verdicts


def records(*words):
    """{experiment: what it recorded}"""
    lines = model(*words).stdout.splitlines()
    return {int(line.split()[2]): line.partition(" # RECORD ")[2] for line in lines if "RECORD" in line}


def numbers(text):
    return {int(n) for n in text.split() if n != "nothing"}


@pytest.fixture(scope="module")
def matrix_lines():
    """[(mutant, clause, {experiments that kill it}, {that record something else})]"""
    matches = filter(None, map(KILLED.match, model("matrix").stdout.splitlines()))
    return [(name, clause, numbers(k), numbers(r)) for name, clause, k, r in map(re.Match.groups, matches)]


@pytest.fixture(scope="module")
def matrix(matrix_lines):
    """{mutant: (clause, {experiments that kill it})}"""
    return {name: (clause, killers) for name, clause, killers, _ in matrix_lines}


@pytest.fixture(scope="module")
def clauses():
    """{clause: what it says}, but for what the manuals leave open"""
    lines = (line.split("\t") for line in model("list-clauses").stdout.splitlines())
    return {name: text for name, text in lines if not text.startswith("Open:")}


@pytest.fixture(scope="module")
def experiments():
    return report()[1]


@pytest.fixture(scope="module")
def rules_of():
    """{experiment: the rules that it names}"""
    lines = EXPERIMENT.findall(model("experiments-markdown").stdout)
    return {int(number): set(rules.split()) for number, rules in lines}


@pytest.fixture(scope="module")
def switches():
    """{what the manuals leave open: its rule}"""
    names = dict(OPEN.findall((ROOT / "src/model/open.def").read_text(encoding="utf-8")))
    return {**names, "faulting_erets_unblocks": "F5", "iret_keeps_blocking": "F5"}


# --- the model ---------------------------------------------------------------------------------


def test_every_experiment_passes_on_the_model(experiments):
    assert len(experiments) > 40
    assert set(experiments.values()) == {"PASS", "RECORD"}


def test_what_is_recorded_is_stable():
    assert records() == records("order=random", "repeat=20", "seed=3") != {}


def test_order_and_repetition_change_nothing(experiments):
    assert report("order=random", "repeat=50", "seed=7") == (0, experiments)
    assert report("order=random", "repeat=50", "seed=8") == (0, experiments)


@pytest.mark.parametrize("vendor", ["vmx", "svm", "none"])
@pytest.mark.parametrize("helper", [(), ("alone",)], ids=["helper", "alone"])
def test_what_a_machine_lacks_is_skipped(experiments, vendor, helper):
    status, verdicts = report(f"vendor={vendor}", *helper)
    assert status == 0
    assert verdicts.keys() == experiments.keys()
    assert "SKIP" in verdicts.values()
    assert set(verdicts.values()) <= {"PASS", "SKIP", "RECORD"}


def test_selection_is_the_kernels():
    assert report("exp=13-17", "not=14")[1].keys() == {13, 15, 16, 17}


@pytest.mark.parametrize(
    "word",
    ["mutant=nobody", "vendor=cyrix", "open=sesame", "exp=800", "cpus=1", "nonsense", "repeat=0", "repeat=forever"],
)
def test_a_bad_word_is_an_error(word):
    result = model(word)
    assert result.returncode == 2
    assert result.stdout.endswith("LHV: ERROR\n")
    assert word.split("=")[0] in result.stdout


# --- the mutants -------------------------------------------------------------------------------


def test_every_clause_has_a_mutant_or_waits(clauses):
    heads = (line.partition(":")[0] for line in model("list-mutants").stdout.splitlines())
    broken = {clause for head in heads for clause in head.split()[1:]}
    assert sorted(clauses.keys() - broken - WAITING.keys()) == []


def test_no_clause_waits_that_has_a_mutant(matrix, clauses):
    assert sorted(WAITING.keys() & {clause for clause, _ in matrix.values()}) == []
    assert sorted(WAITING.keys() - clauses.keys()) == []
    assert len(WAITING) <= WAITING_AT_MOST


def test_every_mutant_breaks_what_a_manual_says(matrix, clauses):
    assert {name for name, (clause, _) in matrix.items() if clause not in clauses} == set()


def test_every_mutant_is_killed_or_recorded(matrix_lines):
    assert [name for name, _, killers, recorders in matrix_lines if not killers | recorders] == []


def test_what_a_mutant_records_is_the_same_alone_and_in_the_matrix(matrix_lines):
    for name, _, _, recorders in matrix_lines:
        for experiment in recorders & {310}:
            assert records(f"mutant={name}", f"exp={experiment}") != records(f"exp={experiment}")


def test_every_experiment_kills_a_mutant(matrix, experiments):
    killers = set().union(*(killers for _, killers in matrix.values()))
    assert sorted(experiments.keys() - killers) == []


def rule(clause):
    return clause.rstrip("abcdefghijklmnopqrstuvwxyz")


def test_every_mutant_is_noticed_by_an_experiment_that_names_its_rule(matrix_lines, rules_of):
    def is_named(clause, numbers):
        return any(rule(clause) in rules_of[number] for number in numbers)

    assert [name for name, clause, k, r in matrix_lines if not is_named(clause, k | r)] == []


def test_every_experiment_has_a_mutant_of_a_rule_that_it_names(matrix_lines, rules_of, switches):
    """Of what is open, the other reading: the record is another one then."""
    own = {n for _, clause, k, r in matrix_lines for n in k | r if rule(clause) in rules_of[n]}
    for name, of in switches.items():
        other = records(f"open={name}")
        own |= {n for n, text in records().items() if other[n] != text and of in rules_of[n]}
    assert sorted(rules_of.keys() - own) == []


def test_a_mutant_is_the_same_alone_and_in_the_matrix(matrix):
    for name, (_, killers) in matrix.items():
        for experiment in sorted(killers)[:1]:
            assert report(f"mutant={name}", f"exp={experiment}")[1] == {experiment: "FAIL"}


# Known bugs, and the experiment that was reported with each: it must notice.
@pytest.mark.parametrize(
    "mutant, experiment",
    [
        ("entry_keeps_host_blocking", 13),
        ("bit3_holds_nmis_after_an_injection", 17),
        ("nmi_before_the_nmi_window", 24),
        ("injected_nmi_blocks_without_virtual_nmis", 18),
        ("bit3_saved_after_an_nmi_exit_blocks", 7),
        ("exit_unblocks_the_host", 4),
        ("two_nmis_are_latched", 29),
        ("entry_never_unblocks", 3),
        ("injected_int3_is_executed_instead", 204),
        ("injected_int3_is_executed_instead", 205),
        ("return_address_is_lost_in_a_fault_below", 206),
        ("injected_nmi_blocks_after_a_fault_below", 210),
        ("injected_nmi_waits_while_blocked", 35),
        ("injected_nmi_waits_while_blocked", 231),
        ("injected_int3_is_executed_instead", 207),
        ("injected_int3_is_executed_instead", 208),
        ("injected_int3_is_executed_instead", 217),
        ("return_address_is_lost_in_a_fault_below", 209),
        ("injected_nmi_blocks_after_a_fault_below", 225),
        ("injected_nmi_blocks_after_a_fault_below", 226),
        ("injected_int1_is_lost_in_a_fault_below", 230),
        ("eventinj_interrupt_waits_for_gif", 232),
        ("gif_does_not_discard_breakpoints", 142),
        ("iret_exits_without_being_asked_for", 301),
        ("erets_of_a_fault_unblocks", 502),
        ("erets_ignores_a_mark_made_by_hand", 504),
        ("erets_ignores_a_mark_made_by_hand", 508),
    ],
)
def test_a_known_bug_is_found_by_its_experiment(matrix, mutant, experiment):
    assert experiment in matrix[mutant][1]


def test_a_hidden_iret_intercept_is_recorded():
    seen = {
        name: records("exp=310", *(f"mutant={m}" for m in (name,) if m))[310].partition(": ")[2]
        for name in ("", "hidden_iret_intercept", "hidden_iret_intercept_for_two_nmis")
    }
    assert seen == {
        "": "unimodal, as fast as others",
        "hidden_iret_intercept": "unimodal, far slower than others",
        "hidden_iret_intercept_for_two_nmis": "bimodal, some far slower than others",
    }


@pytest.mark.parametrize(
    "switch, experiment, says",
    [
        ("faulting_erets_unblocks", 510, "NMI in host at FRED's entry of ring 0"),
        ("faulting_erets_unblocks", 511, "NMI in host at FRED's entry of ring 0"),
        ("iret_keeps_blocking", 512, "IRET does not unblock"),
    ],
)
def test_what_is_open_can_be_otherwise(experiments, switch, experiment, says):
    assert records(f"open={switch}", f"exp={experiment}") == {experiment: says}
    assert records(f"exp={experiment}")[experiment] != says
    assert report(f"open={switch}") == (0, experiments)


def test_the_traces_of_freds_page_are_the_models():
    text = traces.PAGE.read_text(encoding="utf-8")
    assert len(traces.BLOCK.findall(text)) >= 4
    assert traces.filled(text) == text, "run make docs"


def test_mutants_can_be_combined(matrix):
    first, second = matrix["gif_does_not_hold_nmis"][1], matrix["nmi_window_never_exits"][1]
    _, verdicts = report("mutant=gif_does_not_hold_nmis", "mutant=nmi_window_never_exits")
    assert first | second <= {number for number, verdict in verdicts.items() if verdict == "FAIL"}


def test_the_list_names_each_mutant_once(matrix):
    names = [line.split()[0] for line in model("list-mutants").stdout.splitlines()]
    assert names == list(matrix)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("table", ["mutants", "rules", "experiments"])
def test_the_tables_in_docs_are_up_to_date(table):
    committed = (ROOT / "docs" / f"{table}.md").read_text(encoding="utf-8")
    assert committed == model(f"{table}-markdown").stdout, "run make docs"


TRACED = {
    17: "inject interrupt 21h, enter(NOP)",
    201: "inject exception 3 of length 1",
    203: "inject INT n 50h of length 1",
    34: "inject NMI 2, enter(NOP)",
    230: "inject INT1 1 of length 1",
}


@pytest.mark.parametrize("number,words", TRACED.items())
def test_a_trace_shows_what_was_injected(number, words):
    """Of each kind that an experiment has; verbose prints the trace word by word."""
    lines = model(f"exp={number}", "verbose").stdout.splitlines()
    story = " ".join(line.removeprefix("#     ") for line in lines if line.startswith("#     "))
    assert words in story, story


def test_a_failure_does_not_hide_wakeups_without_an_event():
    """409 fails by its IRET, later; that its HLT had ended in vain is told as well."""
    mutants = ("mutant=iret_holds_nmis_for_one_instruction", "mutant=blocked_nmi_ends_hlt")
    lines = model("exp=409", *mutants).stdout.splitlines()
    assert any(line.startswith("not ok") for line in lines)
    assert any(line.startswith("# 409: HLT ended") and "without an event" in line for line in lines), lines


# --- several mistakes in one experiment ---------------------------------------------------------


def said_of(experiment, *mutants):
    """What was not as expected, line by line."""
    lines = model(f"exp={experiment}", *(f"mutant={m}" for m in mutants)).stdout.splitlines()
    return [line[line.index("expected:") :] for line in lines if "expected: " in line]


def test_a_wrong_field_does_not_hide_what_comes_after_it():
    one, other = said_of(14, "bit3_saved_is_physical"), said_of(14, "entry_keeps_host_blocking")
    assert len(one) == len(other) == 1 and one != other
    assert said_of(14, "bit3_saved_is_physical", "entry_keeps_host_blocking") == one + other


def test_after_a_wrong_order_nothing_counts():
    assert len(said_of(17, "bit3_holds_nmis_after_an_injection", "bit3_saved_is_physical")) == 1


def test_verbose_names_every_surprise_of_a_sweep():
    lines = model("exp=41", "verbose", "mutant=sti_bit_without_if_accepted").stdout.splitlines()
    surprises = [line for line in lines if line.startswith("#     [")]
    assert f"{len(surprises)} surprises" in " ".join(lines) and len(surprises) > 8
    assert len(set(surprises)) == len(surprises)
