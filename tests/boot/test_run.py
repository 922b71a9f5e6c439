# SPDX-License-Identifier: BSD-2-Clause
"""tools/run.sh itself."""

import pytest
from conftest import execute


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
    for name in ("mktemp", "rm", "wc", "cat", "tail", "grep", "basename"):
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
