# SPDX-License-Identifier: BSD-2-Clause
"""Every medium, booted in every way that QEMU has firmware and controllers for."""

import pathlib
import shutil
import subprocess

import pytest
from conftest import ROOT, assert_no, execute

KERNELS = {width: ROOT / f"build/lhv{width}.elf" for width in (32, 64)}
WORDS = "exp=401-406"
OVMF = pathlib.Path("/usr/share/OVMF")


def flash(code, variables):
    """The firmware's two halves. What it writes into the second is not kept."""
    drive = "if=pflash,format=raw,file="
    return [
        *("-drive", f"{drive}{OVMF}/{code},unit=0,readonly=on"),
        *("-drive", f"{drive}{OVMF}/{variables},unit=1,snapshot=on"),
    ]


CODE = {"UEFI": "OVMF_CODE_4M.fd", "UEFI32": "OVMF32_CODE_4M.secboot.fd"}

# Debian has the 32-bit firmware only with Secure Boot (off without keys), which wants an SMM.
FIRMWARE = {
    "BIOS": ["-machine", "q35"],
    "UEFI": ["-machine", "q35", *flash(CODE["UEFI"], "OVMF_VARS_4M.fd")],
    "UEFI32": [
        *("-machine", "q35,smm=on", "-global", "driver=cfi.pflash01,property=secure,value=on"),
        *flash(CODE["UEFI32"], "OVMF32_VARS_4M.fd"),
    ],
}
CONTROLLERS = {
    "IDE": ["-device", "piix3-ide", "-device", "ide-hd,drive=medium"],
    "SATA": ["-device", "ide-hd,drive=medium"],
    "NVMe": ["-device", "nvme,serial=1,drive=medium"],
    "USB": ["-device", "qemu-xhci", "-device", "usb-storage,drive=medium"],
    "CD": ["-device", "ide-cd,drive=medium"],
}

every_firmware = pytest.mark.parametrize("firmware", FIRMWARE)
both_widths = pytest.mark.parametrize("width", (32, 64))


def need(firmware):
    if firmware != "BIOS" and not (OVMF / CODE[firmware]).exists():
        pytest.skip(f"no {OVMF / CODE[firmware]} (tools/lib/packages.sh: media)")


@pytest.fixture(scope="module")
def medium(tmp_path_factory):
    """medium("c.img", width) -> path: made once, its menu boots that width at once"""
    made = {}

    def medium(name, width):
        path = made.get((name, width))
        if not path:
            path = tmp_path_factory.mktemp("medium") / name
            result = execute(["tools/mkimg.sh", path, *KERNELS.values(), WORDS], width=width)
            assert result.status == 0, result
            made[name, width] = path
        return path

    return medium


@pytest.fixture
def boot():
    """boot(firmware, width, qemu's arguments...): asserts that it passes"""

    def boot(firmware, width, *arguments, protocol="multiboot2"):
        need(firmware)
        # One thread: the firmware for many CPUs spins on the idle ones.
        command = ["timeout", "-k", "5", "120", "qemu-system-x86_64", "-cpu", "max", "-m", "128"]
        command += ["-accel", "tcg,thread=single", "-smp", "2", "-nodefaults", "-no-reboot"]
        command += ["-display", "none", "-vga", "std", "-serial", "stdio", *FIRMWARE[firmware]]
        result = execute([*command, *arguments])
        assert_no(result.report.problems, result)
        assert result.report.verdict == "PASS", result
        assert result.status == 0, result
        assert result.report.width == width, result
        kind = "UEFI" if firmware.startswith("UEFI") else "BIOS"
        assert f", 2 CPUs xAPIC, boot: {protocol} {kind}" in result.report.header, result
        assert len(result.report.results) == 6, result
        return result

    return boot


def drive(path):
    kind = "vmdk" if path.suffix == ".vmdk" else "raw"
    return ["-drive", f"if=none,id=medium,format={kind},snapshot=on,file={path}"]


@both_widths
@pytest.mark.parametrize("controller", ("IDE", "SATA", "NVMe", "USB"))
@every_firmware
def test_disk(medium, boot, firmware, controller, width):
    boot(firmware, width, *drive(medium("c.img", width)), *CONTROLLERS[controller])


@every_firmware
def test_stick_larger_than_the_image(medium, boot, tmp_path, firmware):
    """The copy of the GPT is then not at the end, where the standard wants it."""
    image = tmp_path / "stick.img"
    shutil.copy(medium("c.img", 64), image)
    with image.open("r+b") as file:
        file.truncate(1 << 30)
    boot(firmware, 64, *drive(image), *CONTROLLERS["USB"])


@both_widths
@every_firmware
def test_cd(medium, boot, firmware, width):
    boot(firmware, width, *drive(medium("lhv.iso", width)), *CONTROLLERS["CD"])


@every_firmware
def test_cd_image_on_a_usb_stick(medium, boot, firmware):
    boot(firmware, 64, *drive(medium("lhv.iso", 64)), *CONTROLLERS["USB"])


@both_widths
def test_vmwares_disk(medium, boot, width):
    boot("BIOS", width, *drive(medium("d.vmdk", width)), *CONTROLLERS["IDE"])


def test_graphics_under_a_bios_if_wanted(medium, boot, tmp_path):
    """lhv.cfg is the user's: here as an editor would leave it."""
    image = tmp_path / "c.img"
    shutil.copy(medium("c.img", 64), image)
    settings = tmp_path / "lhv.cfg"
    settings.write_text(f'set words="{WORDS}"\r\nset timeout=0\r\nset screen=1024x768x32\r\n')
    subprocess.run(["mcopy", "-o", "-i", f"{image}@@1M", settings, "::lhv/lhv.cfg"], check=True)
    boot("BIOS", 64, *drive(image), *CONTROLLERS["SATA"])


@both_widths
def test_kernel_that_qemu_loads(boot, width):
    boot("BIOS", width, "-kernel", KERNELS[width], "-append", WORDS, protocol="multiboot")


def test_menu_and_keyboard_under_uefi(talk):
    """The keyboard is the firmware's until the kernel runs, then its own."""
    need("UEFI")
    assert execute(["make", "-s", "c.img"]).status == 0
    disk = [*drive(ROOT / "c.img"), *CONTROLLERS["SATA"]]
    qemu = talk(*FIRMWARE["UEFI"], "-cpu", "qemu64,-svm", *disk, monitor=True)
    qemu.wait_for("w  LHV: with words")
    qemu.say("sendkey s\n")
    qemu.wait_for("# repeat=forever")
    qemu.say("sendkey x\n")
    report = qemu.report()
    assert "# passes: " in qemu.console(), report
    assert report.problems == [], report


def network(folder, file):
    return [
        *("-netdev", f"user,id=net,restrict=on,tftp={folder},bootfile={file}"),
        *("-device", "virtio-net-pci,netdev=net"),
    ]


@pytest.mark.parametrize(
    "firmware, file, width",
    [
        ("BIOS", "lhv/lhv.pxe", 32),
        ("BIOS", "lhv/lhv.pxe", 64),
        ("UEFI", "EFI/BOOT/BOOTX64.EFI", 64),
    ],
)
def test_network_with_the_files_of_the_cd(medium, boot, tmp_path, firmware, file, width):
    iso = medium("lhv.iso", width)
    command = ["xorriso", "-osirrox", "on", "-indev", iso, "-extract", "/", tmp_path]
    subprocess.run(command, check=True, capture_output=True)
    boot(firmware, width, *network(tmp_path, file))


@both_widths
def test_network_by_ipxe_without_grub(boot, tmp_path, width):
    """QEMU's network cards have iPXE as their ROM; it knows multiboot."""
    shutil.copy(KERNELS[width], tmp_path / "lhv.elf")
    (tmp_path / "lhv.ipxe").write_text(f"#!ipxe\nkernel lhv.elf {WORDS}\nboot\n")
    boot("BIOS", width, *network(tmp_path, "lhv.ipxe"), protocol="multiboot")
