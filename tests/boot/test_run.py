# SPDX-License-Identifier: BSD-2-Clause
"""tools/run.sh itself."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import pytest
from conftest import ROOT, assert_no, execute


def run_sh(*words, **environment):
    return execute(["tools/run.sh", "--no-install", *words], **environment)


def test_help_lists_the_platforms():
    result = run_sh("--help")
    assert result.status == 0
    for platform in ("bochs-vmx", "bochs-svm", "tcg-svm", "kvm"):
        assert f"{platform}: " in result.console


@pytest.mark.parametrize("words, environment", [(("--nonsense",), {}), (("tcg",), {"width": "16"})])
def test_wrong_usage(words, environment):
    assert run_sh(*words, **environment).status == 2


def test_missing_package_without_install(tmp_path):
    """Without QEMU and without leave to install it, the platform is not available."""
    for name in ("bash", "sh", "env", "make", "gcc", "objcopy", "id", "dirname", "realpath", "sed"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    for name in ("mktemp", "rm", "wc", "cat", "tail", "grep", "basename", "mkdir"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    result = run_sh("tcg", path=tmp_path)
    assert result.status == 77, result
    assert "qemu-system-x86" in result.notes


def test_log_is_kept(tmp_path):
    result = run_sh("tcg", "exp=401", log=tmp_path, width="both")
    assert result.status == 0, result
    assert (tmp_path / "tcg-32.log").read_text() + (tmp_path / "tcg-64.log").read_text() == (
        result.console
    )
    assert "summary" in result.notes


def test_emulator_that_does_not_start():
    result = run_sh("tcg", extra="-nonsense")
    assert result.status == 2
    assert "invalid option" in result.notes


def test_platform_that_does_not_exist():
    result = run_sh("tgc-svm", "exp=401")
    assert result.status == 2, result
    assert "there is no platform tgc-svm" in result.notes
    assert "bochs-vmx: " in result.notes and "tcg-svm: " in result.notes
    assert result.console == ""


@pytest.mark.parametrize("name, value", [("limit", "soon"), ("cpus", "0"), ("longest", "-1")])
def test_setting_that_is_no_number(name, value):
    result = run_sh("tcg", **{name: value})
    assert result.status == 2, result
    assert f"{name.upper()} is a number above 0, not {value}" in result.notes


@pytest.fixture
def emulator(tmp_path):
    """emulator(shell) -> a QEMU that does that, with $serial for its serial port"""

    def emulator(text):
        path = tmp_path / "qemu"
        path.write_text(
            '#!/bin/bash\n[ "$1" != --version ] || { echo "version 7.2.0" && exit; }\n'
            'while [ $# != 0 ]; do case $1 in file:*) serial=${1#file:} ;; file,id=crumbs*) crumbs=${1#*path=} ;; esac; shift; done\n'
            'say() { printf "%s\\n" "$@" >&3; }\n'
            f'exec 3>"$serial"\nsay "KTAP version 1" "# lhv 0.1 (64-bit) on x" 1..1\n{text}\n'
        )
        path.chmod(0o755)
        return path

    return emulator


LAST = 'say "ok 1 401 a" "# passed 1, failed 0, skipped 0, recorded 0, 1 us" "LHV: PASS"; exit 33'
SKIPPED = LAST.replace("401 a", "401 a # SKIP b").replace("PASS", "SKIP").replace("33", "39")
SKIPPED = SKIPPED.replace("passed 1", "passed 0").replace("skipped 0", "skipped 1")


@pytest.mark.parametrize(
    "script, status, reason",
    [
        (LAST, 0, "PASS"),
        (SKIPPED, 77, "SKIP"),
        (LAST.replace("33", "35"), 2, "the last line says PASS, QEMU's exit status FAIL"),
        ("kill -KILL $$", 2, "killed the emulator with SIGKILL (as Linux does when memory runs out)"),
        ("kill -SEGV $$", 2, "killed the emulator with SIGSEGV"),
        ("exit 0", 2, "the machine stopped (triple fault?) before the first experiment"),
        ("exec sleep 100", 2, "hang, no sign of life for 1 s, before the first experiment"),
        ("while :; do say '# moving'; sleep 0.1; done", 2, "stopped after 4 s, still moving"),
        # Slower than LIMIT, and moving.
        (f"for i in {{1..20}}; do say '# moving'; sleep 0.1; done; {LAST}", 0, "PASS"),
    ],
)
def test_reason_for_the_end(emulator, script, status, reason):
    longest = 100 if "hang" in reason else 4
    result = run_sh("tcg", qemu=emulator(script), limit=1, longest=longest)
    assert result.status == status, result
    assert f"tcg, 64 bit: {'ERROR' if status == 2 else reason}, " in result.notes, result
    assert reason in result.notes, result
    assert ("hang" in result.notes) == ("hang" in reason), result


def test_kernel_that_does_not_start(emulator):
    path = emulator("")
    path.write_text(path.read_text().replace("KTAP", "none"))
    result = run_sh("tcg", qemu=path)
    assert result.status == 2, result
    assert "the kernel did not start (the emulator's exit status: 0)" in result.notes


@pytest.mark.parametrize("platform", ("tcg", "bochs-vmx"))
def test_console_without_the_serial_port(run, platform):
    result = run(platform, "exp=401", "com=none")
    assert result.status == 0, result
    assert_no(result.report.problems, result)


def test_reader_that_goes_away(emulator):
    command = "tools/run.sh tcg | head -n 1 >/dev/null; exit ${PIPESTATUS[0]}"
    qemu = emulator("while say '# moving'; do sleep 0.1; done")
    result = execute(["bash", "-c", command], qemu=qemu)
    assert result.status == 2, result
    assert "cannot write stdout: Broken pipe" in result.notes, result


def test_stdout_on_a_full_disk(emulator):
    result = execute(["bash", "-c", "tools/run.sh tcg >/dev/full"], qemu=emulator(LAST))
    assert result.status == 2, result
    assert "cannot write stdout: No space left on device" in result.notes, result


def full_disk(*words):
    """The command with a TMPDIR that has no room."""
    full = "mount -t tmpfs -o size=64k none /mnt && cd /mnt && head -c 61440 /dev/zero >full; cd -"
    inside = f"{full} >/dev/null; TMPDIR=/mnt exec {' '.join(map(str, words))}"
    return ["unshare", "-rm", "bash", "-c", inside]


@pytest.mark.parametrize("platform", ("tcg", "bochs-vmx"))
def test_full_disk(platform):
    if execute(["unshare", "-rm", "true"]).status:
        pytest.skip("no mount namespace here")
    result = execute(full_disk("tools/run.sh", "--no-install", platform), width=64)
    if result.status != 77:
        assert result.status == 2, result
        assert "triple fault" not in result.notes, result
        assert "No space left on device" in result.notes, result


def test_log_that_cannot_be_kept():
    result = run_sh("tcg", "exp=401", log="/dev/null/logs")
    assert result.status == 2, result
    assert "cannot write to LOG=/dev/null/logs" in result.notes


def test_log_that_can_no_longer_be_kept(emulator, tmp_path):
    logs = tmp_path / "logs"
    result = run_sh("tcg", log=logs, qemu=emulator(f"rm -rf '{logs}'; {LAST}"))
    assert result.status == 2, result
    assert "the log is not kept" in result.notes


# --- how far it is -----------------------------------------------------------------------------

FAR = (
    r'printf "\n@pass 3 of 4 on CPU 0, failures: 7\n@13 host(\n@pass 4 of 4 on CPU 0, fai" >"$crumbs"; '
    "sleep 6.5; for i in {1..19}; do say '# moving'; done; "
)


def test_how_far_it_is_is_said_while_nothing_is_printed(emulator):
    result = run_sh("tcg", "exp=401", "repeat=4", qemu=emulator(FAR + LAST))
    assert result.status == 0, result
    assert "tcg, 64 bit: 1 experiment, 4 times: " in result.notes, result
    line = r"(?m)^run.sh: tcg, 64 bit: \d+ s, pass 3 of 4 on CPU 0, failures: 7, at experiment 13, about \d+ s left$"
    assert re.search(line, result.notes), result
    assert "pass 4" not in result.notes and "@" not in result.console, result


def test_a_first_failure_is_shown_at_once_and_counted_at_the_end(run):
    result = run("tcg", "exp=401,904", "repeat=3", "cpus=0-1")
    first = [line for line in result.report.lines if line.startswith("# pass 1, CPU 0: 904 ")]
    assert len(first) == 1 and result.console.index(first[0]) < result.console.index("\nok 1"), result
    assert "# 904: failed 6 of 6 times" in result.console, result
    assert_no(result.report.problems, result)
    assert "# pass 1, " not in run("tcg", "exp=401,904").console


def test_what_it_will_take_is_said_at_the_start(run, tmp_path):
    """After a run here, by its pace; of twenty experiments or more."""
    for width in ("32", "64"):  # with its dates: nothing is built again
        shutil.copytree(ROOT / "build" / width, tmp_path / width)
        shutil.copy2(ROOT / "build" / f"lhv{width}.elf", tmp_path)
    notes = [run("tcg", "exp=401", "repeat=20", "cpus=all", build=tmp_path).notes for _ in range(2)]
    assert "1 experiment, 20 times, on 2 CPUs: the first run here, how long is not known" in notes[0]
    assert re.search(r"1 experiment, 20 times, on 2 CPUs: about \d+ s, at most 20 h\n", notes[1]), notes[1]


def limits(arguments, **settings):
    script = 'limit=120; LIMIT=$1 LONGEST=; shift; arguments=("$@"); . tools/lib/progress.sh; progress_limits; echo $LIMIT $LONGEST'
    return execute(["bash", "-c", f"set -u; {script}", "bash", settings.get("limit", ""), *arguments]).console.strip()


@pytest.mark.parametrize(
    "arguments, said",
    [
        ([], "120 3600"),
        (["exp=1", "repeat=100", "--", "repeat=7"], "120 360000"),
        (["timeout=20 repeat=2"], "480 28800"),
        (["timeout=2", "explore=forever", "time=7200"], "120 10800"),
        (["repeat=forever", "timeout=x", "time=99999999999999999999", "repeat=0"], "120 3600"),
    ],
)
def test_limits_grow_with_what_is_asked(arguments, said):
    assert limits(arguments) == said
    assert limits(arguments, limit="7").startswith("7 ")


# --- paths -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """A fresh tree, in a folder with blanks."""
    tree = tmp_path_factory.mktemp("clone") / "a tree, of ours"
    files = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout.split(b"\0")
    for name in filter(None, files):
        path = ROOT / name.decode()
        if path.exists():
            (tree / name.decode()).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, tree / name.decode())
    return tree


def test_paths_with_blanks_and_diagnosis_in_a_fresh_clone(clone, tmp_path):
    """The tree, BUILD and TMPDIR; bochs-vmx fails 13, and the model is built to say why."""
    folder = tmp_path / "t, u v"
    folder.mkdir()
    settings = {"build": tmp_path / "b, c d", "tmpdir": folder, "diagnose": ""}
    result = execute([clone / "tools/run.sh", "bochs-vmx", "exp=13"], **settings)
    if result.status == 77:
        pytest.skip(result.notes.strip())
    assert result.status == 1, result
    assert "entry_never_unblocks" in result.notes, result
    assert list(folder.iterdir()) == []
    result = execute([clone / "tools/run.sh", "tcg-svm", "exp=101", "com=none"], **settings)
    assert result.status == 0, result
    assert (tmp_path / "b, c d/lhv-model").exists()


# --- signals -----------------------------------------------------------------------------------


def members(session):
    """What runs in a session, but for what has ended and is not waited for."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, fields = path.read_text().rpartition(")")
        except OSError:
            continue
        state, _, _, its_session = fields.split()[:4]
        if int(its_session) == session and state != "Z":
            found.append(name)
    return found


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def signals_have_their_defaults():
    """What runs in the background ignores some, and a shell cannot trap those."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


@pytest.mark.parametrize("name", ("INT", "TERM", "HUP", "QUIT"))
@pytest.mark.parametrize("whole_group", (False, True), ids=("alone", "group"))
@pytest.mark.parametrize("platform", ("tcg", "bochs-vmx"))
def test_signal_leaves_no_process_and_no_folder(tmp_path, platform, whole_group, name):
    command = ["tools/run.sh", "--no-install", platform, "exp=401", "repeat=1000000"]
    folder, log = tmp_path / "t", tmp_path / "log"
    folder.mkdir()
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            preexec_fn=signals_have_their_defaults,
            env={**os.environ, "TMPDIR": str(folder), "DIAGNOSE": "no"},
        )
    wait_for(lambda: "\n1..1" in log.read_text() or process.poll() is not None)
    if process.poll() == 77:
        pytest.skip(log.read_text())
    number = getattr(signal, f"SIG{name}")
    (os.killpg if whole_group else os.kill)(process.pid, number)
    assert process.wait(60) == 128 + number, log.read_text()
    assert members(process.pid) == [], log.read_text()
    assert list(folder.iterdir()) == []


# --- what is known -------------------------------------------------------------------------------

FAILED = (
    'say "not ok 1 407 a" "# 407: SDM \\"T\\" R6. expected: nothing after MOV_SS_LOOP; got: NMI in host" '
    '"# 407: trace: settle" "# passed 0, failed 1, skipped 0, recorded 0, 1 us" "LHV: FAIL"; exit 35'
)


def test_only_news_is_a_failure(emulator, tmp_path):
    """407 is finding 027 of every QEMU; with another experiment's number the same is news."""
    qemu = emulator(FAILED)
    result = run_sh("--expect", "tcg", "exp=407", qemu=qemu, diagnose="")
    assert result.status == 0, result
    assert result.notes.splitlines()[-1].endswith(": as expected (1 known failure: finding 027)"), result
    qemu = emulator(FAILED.replace("407", "401"))
    result = run_sh("--expect", "tcg", "exp=401", qemu=qemu)
    assert result.status == 1, result
    assert "news: 401 a fails: expected: nothing after MOV_SS_LOOP" in result.notes, result
    assert "FAIL" in result.notes and ": 1 news" in result.notes, result


def test_what_is_known_is_shown_beside_the_verdict(emulator):
    result = run_sh("tcg", "exp=407", qemu=emulator(FAILED), diagnose="")
    assert result.status == 1, result
    assert ": as expected (1 known failure: finding 027)" in result.notes, result
    assert result.notes.splitlines()[-1].endswith("tools/diagnose --explain 407"), result


def test_machine_has_a_list_of_its_own(emulator, tmp_path):
    base = tmp_path / "a base"
    result = run_sh("--write-expect", base, "tcg", qemu=emulator(LAST))
    assert result.status == 0 and "401 PASS" in base.read_text(), result
    assert run_sh(f"--expect={base}", "tcg", qemu=emulator(LAST)).status == 0
    result = run_sh(f"--expect={base}", "tcg", qemu=emulator(FAILED.replace("407", "401")))
    assert result.status == 1, result
    assert "401 a: FAIL, known is PASS" in result.notes, result
    assert run_sh(f"--expect={base}", "tcg", qemu=emulator("exit 0")).status == 2


def test_what_failed_runs_again(emulator, tmp_path):
    """With the words as the emulator gets them."""
    log = tmp_path / "log"
    log.write_text(run_sh("tcg", qemu=emulator(FAILED)).console)
    echo = emulator('say "# $(tr "\\0" " " <"/proc/$$/cmdline")"; ' + LAST)
    result = run_sh("--failed", log, "tcg", "verbose", "--", "ticks", qemu=echo)
    assert result.status == 0, result
    assert "exp=407 verbose" in result.console and "exp=407 ticks" in result.console, result
    log.write_text(run_sh("tcg", qemu=emulator(LAST)).console)
    result = run_sh(f"--failed={log}", "tcg", qemu=echo)
    assert result.status == 0 and "nothing failed in" in result.notes, result
    assert "\nKTAP" not in result.console, result


def test_names_and_globs_select(emulator):
    echo = emulator('say "# $(tr "\\0" " " <"/proc/$$/cmdline")"; ' + LAST)
    result = run_sh("tcg", "exp=nmi_window_comes_before_a_pending_nmi,407", "not=fred*/*", qemu=echo)
    assert "exp=24,407 not=501-" in result.console, result
    result = run_sh("tcg", "exp=vmx/nonsense*", qemu=echo)
    assert result.status == 2 and "there is no experiment vmx/nonsense*" in result.notes, result


@pytest.mark.parametrize(
    "words, said",
    [
        (("--expect=/nonexistent", "tcg"), "cannot read --expect=/nonexistent"),
        (("--write-expect",), "needs a file"),
        (("--write-expect", "/dev/null/x", "tcg"), "cannot write to /dev/null/x"),
        (("--write-expect", "/dev/null", "all"), "needs one platform"),
        (("--failed", "tcg", "exp=1"), "--failed and exp= both say what runs"),
        (("--failed=/nonexistent", "tcg"), "there is no log /nonexistent"),
        (("tcg", "--expect"), "options come before the platform"),
    ],
)
def test_wrong_options(words, said):
    result = run_sh(*words)
    assert result.status == 2 and said in result.notes, result
