# SPDX-License-Identifier: BSD-2-Clause
"""The files for CI systems in tools/ci: what can be said of them without the systems."""

import re

import pytest
from test_news import EXIT, console
from verdicts import platforms

yaml = pytest.importorskip("yaml", reason="no python3-yaml")
CI = platforms.ROOT / "tools" / "ci"
FILES = sorted([*CI.rglob("*.yml"), *CI.rglob("*.yaml")])


def load(name):
    return yaml.safe_load((CI / name).read_text())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CI)))
def test_it_is_yaml_without_what_is_ours_alone(path):
    assert yaml.safe_load(path.read_text())
    assert "SPDX-License-Identifier: BSD-2-Clause" in path.read_text().splitlines()[0]


def test_github_runs_what_is_there():
    workflow, action = load("github/lhv.yml"), load("github/action.yml")
    (job,) = workflow["jobs"].values()
    (run,) = [step["run"] for step in job["steps"] if "run" in step]
    assert run == 'tools/ci/nightly.sh lhv "$PLATFORM"'
    assert set(job["strategy"]["matrix"]["platform"]) <= set(platforms.load_all())
    (step,) = action["runs"]["steps"]
    # Inputs come by the environment: in the script itself they could be commands.
    assert "${{" not in step["run"] and "nightly.sh" in step["run"]
    named = set(re.findall(r"inputs\.(\w+)", str(step["env"])))
    assert named == set(action["inputs"])


def test_gitlab_runs_what_is_there():
    job = load("gitlab/lhv.yml")["lhv"]
    assert job["script"] == ['tools/ci/nightly.sh lhv "$PLATFORM"']
    assert set(job["parallel"]["matrix"][0]["PLATFORM"]) <= set(platforms.load_all())
    assert job["artifacts"]["reports"]["junit"] == "lhv/lhv.xml"


@pytest.mark.parametrize("name", ("qemu", "pxe", "usb"))
def test_each_job_ends_alike(name):
    assert load(f"lava/job-{name}.yaml")["actions"][-2:] == load("lava/monitor.yaml")


def test_lavas_pattern_finds_each_result():
    monitor = load("lava/monitor.yaml")[0]["test"]["monitors"][0]
    log = console((13, "PASS", ""), (14, "FAIL", EXIT), (15, "SKIP", "no VMX"), (16, "RECORD", "this"))
    for ends in ("\n", "\r\n"):
        text = log.replace("\n", ends)
        assert re.search(monitor["start"], text)
        text = text[: re.search(monitor["end"], text).start()]
        found = [(m["test_case_id"], monitor["fixupdict"][m["result"]]) for m in re.finditer(monitor["pattern"], text)]
        assert found == [("13 name_13", "pass"), ("14 name_14", "fail"), ("15 name_15", "skip"), ("16 name_16", "unknown")]
