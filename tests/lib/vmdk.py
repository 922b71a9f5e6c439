# SPDX-License-Identifier: BSD-2-Clause
"""Reads a disk as VMware's "Virtual Disk Format 5.0" describes it: a monolithic sparse one."""

import re
import struct

SECTOR = 512
HEADER = struct.Struct("<4sIIQQQQIQQQBccccH")  # SparseExtentHeader, packed; then 433 bytes of padding
FIELDS = "magic version flags capacity grain place size per_table redundant directory overhead".split()
FIELDS += "unclean end space return_ newline compression".split()
VALID_NEWLINES, REDUNDANT_TABLE, COMPRESSED, MARKERS = 1 << 0, 1 << 1, 1 << 16, 1 << 17

LINE = re.compile(r'([\w.]+) ?= ?("[^"]*"|[^" ]+)')
EXTENT = re.compile(r'(RW|RDONLY|NOACCESS) (\d+) (SPARSE) "([^"]+)"')
NO_PARENT = "ffffffff"


class Invalid(Exception):
    pass


def need(condition, *what):
    if not condition:
        raise Invalid(*what)


def header(data):
    """The sparse extent header as a dictionary."""
    need(len(data) >= SECTOR, "no header")
    found = dict(zip(FIELDS, HEADER.unpack_from(data)))
    need(found["magic"] == b"KDMV" and found["version"] in (1, 2, 3), "magic or version", found)
    need(found["flags"] & VALID_NEWLINES, "no test of newlines", found)
    newlines = [found[name] for name in ("end", "space", "return_", "newline")]
    need(newlines == [b"\n", b" ", b"\r", b"\n"], "a transfer has changed newlines", found)
    need(not found["flags"] & (COMPRESSED | MARKERS) and found["compression"] == 0, "compressed", found)
    need(not found["unclean"], "not shut down", found)
    need(found["grain"] > 8 and found["grain"] & (found["grain"] - 1) == 0, "grain size", found)
    need(found["capacity"] % found["grain"] == 0, "capacity", found)
    need(found["per_table"] == 512, "entries of a grain table", found)
    need(not any(data[HEADER.size : SECTOR]), "the header's padding")
    return found


def descriptor(text):
    """Its settings, each once, and its extents."""
    need(text.startswith("# Disk DescriptorFile\n") and text.endswith("\n"), "first or last line", text)
    settings, extents = {}, []
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        extent, setting = EXTENT.fullmatch(line), LINE.fullmatch(line)
        need(extent or setting, "line", line)
        if extent:
            extents.append(extent.groups())
        else:
            need(setting[1] not in settings, "twice", line)
            settings[setting[1]] = setting[2].strip('"')
    need(settings.get("version") == "1", "version", text)
    need(re.fullmatch("[0-9a-f]{1,8}", settings.get("CID", "")), "CID", text)
    need(settings["CID"] not in (NO_PARENT, "fffffffe"), "CID", text)
    need(settings.get("parentCID") == NO_PARENT, "parentCID", text)
    need(settings.get("createType") == "monolithicSparse", "createType", text)
    for name in "adapterType geometry.cylinders geometry.heads geometry.sectors virtualHWVersion".split():
        need(f"ddb.{name}" in settings, f"no ddb.{name}", text)
    return settings, extents


def entries(data, place, count):
    need(place and (place * SECTOR + 4 * count) <= len(data), "a table's place", place)
    return struct.unpack_from(f"<{count}I", data, place * SECTOR)


def tables(data, head, place):
    """The grain tables' entries, of all grains, by the directory at this place."""
    grains = head["capacity"] // head["grain"]
    directory = entries(data, place, -(-grains // head["per_table"]))
    found = [entry for table in directory for entry in entries(data, table, head["per_table"])]
    return found[:grains]


def content(data, head):
    both = tables(data, head, head["directory"])
    if head["flags"] & REDUNDANT_TABLE:
        need(both == tables(data, head, head["redundant"]), "the redundant tables differ")
    size = head["grain"] * SECTOR
    need(all(entry == 0 or entry >= head["overhead"] for entry in both), "a grain in the metadata")
    parts = (data[entry * SECTOR : entry * SECTOR + size] if entry else b"" for entry in both)
    return b"".join(part.ljust(size, b"\0") for part in parts)


def read(path):
    """The descriptor's settings and the content; Invalid if anything is not as it should be."""
    data = path.read_bytes()
    head = header(data)
    place, size = head["place"] * SECTOR, head["size"] * SECTOR
    need(place and size and place + size <= head["overhead"] * SECTOR, "the descriptor's place", head)
    text, _, rest = data[place : place + size].partition(b"\0")
    need(not rest.strip(b"\0"), "after the descriptor", rest)
    settings, extents = descriptor(text.decode("ascii"))
    need([e[0] for e in extents] == ["RW"] and int(extents[0][1]) == head["capacity"], "extent", extents)
    need(extents[0][3] == path.name, "the extent's name", extents)
    return settings, content(data, head)
