# SPDX-License-Identifier: BSD-2-Clause
"""Who may include whom. A file includes its own layer and those below it, or the line says why not."""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)

# From the bottom to the top; the longest name that fits counts.
LAYERS = (
    ("the machine", "src/x86 src/serial boot src/string src/div64 src/death"),
    ("words", "src/nmi/places src/nmi/steps.def src/nmi/event_info src/options"),
    ("struct virt", "src/virt"),
    ("what moves CPUs", "src/nmi/steps src/nmi/sender src/nmi/watch src/nmi/trace src/nmi/story src/nmi/arrivals"),
    ("VMX and SVM", "src/vmx src/svm src/machine src/bare src/detect"),
    ("verbs and runner", "src/nmi"),
    ("experiments", "src/experiments"),
    ("report", "src/report"),
    ("the explorer", "src/explore"),
    ("the run", "src/main src/stress src/crew"),
)
# Beside the others: the model knows no machine, and only the explorer knows the model, which tells it
# what the machine must do.
MODEL = "src/model"
MODEL_KNOWS = ("src/model", "src/virt", "src/string", "src/nmi", "src/vmx/check", "src/svm/check")
MODEL_KNOWS += ("src/x86/trap.h", "src/x86/registers.h")  # vectors and flags


def layer_of(path):
    found = [
        (len(name), number)
        for number, (_, names) in enumerate(LAYERS)
        for name in names.split()
        if path == name or path.startswith((name + "/", name + "."))
    ]
    return max(found)[1]


def sources():
    for folder in ("src", "boot"):
        yield from sorted(p for p in (ROOT / folder).rglob("*") if p.suffix in (".c", ".h", ".S"))


def includes(path):
    """What a source includes, as paths from the root."""
    for name in INCLUDE.findall(path.read_text()):
        yield next(p for p in (f"src/{name}", name) if (ROOT / p).exists())


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_includes_go_down(path):
    name = str(path.relative_to(ROOT))
    for included in includes(path):
        if name.startswith(MODEL + "/"):
            assert included.startswith(MODEL_KNOWS), f"{name} includes {included}"
        elif included.startswith(MODEL + "/"):
            assert name.startswith("src/explore/"), f"{name} includes {included}"
        else:
            assert layer_of(included) <= layer_of(name), f"{name} includes {included}"


def test_an_include_that_goes_up_is_seen():
    assert layer_of("src/x86/trap.c") < layer_of("src/nmi/trace.h") < layer_of("src/report/ktap.h")
