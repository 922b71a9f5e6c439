# SPDX-License-Identifier: BSD-2-Clause
"""The build of the carrier, when something is in its way; test_suite.py has the carrier itself."""

import hashlib
import subprocess

import pytest
from conftest import NOT_AVAILABLE, execute

BUILD = ["tools/carrier/build.sh"]


def refused(result, reason):
    assert result.status == NOT_AVAILABLE, result
    assert reason in result.notes, result
    assert result.console == "", result


def write_sums(source):
    lines = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}" for p in source.iterdir()]
    (source / "sums").write_text("\n".join(lines) + "\n")


@pytest.fixture
def carrier(tmp_path):
    """A folder with a source package that is none of QEMU's."""
    source, tree, meson = tmp_path / "source", tmp_path / "qemu-1", tmp_path / "meson"
    for folder in (source, tree / "debian" / "source", meson / "DEBIAN"):
        folder.mkdir(parents=True)
    (tree / "debian" / "source" / "format").write_text("3.0 (native)\n")
    (tree / "debian" / "control").write_text(
        "Source: qemu\nMaintainer: LHV <lhv@example.invalid>\n\nPackage: qemu\nArchitecture: any\n"
    )
    (tree / "debian" / "changelog").write_text(
        "qemu (1) trixie; urgency=low\n\n  * .\n\n"
        " -- LHV <lhv@example.invalid>  Thu, 01 Jan 2026 00:00:00 +0000\n"
    )
    (meson / "DEBIAN" / "control").write_text(
        "Package: meson\nVersion: 1\nArchitecture: all\nMaintainer: LHV <lhv@example.invalid>\n"
        "Description: none\n"
    )
    for command in (["dpkg-source", "-b", tree], ["dpkg-deb", "-b", meson, "meson_1_all.deb"]):
        subprocess.run(command, cwd=source, check=True, capture_output=True)
    write_sums(source)
    return tmp_path


def test_patch_that_does_not_apply(carrier):
    refused(execute(BUILD, carrier=carrier), "patch does not apply to qemu_1.dsc")


def test_source_that_has_changed(carrier):
    with open(carrier / "source" / "qemu_1.dsc", "a", encoding="utf-8") as dsc:
        dsc.write("\n")
    refused(execute(BUILD, carrier=carrier), "source has changed: remove it")


def test_interrupted_build_is_not_used(carrier):
    for name in ("work", "work/new"):
        (carrier / name).mkdir()
        (carrier / name / "qemu-system-x86_64").symlink_to("/bin/true")
    refused(execute(BUILD, carrier=carrier, no_install=1), "missing here")


def test_full_disk(carrier):
    """A file system of 30 MB."""
    commands = f"mount -t tmpfs -o size=30m none /mnt && cp -r {carrier}/source /mnt/ && {BUILD[0]}"
    result = execute(["unshare", "-rm", "sh", "-c", commands], carrier="/mnt")
    if "unshare" in result.notes or "mount" in result.notes:
        pytest.skip(result.notes)
    refused(result, "MB in /mnt, where")


def test_no_network(tmp_path):
    """apt knows a mirror, but gets nothing from it."""
    (tmp_path / "apt-get").write_text(
        '#!/bin/sh\n[ "$1" != indextargets ] || exec echo http://mirror.invalid/\n'
        "echo E: Failed to fetch it >&2\nexit 100\n"
    )
    (tmp_path / "apt-get").chmod(0o755)
    result = execute(BUILD, carrier=tmp_path / "new", path=f"{tmp_path}:/usr/sbin:/usr/bin:/bin")
    refused(result, "Failed to fetch it")
    assert not (tmp_path / "new" / "source").exists()


def test_without_leave_to_get_it(tmp_path):
    refused(execute(["tools/run.sh", "--no-install", "carrier-svm"], carrier=tmp_path), "missing here")
