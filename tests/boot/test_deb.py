# SPDX-License-Identifier: BSD-2-Clause
"""Debian's package: lintian has nothing to say, and what is in it works where it was unpacked."""

import shutil
import subprocess

import pytest
from conftest import ROOT, execute


pytestmark = pytest.mark.xdist_group("deb")  # one package, made once


@pytest.fixture(scope="module")
def package():
    if not shutil.which("dpkg-deb") or not (ROOT / ".git").exists():
        pytest.skip("no dpkg-deb, or no git")
    result = subprocess.run(["make", "-s", "deb"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    (made,) = (ROOT / "build").glob("lhv_*_amd64.deb")
    return made


@pytest.fixture(scope="module")
def installed(package, tmp_path_factory):
    tree = tmp_path_factory.mktemp("installed")
    subprocess.run(["dpkg-deb", "-x", package, tree], check=True)
    return tree


def lhv(tree, tmp_path, *words, **environment):
    return execute([tree / "usr/bin/lhv", *words], xdg_cache_home=tmp_path, no_install="1", build="", **environment)


def test_lintian(package):
    if not shutil.which("lintian"):
        pytest.skip("no lintian")
    command = ["lintian", "--allow-root", "--no-cfg", "--fail-on", "error,warning", package]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (0, ""), result.stderr


def test_it_is_the_same_again(package):
    before = package.read_bytes()
    subprocess.run(["make", "-s", "deb"], cwd=ROOT, capture_output=True, check=True)
    assert package.read_bytes() == before


def test_it_runs(installed, tmp_path):
    result = lhv(installed, tmp_path, "run", "--expect", "tcg-svm", "exp=101,407")
    if result.status == 77:
        pytest.skip(result.notes.strip())
    assert result.status == 0, result
    assert "as expected (1 known failure: finding 027)" in result.notes
    assert lhv(installed, tmp_path, "run", "--failed", "tcg-svm").status == 1
    log = tmp_path / "lhv" / "installed" / "log" / "last" / "tcg-svm-64.log"
    assert "mov_ss_does_not_hold_nmis" in lhv(installed, tmp_path, "diagnose", log).console


def test_its_other_commands(installed, tmp_path):
    assert "24 nmi_window_comes_before_a_pending_nmi" in lhv(installed, tmp_path, "explain", "24").console
    assert lhv(installed, tmp_path, "diff", "tcg-svm-7.2", "tcg-svm-7.2").status == 0
    assert lhv(installed, tmp_path, "nonsense").status == 2
    assert (installed / "usr/lib/lhv/images/c.img").stat().st_size > 1 << 20
