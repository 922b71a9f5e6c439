# SPDX-License-Identifier: BSD-2-Clause
"""Finds the grid of experiments in a picture of the last page."""

FONT = (8, 16)
# Backgrounds of an experiment's number, in a framebuffer and in VGA's text mode.
COLOURS = {(0, 0xA0, 0): "PASS", (0xC0, 0, 0): "FAIL", (0xAA, 0xAA, 0xAA): "SKIP"}
COLOURS |= {(0, 0x40, 0xC0): "RECORD", (0xAA, 0, 0xAA): "FLAKY"}
VGA = {(0, 0xAA, 0): "PASS", (0xAA, 0, 0): "FAIL", (0xAA, 0xAA, 0xAA): "SKIP"}
VGA |= {(0, 0, 0xAA): "RECORD", (0xAA, 0, 0xAA): "FLAKY"}
TOLERANCE = 12  # of 15 and 16 bits per pixel
TILE = 3  # columns of a number


def cell_of(image):
    """(width, height, left, top) of the character cells: as src/serial/framebuffer.c lays it out,
    or of VGA's text mode."""
    if image.size == (720, 400):
        return 9, 16, 0, 0
    scale = 1
    while image.width // (scale + 1) >= 800 and image.height // (scale + 1) >= 450:
        scale += 1
    width, height = (scale * n for n in FONT)
    return width, height, image.width % width // 2, image.height % height // 2


def name_of(pixel):
    for colours in (COLOURS, VGA):
        for colour, name in colours.items():
            if max(abs(a - b) for a, b in zip(pixel, colour)) <= TOLERANCE:
                return name
    return None


def background(image, cell, column, row):
    """No character reaches into the corner of its cell."""
    width, height, left, top = cell
    return name_of(image.getpixel((left + column * width, top + row * height))[:3])


def runs(names):
    """[(name, length)] of what is alike side by side"""
    found = []
    for name in names:
        if found and found[-1][0] == name:
            found[-1][1] += 1
        else:
            found.append([name, 1])
    return found


def outcomes_in(image):
    """Of all numbers, row by row: a number is as wide as no other coloured thing."""
    cell = width, height, *_ = cell_of(image)
    found = []
    for row in range(image.height // height):
        names = [background(image, cell, column, row) for column in range(image.width // width)]
        found += [name for name, length in runs(names) if name and length == TILE]
    return found
