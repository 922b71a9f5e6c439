# SPDX-License-Identifier: BSD-2-Clause
"""What the kernel shows, drawn on the build host (make screen-tools)."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).parent.parent.parent
BUILD = ROOT / os.environ.get("BUILD", "build")


def draw(program, *words, lines):
    """What the program makes of the lines on its stdin."""
    stdin = "".join(f"{line}\n" for line in lines).encode("ascii")
    command = [BUILD / program, *map(str, words)]
    return subprocess.run(command, input=stdin, capture_output=True, timeout=120, check=True).stdout
