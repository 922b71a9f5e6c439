# SPDX-License-Identifier: BSD-2-Clause
"""make images: what is given away."""

import hashlib
import lzma
import re
import shutil
import struct
import subprocess

import pytest
import vmdk
from conftest import ROOT, execute

IMAGES = ROOT / "build/images"
MEDIA = {"c.img", "d.vmdk", "lhv.iso", "lhv.vmx", "lhv32.elf", "lhv64.elf"}
SECTOR = 512


@pytest.fixture(scope="module", autouse=True)
def images():
    made = execute(["make", "-s", "images"])
    assert made.status == 0, made


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def sums():
    lines = (IMAGES / "SHA256SUMS").read_text().splitlines()
    return dict(reversed(line.split()) for line in lines)


def test_sums_are_of_every_file():
    assert sums() == {
        name: hashlib.sha256((IMAGES / name).read_bytes()).hexdigest() for name in MEDIA
    }


def test_another_folder_time_zone_and_user_give_the_same_bytes(tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    for name in ("boot", "src", "tests", "tools"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("Makefile", "linker.ld"):
        shutil.copy(ROOT / name, folder)
    command = "umask 077 && make -s -j2 -C $0 images BUILD=made >/dev/null && cat $0/made/images/SHA256SUMS"
    made = execute(["sh", "-c", command, folder], tz="Asia/Tokyo", lc_all="C", home=tmp_path)
    assert made.console == (IMAGES / "SHA256SUMS").read_text(), made


def test_sizes():
    image = (IMAGES / "c.img").read_bytes()
    assert len(image) < 8 << 20
    assert len(lzma.compress(image)) < 800_000  # with the explorer and its model, in two kernels


def test_partition_table_is_valid():
    report = run("/usr/sbin/sgdisk", "-v", IMAGES / "c.img")
    assert "No problems found" in report, report
    report = run("/usr/sbin/sgdisk", "-p", IMAGES / "c.img")
    assert re.search(r"^ +1 +34 +2047 .* EF02 ", report, re.M), report
    assert re.search(r"^ +2 +2048 .* EF00 +LHV$", report, re.M), report


def test_mbr_is_one_that_bios_and_uefi_take():
    """UEFI wants the protective entry at sector 1 and not active, some BIOSes an active one."""
    sector = (IMAGES / "c.img").read_bytes()[:SECTOR]
    assert sector[510:] == b"\x55\xaa"
    entries = [struct.unpack_from("<B3xB3xII", sector, 446 + 16 * i) for i in range(4)]
    size = (IMAGES / "c.img").stat().st_size // SECTOR
    assert entries[0] == (0x00, 0xEE, 1, 2047)
    assert entries[1][:3] == (0x80, 0xEF, 2048)
    assert entries[1][2] + entries[1][3] <= size - 33  # the GPT's copy is behind
    assert entries[2:] == [(0, 0, 0, 0)] * 2


def test_file_system_has_what_uefi_looks_for():
    files = run("mdir", "-b", "-/", "-i", f"{IMAGES / 'c.img'}@@1M", "::").upper().split()
    assert {"::/EFI/BOOT/BOOTX64.EFI", "::/EFI/BOOT/BOOTIA32.EFI", "::/LHV/GRUB.CFG"} < set(files)


def test_vmwares_disk_is_the_same_disk():
    disk = IMAGES / "d.vmdk"
    assert "No errors" in run("qemu-img", "check", "-f", "vmdk", disk)
    run("qemu-img", "compare", "-f", "raw", "-F", "vmdk", IMAGES / "c.img", disk)
    settings, content = vmdk.read(disk)
    assert settings["ddb.adapterType"] == "ide", settings
    assert content == (IMAGES / "c.img").read_bytes()


def test_vmwares_machine_is_complete():
    text = (IMAGES / "lhv.vmx").read_text()
    settings = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, value = re.fullmatch(r'([\w.:]+) = "([^"]*)"', line).groups()
            assert name not in settings, line
            settings[name] = value
    assert settings["numvcpus"] == "2" and settings["vhv.enable"] == "TRUE"
    assert settings["serial0.fileType"] == "file" and settings["serial0.fileName"]
    assert (IMAGES / settings["ide0:0.fileName"]).exists()
