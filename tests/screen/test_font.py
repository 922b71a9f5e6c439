# SPDX-License-Identifier: BSD-2-Clause
"""The font in the kernel is the one that Debian packages."""

import subprocess

import pytest
from drawn import ROOT


def test_font_is_debians():
    made = subprocess.run([ROOT / "tools" / "mkfont"], capture_output=True, text=True, check=False)
    if "FileNotFoundError" in made.stderr:
        pytest.skip("Debian's fonts-spleen is missing")
    assert made.returncode == 0, made.stderr
    assert made.stdout == (ROOT / "src" / "serial" / "font.c").read_text(encoding="utf-8")
