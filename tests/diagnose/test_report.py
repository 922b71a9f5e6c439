# SPDX-License-Identifier: BSD-2-Clause
"""What tools/diagnose says of logs: whole, cut off, real, and two of them."""

import re
import subprocess

import pytest
from diagnosis import log, oracle, report

DIAGNOSE = oracle.ROOT / "tools" / "diagnose"


def text_of(console, manual):
    lines, explained = report.diagnose(log.read(console), manual)
    return "\n".join(lines), explained


def diagnose(*arguments, stdin=""):
    result = subprocess.run(
        [DIAGNOSE, *arguments], input=stdin, capture_output=True, text=True, check=False, timeout=60
    )
    return result.returncode, result.stdout, result.stderr


def test_no_failures(console, manual):
    text, explained = text_of(console("vmx"), manual)
    assert explained
    assert re.fullmatch(r"VMX, 2 CPUs or more: \d+ experiments ran, no failures, \d+ skipped", text)


def test_a_mutant_is_named_with_all_that_is_known_of_it(console, manual):
    text, explained = text_of(console("vmx", "entry_keeps_host_blocking"), manual)
    assert explained
    assert "1 mistake explains every failure, to the text, and no smaller set does:" in text
    words = " ".join(text.split())
    assert "entry_keeps_host_blocking bug: host blocking comes back" in words
    assert "KVM bugzilla 217304" in words
    assert "breaks R16b: " + manual.clauses["R16b"] in words
    assert " ".join(manual.rules["R16"].split()) in words
    assert "seen in: 13 14 24" in words
    assert "Unexplained" not in text


def test_a_disturbed_failure_is_named(console, manual):
    line = "# 13: disturbed, 1 of 1 times: other CPUs got NMIs that nobody here sent"
    text = console("vmx", "entry_keeps_host_blocking")
    text = text.replace("# 13: trace:", f"{line}\n# 13: trace:", 1)
    assert line in text
    assert "Disturbed by NMIs of the platform's own: 13." in text_of(text, manual)[0]


def test_two_mutants_of_which_one_masks_the_other(console, manual):
    text, explained = text_of(console("vmx", "two_nmis_are_latched", "entry_never_unblocks"), manual)
    assert explained
    assert "2 mistakes explain" in text
    assert "\ntwo_nmis_are_latched\n" in text and "\nentry_never_unblocks\n" in text


def test_the_experiment_that_would_tell_is_named(console, manual):
    text, _ = text_of(console("vmx", "entry_keeps_host_blocking", words=("exp=13",)), manual)
    assert "This log cannot tell it from" in text
    assert re.search(r"entry_never_unblocks for \w+:\s+\d+ would tell, it fails with", text)


def test_what_a_machine_carries_over(console, manual):
    text, explained = text_of(console("svm", "iret_unblocks_only_in_a_handler"), manual)
    assert explained
    assert "did not come back to the known state" in text
    assert "\niret_unblocks_only_in_a_handler\n" in text


def test_what_no_mutant_explains_is_listed(console, manual):
    text = console("vmx", "entry_ignores_bit3").replace("not ok 4 4 ", "ok 4 4 ")
    said, explained = text_of(text, manual)
    assert not explained
    assert "Nothing explains it all." in said
    assert "\nentry_ignores_bit3\n" in said
    unexplained = " ".join(said[said.index("Unexplained:") :].split())
    assert "4 vm_entry_blocks_an_open_host: passed; with these mistakes it fails" in unexplained


def test_a_text_that_differs_is_said(console, manual):
    text = console("vmx", "retf_unblocks")
    said, explained = text_of(re.sub(r"got: .*", "got: the unheard-of", text), manual)
    assert explained
    assert "but not the text of each" in said
    assert "\nretf_unblocks\n" in said
    assert "got: the unheard-of; with these mistakes expected:" in " ".join(said.split())


@pytest.mark.parametrize("length", range(300, 6000, 190))
def test_a_log_that_is_cut_off_serves_as_far_as_it_goes(console, manual, length):
    text, explained = text_of(console("vmx", "entry_never_unblocks")[:length], manual)
    assert explained
    assert "The log is cut off" in text
    assert "\nentry_never_unblocks\n" in text or "no failures" in text or "cannot tell" in text


def test_a_log_with_firmware_and_carriage_returns(console, manual):
    text = "SeaBIOS\x1b[2J" + console("svm", "eventinj_nmi_blocks").replace("\n", "\r\n")
    assert "\neventinj_nmi_blocks\n" in text_of(text, manual)[0]


def test_results_that_the_model_does_not_have(console, manual):
    text = console("none") + "ok 99 998 from_the_future\n"
    assert "The model does not know: 998" in text_of(text, manual)[0]


# --- the command -------------------------------------------------------------------------------


def test_command(console, tmp_path):
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text(console("svm"))
    bad.write_text(console("svm", "eventinj_nmi_blocks"))
    status, out, err = diagnose(good, bad)
    assert (status, err) == (0, "")
    assert f"{good}: SVM" in out and f"{bad}: SVM" in out and "\neventinj_nmi_blocks\n" in out
    assert diagnose("-", stdin=good.read_text())[0] == 0


def test_two_runs_in_one_log(console):
    _, out, _ = diagnose("-", stdin=console("svm") + console("vmx", "retf_unblocks"))
    assert out.startswith("-: SVM") and "\n-: VMX" in out


@pytest.mark.parametrize("arguments", [(), ("/nonexistent",), ("--compare", "-")])
def test_bad_arguments(arguments):
    status, _, err = diagnose(*arguments)
    assert status == 2 and "diagnose" in err


def test_no_report():
    assert diagnose("-", stdin="nothing of ours\n")[::2] == (
        2,
        "tools/diagnose: -: no report of LHV in it\n",
    )


def test_compare(console, tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text(console("vmx") + "ok 97 950 a # RECORD this\n")
    other.write_text(console("vmx", "retf_unblocks") + "ok 97 950 a # RECORD that\n")
    assert diagnose("--compare", one, one) == (0, "no differences\n", "")
    status, out, _ = diagnose("--compare", one, other)
    assert status == 1
    assert "402 other_returns_do_not_unblock\n  - PASS\n  + FAIL expected: " in out
    assert "950 a\n  - RECORD this\n  + RECORD that\n" in out


# --- real machines -----------------------------------------------------------------------------


def run(platform, *words):
    command = [oracle.ROOT / "tools" / "run.sh", "--no-install", platform, *words]
    result = subprocess.run(command, capture_output=True, timeout=200, check=False)
    if result.returncode == 77:
        pytest.skip("not available here")
    console = result.stdout.decode(errors="replace")
    return result.returncode, console, result.stderr.decode(errors="replace")


def test_bochs_vmx(manual):
    status, console, notes = run("bochs-vmx")
    text, _ = text_of(console, manual)
    assert status == 1
    for name in (
        "entry_never_unblocks",
        "bit3_saved_after_an_nmi_exit_blocks",
        "nmi_under_virtual_blocking_accepted",
        "injected_nmi_blocks_without_virtual_nmis",
        "nmi_exit_saves_active",
    ):
        assert f"\n{name}\n" in text, text
        assert f"\n{name}\n" in notes, notes  # run.sh says the same after its summary line


def test_bochs_svm(manual):
    text, explained = text_of(run("bochs-svm")[1], manual)
    assert explained, text
    for name in (
        "eventinj_nmi_blocks",
        "v_irq_waits_for_the_guests_own_sti",
        "exitintinfo_has_the_last_injection",
        "host_tf_traps_in_the_guest",
    ):
        assert f"\n{name}\n" in text, text


@pytest.mark.parametrize("vendor, other", [("vmx", "S"), ("svm", "R1[1-9]|R2|R3|R4")])
@pytest.mark.parametrize(
    "mutant", ["injected_int3_is_executed_instead", "injected_nmi_waits_while_blocked", "exit_keeps_eventinj"]
)
def test_no_rule_of_the_other_vendor_is_named(console, manual, vendor, other, mutant):
    text, _ = text_of(console(vendor, mutant), manual)
    assert not re.search(rf"breaks ({other})\d*[a-z]: ", text.replace("breaks R33b: ", "")), text


def test_the_finding_is_named_and_what_to_do_next(console, manual):
    machine = "# machine: Bochs 2.7, cpu: model=corei7_icelake_u\n"
    text, _ = text_of(machine + console("vmx", "entry_never_unblocks"), manual)
    assert "known as: finding 018 (" in text
    assert "Next: tools/run.sh bochs-vmx exp=3 verbose" in text


def test_what_no_finding_has_is_to_be_written_up(console, manual):
    machine = "# machine: Bochs 2.7, cpu: model=corei7_icelake_u\n"
    text, _ = text_of(machine + console("vmx", "nmi_before_the_preemption_timer"), manual)
    assert "no finding has it" in text and "docs/findings/README.md" in text
