# SPDX-License-Identifier: BSD-2-Clause
"""The last page, of any results and on any framebuffer: its grid's colours and its QR code."""

import random

import pytest
from codes import needed, read
from diagnosis import compact, ktap
from drawn import draw

pytest.importorskip("PIL", reason="Debian's python3-pil is missing")
from grid import COLOURS, outcomes_in  # noqa: E402
from PIL import Image, ImageFilter  # noqa: E402

FAMILIES = (*range(1, 60), *range(101, 160), *range(201, 250), *range(301, 330), *range(401, 450))
SCREENS = ((640, 480, 32), (640, 480, 15), (800, 600, 24), (1024, 768, 16), (1024, 768, 24)) + (
    *((1366, 768, 32), (1920, 1080, 32), (2560, 1440, 32)),
)


@pytest.fixture
def seeded():
    return random.Random(18004)


@pytest.fixture
def show(tmp_path):
    """show({number: outcome}, screen, verdict) -> the path of the picture"""

    def show(results, screen, verdict="fail"):
        lines = (f"{n} {compact.OUTCOMES.index(o)} its_name" for n, o in results.items())
        picture = tmp_path / f"{'x'.join(map(str, screen))}.ppm"
        picture.write_bytes(draw("lhv-page", *screen, verdict, lines=lines))
        return picture

    return show


def any_results(count, seeded):
    numbers = sorted(seeded.sample(FAMILIES, count))
    return {number: seeded.choice(compact.OUTCOMES[1:]) for number in numbers}


@needed
@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: "x".join(map(str, screen)))
def test_any_results_are_seen_and_read(show, seeded, screen):
    """150 experiments with any outcomes are the most that there will be."""
    for count in (1, 30, 94, 150):
        results = any_results(count, seeded)
        picture = show(results, screen)
        with Image.open(picture) as image:
            assert outcomes_in(image) == list(results.values())
        (text,) = read(picture)
        assert compact.parse(text).outcomes == results


@needed
def test_worst_case_is_seen_and_read(show):
    """Nothing in it can be shortened."""
    results = {n: compact.OUTCOMES[1 + i % 5] for i, n in enumerate(FAMILIES[:150])}
    results.pop(3)
    picture = show(results, (640, 480, 32))
    with Image.open(picture) as image:
        assert outcomes_in(image) == list(results.values())
    (text,) = read(picture)
    assert compact.parse(text).outcomes == results


def photograph(picture, file, angle):
    """From the side, askew, out of focus."""
    with Image.open(picture) as image:
        width, height = 1920, 1920 * image.height // image.width
        image = image.convert("L").resize((width, height), Image.Resampling.BICUBIC)
    left, top = -width / 20, -height * (0.05 + angle / 100)
    corners = (left, top, left, height - top, width * 1.05, height * 1.05, width * 1.05, left)
    image = image.transform((width, height), Image.Transform.QUAD, corners, fillcolor=30)
    image = image.rotate(angle, expand=True, fillcolor=30)
    image.filter(ImageFilter.GaussianBlur(3)).save(file)
    return file


@needed
@pytest.mark.parametrize("angle", [0, 4, 8])
def test_photograph_is_read(show, seeded, tmp_path, angle):
    """Of what is usual: VMX or SVM only, and some failures."""
    results = {n: "SKIP" if 100 < n < 160 else "PASS" for n in FAMILIES[:150]}
    results |= {n: "FAIL" for n in seeded.sample(FAMILIES[:59], 4)}
    photo = photograph(show(results, (640, 480, 32)), tmp_path / "photo.png", angle)
    (text,) = read(photo)
    assert compact.parse(text).outcomes == results


@needed
def test_error_names_its_experiment(show):
    """lhv-page says that it came in the one in the middle."""
    results = dict(zip(range(1, 8), ["PASS"] * 4 + ["none"] * 3))
    (text,) = read(show(results, (1024, 768, 32), "error"))
    lines = list(compact.ktap(compact.parse(text)))
    assert lines[-2:] == ["Bail out! in experiment 4", "LHV: ERROR"]
    assert ktap.parse("\n".join(lines)).verdicts() == dict.fromkeys((1, 2, 3, 4), "PASS")


def test_colours_can_be_told_from_each_other():
    """By half of what there is between black and white, in one of the three at least."""
    for one in COLOURS:
        for other in COLOURS:
            assert one == other or max(abs(a - b) for a, b in zip(one, other)) >= 0x60
