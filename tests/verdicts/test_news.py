# SPDX-License-Identifier: BSD-2-Clause
"""tools/news: what of a run is news, and where two differ."""

import subprocess

import pytest
from diagnosis import assertion, compare, ktap, log
from verdicts import expected, news, platforms, results, sides

NEWS = platforms.ROOT / "tools" / "news"
LHV = platforms.ROOT / "tools" / "lhv"
EXIT = "expected: NMI exit at NOP; got: hypercall exit at VMCALL"
FIELD = "expected: guest state 0; got: BLOCKED_BY_NMI"


def console(*results, machine="QEMU 7.2.22, -accel tcg -cpu max"):
    """A log; each result is (number, verdict, text of a failure or a reason)."""
    lines, counts = [], {"PASS": 0, "FAIL": 0, "SKIP": 0, "RECORD": 0}
    for i, (number, verdict, said) in enumerate(results, 1):
        counts[verdict] += 1
        directive = f" # {verdict} {said}" if verdict in ("SKIP", "RECORD") else ""
        lines.append(f"{'not ' * (verdict == 'FAIL')}ok {i} {number} name_{number}{directive}")
        if verdict == "FAIL":
            lines += [f'# {number}: APM "A Title" S2. {part}' for part in said.split(ktap.BETWEEN)]
            lines.append(f"# {number}: trace: settle")
    totals = ", ".join(f"{word} {counts[v]}" for v, word in zip(counts, ("passed", "failed", "skipped", "recorded")))
    head = [f"# machine: {machine}", "KTAP version 1", "# lhv 0.1 (64-bit) on x, y, SVM: NPT, 2 CPUs xAPIC, boot: z"]
    verdict = "FAIL" if counts["FAIL"] else "PASS"
    return "\n".join([*head, f"1..{len(results)}", *lines, f"# {totals}, 1 us", f"LHV: {verdict}"]) + "\n"


# --- the parts of a text -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, kind, subject, got",
    [
        (EXIT, "event", "NMI exit at NOP", "hypercall exit"),
        (FIELD, "field", "guest state", "BLOCKED_BY_NMI"),
        ("expected: EXITCODE -1; got: 00000000ffffffff", "field", "EXITCODE", "X"),
        ("expected: nothing; got: NMI in host at 109c1c", "event", "nothing", "NMI in host"),
        ("expected: no more than this; got: more", "field", "no more than", "more"),
        ("nonsense", "other", "nonsense", ""),
    ],
)
def test_parts(text, kind, subject, got):
    (made,) = assertion.parse(text)
    assert (made.kind, made.subject, made.got) == (kind, subject, got)


SWEEP = "expected: 44 cases as the manual has them; got: 3 surprises"


@pytest.mark.parametrize(
    "one, other, same",
    [
        ("expected: nothing; got: NMI in host at 109c1c", "expected: nothing; got: NMI in host at 109c20", True),
        (EXIT, "expected: NMI exit at NOP; got: shutdown exit at NOP", False),
        (EXIT, FIELD, False),
        (EXIT, f"{EXIT} | {FIELD}", False),
        (f"{SWEEP} [a: 0] [b: 1]", f"{SWEEP} [a: 0]", True),
        (f"{SWEEP} [a: 0] [b: 1]", f"{SWEEP} [c: 0]", False),
        ("expected: EXITCODE -1; got: 00000000ffffffff", "expected: EXITCODE -1; got: ffffffff", True),
        ("expected: EXITCODE -1; got: 00000000ffffffff", "expected: nRIP 0; got: ffffffff", False),
    ],
)
def test_two_texts(one, other, same):
    assert assertion.is_same(one, other) == same
    assert assertion.is_same(other, one) == same


def test_a_part_of_a_known_failure_is_known():
    assert assertion.is_known(EXIT, [f"{FIELD} | {EXIT}"])
    assert not assertion.is_known(f"{FIELD} | {EXIT}", [EXIT])


# --- against a list ----------------------------------------------------------------------------

LIST = f"17 FAIL # finding 014\n    {EXIT}\n18 CHANCE # finding 027, finding 014\n19 RECORD # open\n    this\n20 PASS # a\n"
GOOD = [(17, "FAIL", EXIT), (18, "PASS", ""), (19, "RECORD", "this"), (20, "PASS", "")]


def judged(*results):
    return news.judge(ktap.parse(console(*results)), expected.parse(LIST))


def test_what_is_known_is_no_news():
    assert judged(*GOOD).sum_up() == "as expected (1 known failure: finding 014)"
    both = judged((17, "FAIL", EXIT), (18, "FAIL", FIELD), (21, "PASS", ""), (22, "SKIP", "no"))
    assert both.sum_up() == "as expected (2 known failures: findings 014 027)"
    assert judged((20, "PASS", "")).sum_up() == "as expected"


@pytest.mark.parametrize(
    "result, said",
    [
        ((17, "PASS", ""), "17 name_17: PASS, known is FAIL"),
        ((17, "FAIL", FIELD), f"17 name_17 fails in another way: {FIELD}"),
        ((17, "SKIP", "no"), "17 name_17: SKIP, known is FAIL"),
        ((19, "RECORD", "that"), "19 name_19 records something else: that"),
        ((20, "SKIP", "no"), "20 name_20: SKIP, known is PASS"),
        ((20, "FAIL", EXIT), f"20 name_20: FAIL, known is PASS: {EXIT}"),
        ((21, "FAIL", EXIT), f"21 name_21 fails: {EXIT}"),
    ],
)
def test_what_is_news(result, said):
    made = judged(result)
    assert (made.news, made.sum_up()) == ([said], "1 news")


def test_a_platforms_list_has_the_texts_that_were_kept():
    """132 of QEMU 7.2: tests/expected names the finding, docs/results how it failed."""
    listed = news.of_platform("tcg-svm", console())
    assert "EXITCODE" in listed[132].texts[0]
    assert news.judge(ktap.parse(console((132, "FAIL", listed[132].texts[0]))), listed).news == []
    assert len(news.judge(ktap.parse(console((132, "FAIL", EXIT))), listed).news) == 1


def test_each_kept_failure_is_known_where_it_is_listed():
    for machine in results.load_all():
        listed = news.of_platform(machine.platform, f"# machine: {machine.machine}")
        for number, result in machine.results.items():
            for text in news.texts_of(result.details) if number in listed else ():
                assert assertion.is_known(text, listed[number].texts), (machine.name, number)


def test_which_cases_surprise_by_chance_is_no_news():
    """133 on a KVM that forgets an event now and then (finding 013): never the same one."""
    sweep = "expected: 1743 cases as the manual has them; got: 1 surprises"
    machine = next(m for m in results.load_all() if m.platform == "lab-svm" and m.listed()[133].verdict == "CHANCE")
    listed = news.of_platform("lab-svm", f"# machine: {machine.machine}")
    lines = console((133, "FAIL", sweep)).replace("trace: settle", "trace: [type 6 vector 9: entered] settle")
    assert news.judge(ktap.parse(lines), listed).news == []
    assert len(news.judge(ktap.parse(console((133, "FAIL", EXIT))), listed).news) == 1


def test_a_machines_own_list():
    text = console(*GOOD, (132, "FAIL", EXIT), (301, "SKIP", "no vNMI"))
    made = news.write("tcg-svm", [text])
    assert "132 FAIL    # name_132: finding 014, finding 016\n    expected: NMI exit" in made
    assert "301 SKIP    # name_301: no vNMI\n" in made
    assert "19  RECORD  # name_19\n    this\n" in made
    assert news.judge(ktap.parse(text), expected.parse(made)).news == []
    other = console(*GOOD[:2], (19, "RECORD", "that"), (20, "FAIL", FIELD), (301, "PASS", ""))
    assert len(news.judge(ktap.parse(other), expected.parse(made)).news) == 3


def test_two_widths_make_one_list():
    other = console((17, "PASS", "")).replace("(64-bit)", "(32-bit)")
    made = news.write("tcg-svm", [console((17, "FAIL", EXIT)), other])
    assert "17  CHANCE  # name_17\n" in made


def test_what_failed():
    assert news.failed(console(*GOOD, (30, "FAIL", FIELD))) == "exp=17,30"
    assert news.failed(console((17, "PASS", ""))) == ""


# --- two runs ----------------------------------------------------------------------------------


def differences(one, other):
    return list(compare.differences(*(sides.of_text(console(*results)) for results in (one, other))))


@pytest.mark.parametrize(
    "before, after, kind",
    [
        ((17, "PASS", ""), (17, "FAIL", EXIT), "news"),
        ((17, "FAIL", EXIT), (17, "PASS", ""), "mended"),
        ((17, "FAIL", EXIT), (17, "FAIL", FIELD), "changed"),
        ((17, "RECORD", "a"), (17, "RECORD", "b"), "changed"),
        ((17, "PASS", ""), (17, "SKIP", "a"), "changed"),
        ((17, "SKIP", "a"), (17, "SKIP", "b"), None),
        ((17, "FAIL", EXIT), (17, "FAIL", EXIT), None),
        ((17, "PASS", ""), (18, "FAIL", EXIT), None),
    ],
)
def test_difference(before, after, kind):
    found = differences([before], [after])
    assert [each.kind for each in found] == [kind] * bool(kind)


def test_what_fails_by_chance_may_pass():
    chance = compare.Ending("a", "CHANCE", EXIT)
    for other in (compare.Ending("a", "FAIL", EXIT), compare.Ending("a", "PASS")):
        assert not compare.differ(chance, other) and not compare.differ(other, chance)
    assert compare.differ(chance, compare.Ending("a", "FAIL", FIELD))


def test_a_log_and_what_is_kept_of_one():
    kept = sides.load("tcg-svm-7.2")
    assert kept[101].verdict == "PASS" and "EXITCODE" in kept[132].said
    assert list(compare.differences(kept, kept)) == []


def test_logs_of_the_diagnosis_are_the_same():
    text = console(*GOOD)
    assert compare.endings(log.read(text)) == sides.of_text(text)


# --- the commands ------------------------------------------------------------------------------


def command(*words, stdin=""):
    result = subprocess.run(
        [str(word) for word in words], input=stdin, capture_output=True, text=True, check=False, timeout=60
    )
    return result.returncode, result.stdout, result.stderr


def test_check_command(tmp_path):
    (tmp_path / "list").write_text(LIST)
    check = (NEWS, "check", "--expect", tmp_path / "list", "-")
    assert command(*check, stdin=console(*GOOD)) == (0, "as expected (1 known failure: finding 014)\n", "")
    status, out, _ = command(*check, stdin=console((20, "FAIL", EXIT)))
    assert (status, out.splitlines()[-1]) == (1, "1 news")
    assert command(*check, stdin=console(*GOOD)[:-20])[0] == 2


def test_diff_command(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text(console(*GOOD))
    other.write_text(console(*GOOD[:3], (20, "FAIL", FIELD), (21, "PASS", "")))
    assert command(LHV, "diff", one, one) == (0, "no differences\n", "")
    status, out, _ = command(LHV, "diff", one, other)
    assert (status, out.splitlines()[0]) == (1, "news: 20 name_20")
    assert out.splitlines()[-1] == "1 news (1 experiments ran in one only)"


@pytest.mark.parametrize("words", [("diff", "nonsense", "tcg-svm-7.2"), ("diff", "/dev/null", "/dev/null"), ("nothing",), ()])
def test_bad_arguments(words):
    status, _, said = command(LHV, *words)
    assert status == 2 and said
