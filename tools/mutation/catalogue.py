# SPDX-License-Identifier: BSD-2-Clause
"""Runs the catalogue against a model that has a mutant in it."""

import glob
import os
import pathlib
import re
import resource
import subprocess
import tempfile

SECONDS = 1  # of CPU: all experiments take a small fraction of that
TIMES = re.compile(r"^# passed .*$", re.MULTILINE)

# Those for any x86 run on each kind of machine, and with one CPU.
RUNS = ([], ["vendor=vmx"], ["vendor=svm"], ["alone"])

KILLED, NO_PROGRAM, SURVIVED = "killed", "no program", "survived"


def limit():
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Catalogue:
    """build: where `make mutation-objects` has put them."""

    def __init__(self, root, build):
        self.root = pathlib.Path(root)
        self.objects = sorted(glob.glob(f"{build}/mutation/**/*.o", recursive=True))
        self.command = (pathlib.Path(build) / "mutation" / "command").read_text().split()
        self.directory = tempfile.TemporaryDirectory(prefix="lhv-mutate-")
        self.wanted = [self.run(self.link("original", self.objects), words) for words in RUNS]
        if any(status for status, _ in self.wanted):
            raise RuntimeError("the catalogue fails on the model as it is")

    def call(self, *words):
        return subprocess.run(words, cwd=self.root, capture_output=True, check=False).returncode == 0

    def link(self, name, objects):
        """The program, or None."""
        program = f"{self.directory.name}/{name}"
        return program if self.call(self.command[0], "-m64", "-o", program, *objects) else None

    def compiled(self, name, mutant, text):
        source, made = (f"{self.directory.name}/{name}.{end}" for end in ("c", "o"))
        pathlib.Path(source).write_bytes(mutant.applied(text))
        return made if self.call(*self.command, "-O0", "-w", "-c", "-o", made, source) else None

    def run(self, program, words):
        """(exit status, what it says but how long it took)"""
        done = subprocess.run(
            [program, *words], capture_output=True, check=False, preexec_fn=limit, errors="replace", text=True
        )
        return done.returncode, TIMES.sub("", done.stdout)

    def judge(self, name, mutant, text):
        """What becomes of a mutant of this text, in files of this name."""
        changed = self.compiled(name, mutant, text)
        if not changed:
            return NO_PROGRAM
        own = f"/mutation/{mutant.path}.o"
        others = [path for path in self.objects if not path.endswith(own)]
        program = self.link(name, [changed, *others])
        if not program:
            return NO_PROGRAM
        try:
            same = all(self.run(program, words) == wanted for words, wanted in zip(RUNS, self.wanted))
        finally:
            os.unlink(program)
        return SURVIVED if same else KILLED
