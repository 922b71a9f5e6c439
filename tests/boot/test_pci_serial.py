# SPDX-License-Identifier: BSD-2-Clause
"""com=pci: serial ports that are found by their class code."""

import pytest
from conftest import assert_no

both_widths = pytest.mark.parametrize("width", (32, 64))


@both_widths
@pytest.mark.parametrize("device, ports", [("pci-serial", 1), ("pci-serial-2x", 2), ("pci-serial-4x", 4)])
def test_all_ports_of_a_card_are_listed_and_used(run, tmp_path, device, ports, width):
    files = [tmp_path / f"port{i}" for i in range(ports)]
    extra = " ".join(f"-chardev file,id=c{i},path={file}" for i, file in enumerate(files))
    names = ["chardev"] if ports == 1 else [f"chardev{i + 1}" for i in range(ports)]
    extra += f" -device {device}," + ",".join(f"{name}=c{i}" for i, name in enumerate(names))
    result = run("tcg", "exp=401", "com=pci", width=width, extra=extra, serial="none", limit=30)
    assert result.status == 0, result
    listed = [line for line in result.report.lines if line.startswith("# serial: ")]
    assert len(listed) == ports, result
    assert all(line.endswith(": used") for line in listed), result
    for file in files:
        assert file.read_text().splitlines() == result.report.lines, file.read_text()


@both_widths
def test_without_a_card_com1_serves_and_it_is_said(run, width):
    result = run("tcg", "exp=401", "com=pci", width=width)
    assert_no(result.report.problems, result)
    assert result.status == 0, result
    assert "# warning: com=pci: no serial port on PCI" in result.console, result
