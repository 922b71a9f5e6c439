# SPDX-License-Identifier: BSD-2-Clause
"""Asks the model (tests/model/oracle.h) how experiments end with mutants; remembers the answers."""

import os
import pathlib
import subprocess
from dataclasses import dataclass

from . import ktap, machine

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = os.environ.get("BUILD", "build")
MODEL = ROOT / BUILD / "lhv-model"
NOTHING = frozenset()


class NoModel(Exception):
    pass


@dataclass(frozen=True)
class Answer:
    verdict: str  # PASS, FAIL or SKIP
    failure: str  # as ktap.Result has it
    asked: frozenset  # the mutants that the model was asked for on the way

    def same_ending(self, other):
        return (self.verdict, self.failure) == (other.verdict, other.failure)


@dataclass(frozen=True)
class Mutant:
    name: str
    clauses: tuple  # that it breaks, as R21a; with each vendor one
    bug: str

    def clause(self, vendor):
        """The one that is about this vendor's machines; None: it is the other vendor's mutant."""
        return next((c for c in self.clauses if vendor_of(c) in (vendor, "") or vendor == "both"), None)


def vendor_of(clause):
    """vmx, svm, or "": any x86."""
    if clause.startswith("S") or clause == "R33b":
        return "svm"
    return "vmx" if clause.startswith("R") and int(clause[1:-1]) > 10 else ""


def build():
    """make knows whether the model is up to date. Without make or a compiler an old one must do."""
    command = ["make", "-s", "-C", ROOT, f"BUILD={BUILD}", "model"]
    try:
        made = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        if not MODEL.exists():
            raise NoModel(f"{MODEL} is missing: {error}") from error
        return
    if made.returncode and not MODEL.exists():
        raise NoModel(f"{MODEL} does not build: {made.stderr.strip()}")


def run(*words):
    """The lines that lhv-model prints."""
    return subprocess.run(
        [MODEL, *words], capture_output=True, text=True, check=True
    ).stdout.splitlines()


def mutants():
    """{name: Mutant}, in the order of mutants.def"""
    found = {}
    for line in run("list-mutants"):
        head, bug = line.split(": ", 1)
        name, *clauses_ = head.split()
        found[name] = Mutant(name, tuple(clauses_), bug)
    return found


def rules():
    """{rule: where the manuals say so}"""
    return dict(line.split("\t") for line in run("list-rules"))


def clauses():
    """{clause: text}"""
    return dict(line.split("\t") for line in run("list-clauses"))


def experiments():
    """{number: name}"""
    lines = (line.split("\t") for line in run("list-experiments"))
    return {int(number): name for number, name, _ in lines}


class Oracle:
    """One kind of machine. vendor: vmx, svm, none, or both, each experiment with what it needs."""

    def __init__(self, vendor, alone=False):
        words = [] if vendor == "both" else [f"vendor={vendor}"]
        self.model = subprocess.Popen(
            [MODEL, "oracle", *words, *(["alone"] if alone else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        # What breaks the other vendor's rules only is none of the mistakes of such a machine.
        self.known = frozenset(n for n, mutant in mutants().items() if mutant.clause(vendor))
        self.answers = {}
        self.sets = {}  # each once: they are large, and few are different
        self.machines = {}
        self.questions = 0  # that the model was asked

    def close(self):
        self.model.communicate()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def ask_all(self, questions):
        """The Answers to some lines (tests/model/oracle.h), few enough for a pipe's buffer."""
        self.questions += len(questions)
        self.model.stdin.write("".join(f"{question}\n" for question in questions))
        self.model.stdin.flush()
        for question in questions:
            line = self.model.stdout.readline()
            if not line:
                raise RuntimeError(f"the model ended at: {question}")
            verdict, failure, trace, asked = line.rstrip("\n").split("\t")
            failure = ktap.with_cases(failure, trace)
            asked = frozenset(asked.split()) & self.known
            yield Answer(verdict.upper(), failure, self.sets.setdefault(asked, asked))

    def ask(self, number, broken):
        return next(self.ask_all([f"{number} {' '.join(broken)}"]))

    def answer(self, number, broken):
        """
        How the experiment ends with these mutants (a frozenset). The model need not run for each
        set: what it was not asked for changes nothing, so that the answer for a part of the set
        stands for the whole once it asked for nothing of the rest.
        """
        known = NOTHING
        while True:
            answer = self.answers.get((number, known))
            if not answer:
                answer = self.answers[number, known] = self.ask(number, known)
            more = broken & answer.asked | known
            if more == known:
                return answer
            known = more

    def machine(self, numbers):
        """The one Machine that runs these experiments (a tuple) in this order."""
        if numbers not in self.machines:
            self.machines[numbers] = machine.Machine(self, numbers)
        return self.machines[numbers]

    def sequence(self, numbers, broken):
        """(number, Answer) of each experiment, one after the other, not remembered."""
        mutants = " ".join(broken)
        questions = [f"{'+' if i else ''}{number} {mutants}" for i, number in enumerate(numbers)]
        return list(zip(numbers, self.ask_all(questions)))
