# SPDX-License-Identifier: BSD-2-Clause
"""Debian's package: lintian has nothing to say, and what is in it works where it was unpacked. A release."""

import shutil
import subprocess

import pytest
from conftest import ROOT, execute
from verdicts import sent

pytestmark = pytest.mark.xdist_group("deb")  # one package, made once


@pytest.fixture(scope="module")
def package():
    if not shutil.which("dpkg-deb") or not (ROOT / ".git").exists():
        pytest.skip("no dpkg-deb, or no git")
    result = subprocess.run(["make", "-s", "deb"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return ROOT / "build" / f"lhv_{sent.version_here()}_amd64.deb"


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


# --- a release, of a small repository with the package and the images that are here ----------------


def git(tree, *words):
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
    subprocess.run(["git", "-C", tree, *who, *words], capture_output=True, check=True)


@pytest.fixture(scope="module")
def released(package, tmp_path_factory):
    """The repository, and the words of make release."""
    made = subprocess.run(["make", "-s", "images", "site"], cwd=ROOT, capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(made.stderr[-200:])
    tree = tmp_path_factory.mktemp("released") / "lhv"
    (tree / "tools").mkdir(parents=True)
    for name in ("tools/release.sh", "CHANGES.md", "NOTICE"):
        shutil.copy(ROOT / name, tree / name)
    git(tree, "init", "-q")
    git(tree, "add", "-A")
    git(tree, "commit", "-q", "-m", "x")
    return tree, [tree / "tools/release.sh", package.name.split("_")[1], ROOT / "build"]


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_release_is_whole_and_the_same_again(released, tmp_path):
    _, command = released
    folder = tmp_path / "out"
    result = execute([*command, folder])
    assert result.status == 0, result
    first = contents(folder)
    version = command[1]
    assert {f"lhv-{version}.tar.gz", f"lhv_{version}_amd64.deb", "c.img", "d.vmdk", "lhv.iso", "site/index.html"} <= set(first)
    sums = subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=folder, capture_output=True, check=False)
    assert sums.returncode == 0 and first["SHA256SUMS"].count(b"\n") == len(first) - 1, sums
    names = subprocess.run(["tar", "tzf", f"lhv-{version}.tar.gz"], cwd=folder, capture_output=True, text=True, check=True)
    assert f"lhv-{version}/CHANGES.md" in names.stdout.split()
    assert execute([*command, folder]).status == 0
    assert contents(folder) == first
    assert execute([*command, tmp_path]).status == 1  # not one of ours


def test_a_release_contradicts_nothing(released, tmp_path):
    tree, (script, version, build) = released
    folder = tmp_path / "out"

    def refused(said, version=version):
        result = execute([script, version, build, folder])
        assert result.status == 1 and said in result.notes and not folder.exists(), result

    refused("the Makefile says 99.1", "99.1")
    git(tree, "tag", "v99.0")
    refused("this commit has the tag v99.0")
    git(tree, "tag", "-d", "v99.0")
    (tree / "more").touch()
    refused("not committed: ?? more")
    git(tree, "add", "-A")
    git(tree, "tag", f"v{version}")
    git(tree, "commit", "-q", "-m", "more")
    refused("is another commit")
    git(tree, "tag", "-f", f"v{version}")
    assert execute([script, version, build, folder]).status == 0
