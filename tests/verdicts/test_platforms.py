# SPDX-License-Identifier: BSD-2-Clause
"""What the platforms say of themselves, and that nobody else says it."""

import re
import subprocess

import pytest
from verdicts import expected, platforms

ROOT = platforms.ROOT
ALL = platforms.load_all()
every_platform = pytest.mark.parametrize("platform", ALL.values(), ids=list(ALL))


def test_each_file_is_a_platform():
    assert list(ALL) == sorted(ALL, key="{}.sh".format)
    assert set(ALL) == {path.stem for path in (ROOT / "tools" / "platforms").glob("*.sh")}


@every_platform
def test_description(platform):
    assert platform.title and platform.version
    assert platform.vendor in ("VMX", "SVM", "")
    assert platform.family in ALL
    assert all(0 < int(number) <= 255 for number in platform.cpus.split())
    assert int(platform.repeat) > 0
    for run in platform.runs():
        assert re.fullmatch(rf"([A-Z]+=\S+ )*tools/run\.sh {platform.name}( [a-z]+=[\d,-]+)*", run)


@every_platform
def test_list_of_what_it_gets_wrong(platform):
    assert expected.load(platform.name) is not None


def test_what_is_no_platform_is_an_error():
    command = [ROOT / "tools" / "platforms.sh", "nonsense"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert "no platform nonsense" in result.stderr


def test_no_list_of_platforms_elsewhere():
    """A platform's file and its list are all that names it."""
    names = re.compile("|".join(rf"\b{name}\b" for name in ALL if "-" in name))
    sources = [*(ROOT / "tools" / "verdicts").glob("*.py"), ROOT / "tools" / "matrix"]
    for path in [*sources, ROOT / "tests" / "boot" / "conftest.py"]:
        assert not names.search(path.read_text()), path


def test_missing_fields_are_defaults():
    found = platforms.parse("new\ttitle\tNew\nnew\tmatrix\tA=1\nnew\tmatrix\tB=2\nnew\trepeat\t3\n")
    assert found["new"].runs() == [f"{s} tools/run.sh new repeat=3" for s in ("A=1", "B=2")]
    assert found["new"].carrier_of("# machine: New 1.0, on QEMU 7.2") == ""
