# SPDX-License-Identifier: BSD-2-Clause
"""The last page, as it is on the screen of a machine that stays on."""

import json
import pathlib
import socket
import subprocess
import time

import pytest
from codes import needed, read
from conftest import execute
from diagnosis import compact, ktap

pytest.importorskip("PIL", reason="Debian's python3-pil is missing")
from grid import outcomes_in  # noqa: E402
from PIL import Image  # noqa: E402

KERNELS = ("build/lhv32.elf", "build/lhv64.elf")
OVMF = "/usr/share/OVMF/OVMF_CODE_4M.fd"
TRIES = 240  # of half a second: to the verdict, and then to the page


class Machine:
    """QEMU with a screen that nobody sees, a serial log and QMP."""

    def __init__(self, image, folder, *arguments):
        self.log, self.picture = folder / "log", folder / "screen.ppm"
        path = folder / "qmp"
        self.log.touch()
        command = ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-m", "128", "-smp", "2"]
        command += ["-nodefaults", "-display", "none", "-no-reboot", "-snapshot"]
        command += ["-device", "VGA,vgamem_mb=32", "-drive", f"file={image},format=raw"]
        command += ["-serial", f"file:{self.log}", "-qmp", f"unix:{path},server=on,wait=off"]
        self.process = subprocess.Popen([*command, *arguments], stdin=subprocess.DEVNULL)
        self.channel = self.connect(path)
        self.do("qmp_capabilities")

    def connect(self, path):
        for _ in range(TRIES):
            channel = socket.socket(socket.AF_UNIX)
            try:
                channel.connect(str(path))
            except OSError:
                time.sleep(0.1)
            else:
                return channel.makefile("rw", encoding="utf-8")
        raise TimeoutError("QEMU does not answer")

    def do(self, command, **arguments):
        self.channel.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.channel.flush()
        while "return" not in (answer := json.loads(self.channel.readline())):
            assert "error" not in answer, answer

    def report(self):
        """What was printed, once the verdict is there."""
        for _ in range(TRIES):
            text = self.log.read_text(encoding="utf-8", errors="replace")
            if "\nLHV: " in text and text.endswith("\n"):
                return ktap.parse(text)
            time.sleep(0.5)
        raise TimeoutError(f"no verdict:\n{text}")

    def code(self):
        """The text of the QR code, once the page is there."""
        for _ in range(TRIES):
            self.do("screendump", filename=str(self.picture))
            found = read(self.picture)
            if found:
                return found[0]
            time.sleep(0.5)
        raise TimeoutError("no QR code")

    def close(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def start(tmp_path):
    """start(words..., screen=, width=, firmware=) -> Machine"""
    machines = []

    def start(*words, screen="", width=64, firmware=None):
        image = tmp_path / "c.img"
        command = ["tools/mkimg.sh", image, *KERNELS, "exit=halt", *words]
        made = execute(command, screen=screen, width=width)
        assert made.status == 0, made
        flash = f"if=pflash,format=raw,readonly=on,file={firmware}"
        machines.append(Machine(image, tmp_path, *(["-drive", flash] if firmware else [])))
        return machines[-1]

    yield start
    for machine in machines:
        machine.close()


def assert_page_is_the_report(machine, size):
    """Each number's colour, in their order, and each outcome in the QR code, is the report's."""
    report = machine.report()
    assert report.problems == []
    verdicts = dict(sorted(report.verdicts().items()))
    assert len(set(verdicts.values())) == 4, "something passes, fails, is skipped and recorded"
    code = compact.parse(machine.code())
    assert code.outcomes == verdicts
    assert code.fields["width"] == str(report.width)
    with Image.open(machine.picture) as image:
        assert image.size == size
        ran = [verdict for verdict in verdicts.values() if verdict != "SKIP"]
        assert outcomes_in(image) in (list(verdicts.values()), ran)  # a small screen has no room for all


@needed
def test_vga_text(start):
    assert_page_is_the_report(start(), (720, 400))


@needed
@pytest.mark.parametrize("width, screen", [(64, "640x480x32"), (32, "1024x768x24")])
def test_framebuffer_of_a_bios(start, width, screen):
    size = tuple(map(int, screen.split("x")[:2]))
    assert_page_is_the_report(start(screen=screen, width=width), size)


@needed
def test_framebuffer_of_uefi(start):
    if not pathlib.Path(OVMF).exists():
        pytest.skip("OVMF is missing (Debian's ovmf)")
    machine = start(screen="1920x1080", firmware=OVMF)
    assert_page_is_the_report(machine, (1920, 1080))


@needed
def test_error_says_where_it_came(start):
    machine = start("exp=401-404,908", screen="1024x768x32")
    assert machine.report().verdict == "ERROR"
    code = compact.parse(machine.code())
    assert code.fields["verdict"] == "E"
    assert code.outcomes == {401: "PASS", 402: "PASS", 403: "PASS", 404: "SKIP", 908: "FAIL"}
    with Image.open(machine.picture) as image:
        assert outcomes_in(image) == list(code.outcomes.values())


def test_what_went_wrong_stays_on_the_screen(start):
    """An error before the experiments has no page."""
    machine = start("nonsense", screen="640x480x32")
    assert machine.report().verdict == "ERROR"
    for _ in range(TRIES):
        machine.do("screendump", filename=str(machine.picture))
        with Image.open(machine.picture) as image:
            if (255, 0x60, 0x60) in {colour for _, colour in image.convert("RGB").getcolors(999)}:
                return
        time.sleep(0.5)
    raise AssertionError("no red text")
