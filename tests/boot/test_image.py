# SPDX-License-Identifier: BSD-2-Clause
"""c.img: BIOS, GRUB, menu, both kernels."""

import hashlib

import pytest
from conftest import assert_no, execute
from verdicts import expected

KERNELS = ("build/lhv32.elf", "build/lhv64.elf")


@pytest.fixture
def make_image(tmp_path):
    def make_image(*words, **environment):
        image = tmp_path / "c.img"
        made = execute(["tools/mkimg.sh", image, *KERNELS, *words], **environment)
        assert made.status == 0, made
        return image

    return make_image


def assert_as_listed(result):
    """All experiments on TCG, whose own failures are listed."""
    assert_no(result.report.problems, result)
    news = expected.differences(result.report.verdicts(), expected.load("tcg", result.console))
    assert_no(news, result)


def assert_passed(result, width):
    assert_no(result.report.problems, result)
    assert result.report.width == width, result
    assert result.report.verdict == "PASS", result
    assert result.status == 0, result


@pytest.mark.parametrize("cpu, width", [("max", 64), ("qemu32", 32)])
def test_menu_takes_the_widest_kernel(make_image, boot_image, cpu, width):
    assert_passed(boot_image(make_image("exp=401"), "-cpu", cpu), width)


@pytest.mark.parametrize("width", (32, 64))
def test_width_can_be_chosen(make_image, boot_image, width):
    image = make_image("exp=401", width=width)
    assert_passed(boot_image(image, "-cpu", "max"), width)


def test_default_entry_starts_by_itself(boot_image):
    """The c.img that is given away, with its menu, which needs 3 seconds."""
    assert execute(["make", "-s", "c.img"]).status == 0
    result = boot_image("c.img", "-cpu", "qemu64,-svm")
    assert "all experiments" in result.console, result
    assert result.report.width == 64, result
    assert_as_listed(result)


def choose(talk, *arguments):
    assert execute(["make", "-s", "c.img"]).status == 0
    qemu = talk("-drive", "file=c.img,format=raw,snapshot=on", *arguments)
    qemu.wait_for("w  LHV: with words")
    return qemu


def test_stress_entry_runs_until_a_key(talk):
    qemu = choose(talk, "-cpu", "qemu64,-svm")
    qemu.say("s")
    qemu.wait_for("# repeat=forever")
    qemu.say("x")
    report = qemu.report()
    assert report.problems == [], report
    assert any(line.startswith("# order=random") for line in report.lines), report


def test_words_can_be_typed(talk):
    qemu = choose(talk)
    qemu.say("w")
    qemu.wait_for("Such as: ")
    qemu.say("exp=401,402\r")
    assert qemu.report().verdicts() == {401: "PASS", 402: "PASS"}


def test_menu_without_serial_port(boot_image):
    """What the kernel printed is then at port E9."""
    result = boot_image("c.img", "-cpu", "qemu64,-svm", console="-debugcon")
    assert_as_listed(result)


def test_words_reach_the_kernel(make_image, boot_image):
    result = boot_image(make_image("exp=401", "nonsense"), "-cpu", "max")
    assert result.report.verdict == "ERROR", result
    assert '"nonsense"' in result.console, result
    assert result.status == 0, result


@pytest.mark.parametrize("word", ["it's", "two\nlines"])
def test_word_that_grub_would_mangle_is_refused(tmp_path, word):
    assert execute(["tools/mkimg.sh", tmp_path / "c.img", *KERNELS, word]).status != 0


def test_same_input_same_bytes(make_image):
    first, second = (
        hashlib.sha256(make_image("exp=401").read_bytes()).hexdigest() for _ in range(2)
    )
    assert first == second
