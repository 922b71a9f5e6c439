# SPDX-License-Identifier: BSD-2-Clause
"""The kernel's QR codes, read by zbar."""

import random

import pytest
from codes import needed, read
from drawn import draw

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

# ISO/IEC 18004, "Error correction characteristics": characters of the alphanumeric mode that
# versions 1 to 20 hold with level L.
CAPACITY = (25, 47, 77, 114, 154, 195, 224, 279, 335, 395) + (
    *(468, 535, 619, 667, 758, 854, 938, 1046, 1153, 1249),
)


@pytest.fixture
def seeded():
    return random.Random(18004)


@pytest.fixture
def encode(tmp_path):
    """encode(texts) -> (modules of a side of each, the images)"""

    def encode(texts):
        sizes = draw("lhv-qr", tmp_path, lines=texts).split()
        return [int(size) for size in sizes], sorted(tmp_path.glob("*.pbm"))

    return encode


def text_of(length, seeded):
    """Not with a blank at its ends, nor a lone figure: readers trim, and guess."""
    inner = "".join(seeded.choices(ALPHABET, k=max(length - 2, 0)))
    return ("X" + inner + "Y")[:length]


@needed
def test_every_version_is_read(encode, seeded):
    """As full as can be, and with one character more than the version before could hold."""
    texts = [text_of(n, seeded) for n in CAPACITY]
    texts += [text_of(n + 1, seeded) for n in CAPACITY[:-1]]
    sizes, images = encode(texts)
    assert sizes == [17 + 4 * v for v in (*range(1, 21), *range(2, 21))]
    assert read(*images) == texts


@needed
def test_any_text_is_read(encode, seeded):
    texts = [text_of(seeded.randint(1, 400), seeded) for _ in range(300)]
    assert read(*encode(texts)[1]) == texts


def test_what_is_no_code(encode):
    sizes, images = encode(["lower case", "A;", "A" * 1250, "A\tB", "A" * 1249, ""])
    assert sizes == [0, 0, 0, 0, 97, 21]
    assert len(images) == 2


def spoil(image, share, seeded):
    """Other modules here and there, but not in the finder patterns, without which no code is
    seen, nor in the timing patterns."""
    scale, quiet = 4, 4
    head, *rows = image.read_text().splitlines()
    modules = [list(row[scale // 2 :: scale]) for row in rows[scale // 2 :: scale]]
    side = len(modules)
    for y in range(quiet + 9, side - quiet - 9):
        for x in range(quiet + 9, side - quiet - 9):
            if seeded.random() < share:
                modules[y][x] = "10"[int(modules[y][x])]
    lines = ["".join(c * scale for c in row) for row in modules for _ in range(scale)]
    image.write_text("\n".join([head, *lines]) + "\n")


@needed
def test_errors_are_corrected(encode, seeded):
    """Level L corrects 7 % of the codewords: one wrong module in some, of 8, is within that."""
    texts = [text_of(n, seeded) for n in (150, 222, 330)]
    images = encode(texts)[1]
    for image in images:
        spoil(image, 0.006, seeded)
    assert read(*images) == texts
