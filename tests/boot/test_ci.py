# SPDX-License-Identifier: BSD-2-Clause
"""What CI systems run: tools/ci/nightly.sh, and LAVA's dispatcher with the jobs of tools/ci/lava."""

import json
import os
import subprocess
import sys

import kept
import pytest
from conftest import ROOT, execute

CI = ROOT / "tools" / "ci"
LAVA = kept.folder("lava") / "usr"


def nightly(*words, **environment):
    result = execute([CI / "nightly.sh", *words], no_install="1", **environment)
    if result.status == 77:
        pytest.skip(result.notes.strip())
    return result


def test_night_with_what_is_known(tmp_path):
    result = nightly(tmp_path, "tcg-svm", "exp=101,407")
    assert result.status == 0, result
    assert (tmp_path / "logs" / "tcg-svm-64.log").exists()
    (run,) = json.loads((tmp_path / "lhv.json").read_text())["runs"]
    assert (run["verdict"], run["news"], len(run["experiments"])) == ("FAIL", 0, 2)
    if "no lhv." not in result.notes:
        assert "known-failure" in (tmp_path / "lhv.xml").read_text()
        assert "QEMU" in (tmp_path / "lhv.html").read_text()


def test_night_with_news(tmp_path):
    (tmp_path / "list").write_text("101 FAIL # it did\n")
    result = nightly(tmp_path / "out", "tcg-svm", "exp=101", expect=tmp_path / "list")
    assert result.status == 1, result
    assert "PASS, known is FAIL" in result.notes


def test_night_of_what_is_not_here(tmp_path):
    own = dict(no_install="1", bochs="")
    assert execute([CI / "nightly.sh", tmp_path, "bochs-own"], **own).status == 77
    assert execute([CI / "nightly.sh", tmp_path, "bochs-own"], skip_is_ok="1", **own).status == 0


def test_githubs_step(tmp_path):
    yaml = pytest.importorskip("yaml", reason="no python3-yaml")
    (step,) = yaml.safe_load((CI / "github" / "action.yml").read_text())["runs"]["steps"]
    settings = dict(github_action_path=CI / "github", platform="tcg-svm", words="exp=svm_gif/*", expect="", folder=tmp_path)
    result = execute(["bash", "-e", "-c", step["run"]], no_install="1", **settings)
    if result.status == 77:
        pytest.skip(result.notes.strip())
    assert result.status == 0 and result.report.results, result
    assert (tmp_path / "lhv.json").exists()


@pytest.fixture
def lava(tmp_path):
    """lava(words) -> (status, {case: result}, the job's own result)"""
    if not (LAVA / "bin" / "lava-run").exists():
        pytest.skip("no lava-run: tests/lib/lava.sh")
    if os.geteuid() != 0:
        pytest.skip("lava-run wants root")

    def lava(words):
        job = (CI / "lava" / "job-qemu.yaml").read_text()
        (tmp_path / "job.yaml").write_text(job.replace("@FOLDER@", str(ROOT / "build")).replace("@WORDS@", words))
        command = [sys.executable, LAVA / "bin" / "lava-run", "--job-id", f"lhv-{os.getpid()}", "--output-dir", tmp_path / "out"]
        command += ["--device", CI / "lava" / "device-qemu.yaml", "--dispatcher", CI / "lava" / "dispatcher.yaml"]
        libraries = {
            "PYTHONPATH": str(LAVA / "lib" / "python3" / "dist-packages"),
            "LD_LIBRARY_PATH": str(LAVA / "lib" / "x86_64-linux-gnu"),
        }
        result = subprocess.run(
            [*map(str, command), str(tmp_path / "job.yaml")],
            env={**os.environ, **libraries},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        # YAML on one line each, which is JSON but for a tag.
        lines = [line.replace(": ! ", ": ") for line in result.stderr.splitlines() if '"lvl": "results"' in line]
        cases = {each["case"]: each["result"] for each in (json.loads(line)["msg"] for line in lines)}
        assert cases, result.stderr[-2000:]
        return result.returncode, cases

    return lava


def test_lava_passes_what_passes(lava):
    status, cases = lava("exp=101-110")
    assert (status, cases["job"], cases["verdict"]) == (0, "pass", "pass"), cases
    assert cases["101_guest_takes_an_nmi_through_its_own_idt_svm"] == "pass"


def test_lava_fails_what_fails(lava):
    status, cases = lava("exp=1,101,407")
    assert (status, cases["job"]) == (1, "fail"), cases
    (name,) = [case for case in cases if case.startswith("407_")]
    assert cases[name] == "fail"
    assert cases["1_guest_takes_an_nmi_through_its_own_idt"] == "skip"


def test_lava_notices_that_lhv_could_not_run(lava):
    status, cases = lava("exp=999")
    assert (status, cases["job"]) == (1, "fail"), cases
