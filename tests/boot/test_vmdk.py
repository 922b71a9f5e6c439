# SPDX-License-Identifier: BSD-2-Clause
"""VMware's kind of disk is a valid one, and the same again, whatever its content is."""

import json
import subprocess

import pytest
import vmdk
from conftest import ROOT

CONTENTS = 256
SIZE = 1 << 17
# The script's words: its library, then folders; in each "content" becomes "d.vmdk".
MAKE = '. "$1" && shift && for d; do vmdk_make "$d/d.vmdk" "$d/content" || exit; done'


def make(folders):
    command = ["bash", "-c", MAKE, "-", ROOT / "tools/lib/vmdk.sh", *folders]
    subprocess.run(command, check=True, capture_output=True)


def folder_with(path, content):
    path.mkdir()
    (path / "content").write_bytes(content)
    return path


@pytest.fixture(scope="module")
def disks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vmdk")
    made = [
        folder_with(folder / str(i), bytes([i, i * 7 % 256] * 37).ljust(SIZE, b"\0"))
        for i in range(CONTENTS)
    ]
    make(made)
    return made


def test_each_is_as_vmware_describes_it(disks):
    numbers = set()
    for folder in disks:
        settings, content = vmdk.read(folder / "d.vmdk")
        assert content == (folder / "content").read_bytes(), folder
        numbers.add(settings["CID"])
    assert len(numbers) == CONTENTS
    assert all(len(number) == 8 for number in numbers)


def test_what_is_left_of_a_longer_descriptor_is_not_of_it(tmp_path):
    """qemu-img leaves it there if its second CID has fewer digits: three, and a quote is a line."""
    folder = folder_with(tmp_path / "disk", b"x" * SIZE)
    make([folder])
    disk = folder / "d.vmdk"
    data = bytearray(disk.read_bytes())
    place = vmdk.header(data)["place"] * vmdk.SECTOR
    end = data.index(b"\0", place)
    data[end : end + 3] = b'\0"\n'
    disk.write_bytes(data)
    command = ["bash", "-c", '. "$1" && vmdk_set_cid "$2" "$3"', "-", ROOT / "tools/lib/vmdk.sh", disk, folder / "content"]
    subprocess.run(command, check=True, capture_output=True)
    assert vmdk.read(disk)[1] == (folder / "content").read_bytes()


def test_each_is_valid_to_qemu(disks):
    """It reads one whose line of the CID has run into the next one, so: what it has read."""
    for folder in disks:
        disk = folder / "d.vmdk"
        command = ["qemu-img", "info", "-f", "vmdk", "--output=json", disk]
        info = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        seen = info["format-specific"]["data"]
        assert seen["create-type"] == "monolithicSparse", info
        assert seen["cid"] == int(vmdk.read(disk)[0]["CID"], 16), info
        assert seen["parent-cid"] == 0xFFFFFFFF, info
    for folder in disks[::32]:
        command = ["qemu-img", "compare", "-f", "raw", "-F", "vmdk", folder / "content", folder / "d.vmdk"]
        subprocess.run(command, check=True, capture_output=True)


def test_each_is_the_same_again(disks, tmp_path):
    again = [folder_with(tmp_path / f.name, (f / "content").read_bytes()) for f in disks[:64]]
    make(again)
    for one, other in zip(disks, again):
        assert (one / "d.vmdk").read_bytes() == (other / "d.vmdk").read_bytes(), one


@pytest.mark.parametrize(
    "old, new",
    [
        (b"\nparentCID", b"parentCID"),
        (b"CID=0", b"CID=g"),
        (b"monolithicSparse", b"monolithicsparse"),
        (b"RW ", b"RX "),
        (b"d.vmdk", b"e.vmdk"),
    ],
)
def test_a_descriptor_that_is_wrong_is_seen(disks, tmp_path, old, new):
    data = (disks[0] / "d.vmdk").read_bytes()
    head = vmdk.header(data)
    start, size = head["place"] * vmdk.SECTOR, head["size"] * vmdk.SECTOR
    text = data[start : start + size].rstrip(b"\0")
    assert old in text
    changed = text.replace(old, new).ljust(size, b"\0")
    (tmp_path / "d.vmdk").write_bytes(data[:start] + changed + data[start + size :])
    with pytest.raises(vmdk.Invalid):
        vmdk.read(tmp_path / "d.vmdk")
