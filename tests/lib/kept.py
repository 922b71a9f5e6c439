# SPDX-License-Identifier: BSD-2-Clause
"""What tests/lib/kunit.sh and lava.sh put into the cache, where tools/lib/cache.sh says."""

import pathlib
import subprocess

LIB = pathlib.Path(__file__).parent
WHERE = 'set -u; . "$1/../../tools/lib/cache.sh"; printf %s "$CACHE"'


def folder(name):
    result = subprocess.run(["bash", "-c", WHERE, "bash", LIB], capture_output=True, text=True, check=True)
    return pathlib.Path(result.stdout) / name
