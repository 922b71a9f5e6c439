# SPDX-License-Identifier: BSD-2-Clause
"""PVH, the entry without firmware, and QEMU's kinds of machine. QEMU's -kernel looks for a multiboot header
first: without its magic number the ELF note is what is left."""

import struct

import pytest
from conftest import ROOT, assert_no, execute
from diagnosis import ktap

MULTIBOOT_MAGIC = struct.pack("<I", 0x1BADB002)
BARE = "microvm,pit=off,pic=off,rtc=off,isa-serial=off"  # no PM timer, no HPET either
MACHINES = ("pc", "q35", "microvm", BARE, BARE + ",acpi=off")
WORDS = "exp=101,401,402,405 exit=qemu"


@pytest.fixture(scope="module")
def pvh(tmp_path_factory):
    """pvh(width) -> a kernel that only a PVH loader takes"""

    def pvh(width):
        kernel = (ROOT / "build" / f"lhv{width}.elf").read_bytes()
        assert kernel.count(MULTIBOOT_MAGIC) == 1
        path = tmp_path_factory.mktemp("pvh") / f"lhv{width}.elf"
        path.write_bytes(kernel.replace(MULTIBOOT_MAGIC, bytes(4)))
        return path

    return pvh


def boot(machine, kernel, tmp_path):
    """The console comes from port E9, which each of them has."""
    console = tmp_path / "console"
    command = ["timeout", "-k", "5", "60", "qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-smp", "2"]
    command += ["-machine", machine, "-m", "64", "-nodefaults", "-display", "none", "-no-reboot"]
    command += ["-debugcon", f"file:{console}", "-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
    result = execute([*command, "-kernel", kernel, "-append", WORDS])
    text = console.read_text(errors="replace")
    return result.status, "\n".join(line for line in text.splitlines() if line and not line.startswith("@"))


def assert_good(status, console, loader, cpus):
    report = ktap.parse(console)
    assert_no(report.problems, console)
    assert status == 33 and report.verdict == "PASS", (status, console)
    assert f"boot: {loader}" in report.header and f", {cpus} CPU" in report.header, console
    assert report.verdicts()[401] == "PASS", console


@pytest.mark.parametrize("width", (32, 64))
@pytest.mark.parametrize("machine", MACHINES)
def test_pvh_boots(pvh, tmp_path, width, machine):
    """The command line, the memory map and the RSDP arrive: without the latter there is one CPU."""
    cpus = 1 if "acpi=off" in machine else 2
    assert_good(*boot(machine, pvh(width), tmp_path), "PVH none", cpus)


@pytest.mark.parametrize("machine", ("pc", "q35", "microvm"))
def test_multiboot_comes_first(tmp_path, machine):
    kernel = ROOT / "build" / "lhv64.elf"
    assert_good(*boot(machine, kernel, tmp_path), "multiboot BIOS", 2)


def test_without_a_clock_it_says_so(pvh, tmp_path):
    _, console = boot(BARE, pvh(64), tmp_path)
    assert "# clock: no clock: 4 GHz assumed" in console, console


def test_elf64_boots_too(tmp_path):
    """Loaders for 64 bit only take the file before it is relabelled for multiboot."""
    kernel = (ROOT / "build" / "64" / "lhv.elf").read_bytes()
    path = tmp_path / "lhv.elf"
    path.write_bytes(kernel.replace(MULTIBOOT_MAGIC, bytes(4)))
    assert_good(*boot("q35", path, tmp_path), "PVH none", 2)
