# SPDX-License-Identifier: BSD-2-Clause
"""What the platforms say of themselves (tools/platforms.sh); docs/add-a-platform.md has the fields."""

import functools
import pathlib
import re
import subprocess
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


@dataclass
class Platform:
    name: str
    title: str = ""  # of what is under test, without its version
    vendor: str = ""  # of the virtualization; "": the host's, or none
    version: str = ""  # what stands before the version in a log's first line
    carrier: str = ""  # the same for the emulator that carries a lab; "": this is no lab
    family: str = ""  # the platform of which it is another version, or its own name
    apic: str = ""  # the APIC's mode on two CPUs
    cpus: str = ""  # numbers of CPUs that the tests try
    left_out: str = ""  # experiments that break what runs after them
    limit: str = ""
    repeat: str = ""  # how often the matrix runs each experiment
    matrix: list = field(default_factory=list)  # the settings of each of its runs

    def version_of(self, console):
        """Of what is under test, from a log's first line: 6.1; or nothing."""
        match = re.search(rf"^# machine: {self.version} (\d+\.\d+)", console, re.MULTILINE)
        return match[1] if match else ""

    def carrier_of(self, console):
        """The version of what carries the lab, or nothing."""
        pattern = rf"^# machine: .* on {self.carrier} (\d+\.\d+)"
        match = self.carrier and re.search(pattern, console, re.MULTILINE)
        return match[1] if match else ""

    def versions_of(self, console):
        """Both: (6.1, on-7.2)."""
        carrier = self.carrier_of(console)
        return (self.version_of(console), *(["on-" + carrier] if carrier else []))

    def words(self):
        """The command line without what breaks the rest."""
        return [f"not={self.left_out}"] if self.left_out else []

    def runs(self):
        """The matrix's, as they are typed."""
        words = " ".join(["tools/run.sh", self.name, *self.words(), f"repeat={self.repeat}"])
        return [f"{settings} {words}" for settings in self.matrix]


def parse(text):
    """{name: Platform}"""
    found = {}
    for line in text.splitlines():
        name, what, value = line.split("\t")
        platform = found.setdefault(name, Platform(name))
        if isinstance(getattr(platform, what), list):
            getattr(platform, what).append(value)
        else:
            setattr(platform, what, value)
    return found


@functools.cache
def load_all():
    """{name: Platform}"""
    command = [ROOT / "tools" / "platforms.sh"]
    return parse(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def load(name):
    return load_all()[name]
