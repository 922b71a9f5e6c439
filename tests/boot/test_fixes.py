# SPDX-License-Identifier: BSD-2-Clause
"""docs/fixes: KVM built with all of them passes what they mend, and nothing else changes."""

import re

import pytest
from conftest import NOT_AVAILABLE, ROOT, assert_no, execute
from diagnosis import ktap
from verdicts import expected

FIXES = sorted((ROOT / "docs" / "fixes").glob("*.patch"))
KERNEL, VERSION = "sid", "7.2"  # the newest: each fix is for it


def mended(platform):
    """{experiment} that the fixes for this platform say they mend"""
    numbers = set()
    for path in FIXES:
        assert VERSION in re.search("^Applies to: (.*)$", path.read_text(), re.MULTILINE)[1].split()
        line = re.search("^Mends: (.*)$", path.read_text(), re.MULTILINE)[1]
        for name, listed in re.findall(r"(lab-\S+)((?: \d+)+)", line):
            numbers |= set(map(int, listed.split())) if name == platform else set()
    return numbers


@pytest.mark.parametrize("path", FIXES, ids=lambda path: path.stem)
def test_head(path):
    text = path.read_text()
    assert text.startswith("SPDX-License-Identifier: GPL-2.0-only\n")
    assert re.search(r"^Applies to:( \d+\.\d+)+$", text, re.MULTILINE)
    assert (ROOT / "docs" / "findings" / f"{path.stem}.md").exists()


@pytest.mark.parametrize("platform", ["lab-svm", "lab-svm-vnmi"])
def test_fixes_mend_what_they_say_and_no_more(platform):
    result = execute(
        ["tools/run.sh", "--no-install", platform], width=64, kernel=KERNEL, kvm="patched"
    )
    if result.status == NOT_AVAILABLE:
        pytest.skip(result.notes.strip())
    assert "from source with" in result.console, result
    listed = expected.load(platform, result.console)
    wanted = mended(platform)
    assert wanted, platform
    listed = {number: line for number, line in listed.items() if number not in wanted}
    report = ktap.parse(result.console)
    news = expected.differences(report.verdicts(), listed, report.texts())
    assert_no([line for line in news if "did not run" not in line], result)


def test_bad_settings_are_refused(tmp_path):
    bad = tmp_path / "bad.patch"
    bad.write_text("--- a/arch/x86/kvm/x86.c\n+++ b/arch/x86/kvm/x86.c\n@@ -1 +1 @@\n-none\n+of it\n")
    for settings, reason in (
        ({"kvm": "mended"}, "KVM is patched or empty, not mended"),
        ({"patch": tmp_path / "none"}, "there is no file PATCH="),
        ({"patch": bad}, "bad.patch does not apply to 7.2"),
        ({"kvm": "patched", "fixes": "998"}, "there is no docs/fixes/998.patch"),
        ({"linux": tmp_path}, "has no arch/x86/boot/bzImage"),
    ):
        result = execute(["tools/run.sh", "--no-install", "lab-svm", "exp=401"], kernel=KERNEL, **settings)
        assert result.status == NOT_AVAILABLE, result
        if "missing here" not in result.notes:
            assert reason in result.notes, result
