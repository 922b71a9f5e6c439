# SPDX-License-Identifier: BSD-2-Clause
"""QR codes in pictures, by zbar: not our own idea of what they say."""

import shutil
import subprocess

import pytest

needed = pytest.mark.skipif(
    not shutil.which("zbarimg"), reason="zbarimg is missing (Debian's zbar-tools)"
)


def read(*pictures):
    """The codes' texts, in the pictures' order."""
    command = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", *pictures]
    found = subprocess.run(command, capture_output=True, timeout=120, check=False)
    return found.stdout.decode("ascii").split("\n")[:-1]
