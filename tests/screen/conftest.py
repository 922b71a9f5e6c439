# SPDX-License-Identifier: BSD-2-Clause
"""What the kernel shows, drawn by build/lhv-qr and build/lhv-page (make screen-tools)."""

import os
import pathlib
import random
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).parent.parent.parent
BUILD = ROOT / os.environ.get("BUILD", "build")
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"


@pytest.fixture
def seeded():
    return random.Random(18004)


def run(*command, stdin=b""):
    return subprocess.run(command, input=stdin, capture_output=True, timeout=120, check=True).stdout


@pytest.fixture
def read_codes():
    """read_codes(files) -> the texts of the QR codes in them, in their order"""
    if not shutil.which("zbarimg"):
        pytest.skip("zbarimg is missing (Debian's zbar-tools)")

    def read_codes(files):
        command = ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"]
        found = subprocess.run([*command, *files], capture_output=True, timeout=120, check=False)
        return found.stdout.decode("ascii").split("\n")[:-1]

    return read_codes
