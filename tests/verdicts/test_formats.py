# SPDX-License-Identifier: BSD-2-Clause
"""tools/report: what readers of KTAP, TAP, JUnit XML and JSON make of a log."""

import json
import shutil
import subprocess
import sys

import kept
import pytest
from diagnosis import ktap
from reporting import runs, tap
from test_news import EXIT, FIELD, console
from verdicts import platforms

REPORT = platforms.ROOT / "tools" / "report"
KUNIT = kept.folder("kunit") / "kunit_parser.py"
MOV_SS = "expected: nothing after MOV_SS_LOOP; got: NMI in host after MOV_SS_LOOP"

GREEN = console((101, "PASS", ""), (407, "FAIL", MOV_SS), (135, "RECORD", "it # came"), (1, "SKIP", "no VMX"))
RED = console((101, "FAIL", f"{EXIT} | {FIELD}"), (407, "PASS", ""))
CUT_OFF = GREEN[: GREEN.index("ok 3")]
ERROR = CUT_OFF + "Bail out! NMIs do not arrive in experiment 135\nLHV: ERROR\n"
LOGS = {"green": GREEN, "red": RED, "cut off": CUT_OFF, "error": ERROR}


def report(*words, stdin=""):
    result = subprocess.run(
        [REPORT, *map(str, words)], input=stdin, capture_output=True, text=True, check=False, timeout=60
    )
    return result.returncode, result.stdout, result.stderr


@pytest.fixture(params=("KTAP version 1", "TAP version 13"))
def version(request):
    return request.param


def tap_text(name, version):
    return tap.text([runs.of_text(LOGS[name], "tcg-svm-64.log")], version)


# --- KTAP and TAP ------------------------------------------------------------------------------


def kunit(text):
    """(counts, errors) of the parser of the Linux kernel."""
    if not KUNIT.exists():
        pytest.skip("no kunit_parser.py here: tests/lib/kunit.sh")
    program = (
        "import sys, json; sys.path.insert(0, sys.argv[1]); import kunit_parser as k\n"
        "t = k.parse_run_tests(sys.stdin.read().splitlines())\n"
        "t = getattr(t, 'test', t); c = t.counts\n"
        "print('\\n' + json.dumps([c.passed, c.failed, c.skipped, c.crashed, c.errors]))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program, str(KUNIT.parent)], input=text, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout.splitlines()[-1]), result.stdout


@pytest.mark.parametrize(
    "name, counts", [("green", [2, 1, 1, 0, 0]), ("red", [1, 1, 0, 0, 0])]
)
def test_the_kernels_parser(name, counts, version):
    found, said = kunit(tap_text(name, version))
    assert found == counts, said
    assert "[ERROR]" not in said
    if name == "red":
        assert FIELD in said  # what comes before a failure is shown


@pytest.mark.parametrize("name", ("cut off", "error"))
def test_the_kernels_parser_notices_what_is_missing(name, version):
    found, said = kunit(tap_text(name, version))
    assert found[3] or found[4], said


def test_the_kernels_parser_reads_several_runs():
    text = tap.text([runs.of_text(GREEN, "tcg-svm-64.log"), runs.of_text(RED, "tcg-svm-64.log")], "KTAP version 1")
    found, said = kunit(text)
    assert found[4] == 0 and "[ERROR]" not in said, said
    assert sum(found) == 6


def tappy(text, tmp_path):
    pytest.importorskip("tap", reason="no python3-tap")
    path = tmp_path / "a.tap"
    path.write_text(text)
    command = [sys.executable, "-c", "import sys; from tap.main import main; sys.exit(main())", str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.returncode, result.stdout + result.stderr


@pytest.mark.parametrize("name, good", [("green", True), ("red", False), ("cut off", False), ("error", False)])
def test_tappy(name, good, tmp_path):
    """It takes a plan on the second line only after TAP's own version."""
    status, said = tappy(tap_text(name, "TAP version 13"), tmp_path)
    assert (status == 0) == good, said
    assert "Traceback" not in said
    if name == "red":
        assert "failures=1" in said, said


@pytest.mark.parametrize("name, good", [("green", True), ("red", False), ("cut off", False), ("error", False)])
def test_prove(name, good, tmp_path, version):
    if not shutil.which("prove"):
        pytest.skip("no prove")
    path = tmp_path / "a.tap"
    path.write_text(tap_text(name, version))
    result = subprocess.run(
        ["prove", "--exec", "cat", path], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert (result.returncode == 0) == good, result.stdout
    assert "Parse errors" not in result.stdout or name in ("cut off", "error"), result.stdout


def test_our_own_reader(version):
    made = tap_text("red", "KTAP version 1") + "# passed 1, failed 1, skipped 0, recorded 0, 1 us\nLHV: FAIL\n"
    assert ktap.parse(made).problems == []


# --- JUnit XML ---------------------------------------------------------------------------------


def junit(text, tmp_path):
    junitparser = pytest.importorskip("junitparser", reason="no python3-junitparser")
    path, log = tmp_path / "a.xml", tmp_path / "tcg-svm-64.log"
    log.write_text(text)
    status, _, said = report("--format", "junit", "--output", path, log)
    assert said == ""
    assert path.read_text().startswith("<?xml")
    return status, junitparser.JUnitXml.fromfile(str(path))


def test_junit(tmp_path):
    status, xml = junit(GREEN, tmp_path)
    assert status == 0
    assert (xml.tests, xml.failures, xml.errors, xml.skipped) == (4, 0, 0, 2)
    (suite,) = xml
    assert suite.name == "lhv.tcg-svm-64"
    properties = {each.name: each.value for each in suite.properties()}
    assert properties["machine"] == "QEMU 7.2.22, -accel tcg -cpu max"
    assert (properties["lhv-version"], properties["width"], properties["verdict"]) == ("0.1", "64", "FAIL")
    cases = {case.name: case for case in suite}
    (known,) = cases["407_name_407"].result
    assert known.type == "known-failure" and known.message.startswith("known: finding 027: expected: nothing")
    assert cases["135_name_135"].system_out == "records: it # came"
    assert cases["101_name_101"].classname.startswith("lhv.svm_")


def test_junit_of_news(tmp_path):
    status, xml = junit(RED, tmp_path)
    assert (status, xml.failures) == (1, 2)
    types = {case.name: case.result[0].type for case in next(iter(xml))}
    assert types == {"101_name_101": "news", "407_name_407": "news"}


@pytest.mark.parametrize("name, said", [("cut off", "the last line is not a verdict"), ("error", "NMIs do not arrive")])
def test_junit_of_what_is_not_whole(name, said, tmp_path):
    status, xml = junit(LOGS[name], tmp_path)
    assert (status, xml.errors) == (1, 1)
    (error,) = [case.result[0] for case in next(iter(xml)) if case.name == "run"]
    assert said in error.message


def test_what_no_xml_may_have_is_left_out(tmp_path):
    noise = GREEN.replace("no VMX", "no\x1b[31m \0VMX\ufffe <&>")
    _, xml = junit(noise, tmp_path)
    assert xml.skipped == 2


# --- JSON --------------------------------------------------------------------------------------


def test_json():
    status, out, _ = report("--format", "json", "--platform", "tcg-svm", "-", stdin=RED)
    (run,) = json.loads(out)["runs"]
    assert (status, run["verdict"], run["whole"], run["news"], run["platform"]) == (1, "FAIL", True, 2, "tcg-svm")
    first, second = run["experiments"]
    assert (first["number"], first["known"], first["rules"]) == (101, False, ["S2"])
    assert first["failure"] == f"{EXIT} | {FIELD}"
    assert second["verdict"] == "PASS" and "known is FAIL" in second["news"]


# --- what it reads -----------------------------------------------------------------------------

QR = "LHV1 0.1 64 I6-140-1 KVMKVMKVM 2X 2U 1F F 0*58B0*GM*4"


def test_a_folder_of_logs_and_a_qr_text(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "tcg-svm-64.log").write_text(GREEN)
    (tmp_path / "b" / "tcg-svm-64.log").write_text(RED + GREEN)
    assert [run.name for run in runs.load([str(tmp_path)])] == ["tcg-svm-64"] * 3
    (tmp_path / "qr.txt").write_text(QR)
    (run,) = runs.load([str(tmp_path / "qr.txt")])
    assert run.endings and run.machine == ""


def test_a_list_of_ones_own(tmp_path):
    (tmp_path / "list").write_text("101 FAIL # mine\n")
    status, out, _ = report("--expect", tmp_path / "list", "-", stdin=RED)
    assert status == 0
    assert "not ok 1 101 name_101 # TODO known\n" in out


@pytest.mark.parametrize("words", [("/nonexistent",), ("-",), ("/dev/null",), ("--format", "nonsense", "-")])
def test_bad_arguments(words):
    status, _, said = report(*words, stdin="nothing of ours\n")
    assert status == 2 and said
