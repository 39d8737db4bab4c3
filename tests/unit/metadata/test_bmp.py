"""BMP: what is planted is found, what belongs to the picture is not."""

from __future__ import annotations

import struct

import pytest
from unit.metadata.building import SECRET_BYTES, kinds, saved

from kerchief.metadata import Kind, inspect


def version_5(*, space: bytes = b"sRGB", behind: bytes = b"", gap: bytes = b"") -> bytes:
    """A 2 x 2 picture with a BITMAPV5HEADER; a profile, if any, lies right behind the pixels."""
    pixels = bytes(16)
    header = struct.pack("<IiiHHIIiiII", 124, 2, 2, 1, 24, 0, 16, 0, 0, 0, 0) + bytes(16)
    header += space[::-1] + bytes(48) + struct.pack("<IIII", 0, 124 + len(gap) + 16, len(behind), 0)
    start = 14 + len(header) + len(gap)
    size = start + len(pixels) + len(behind)
    return b"BM" + struct.pack("<IHHI", size, 0, 0, start) + header + gap + pixels + behind


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA"])
def test_a_clean_picture_has_no_findings(mode):
    assert inspect(saved("BMP", mode)) == ()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (version_5(), set()),
        (version_5(gap=bytes(8)), set()),
        (version_5(gap=SECRET_BYTES), {Kind.TRAILING}),
        (version_5(space=b"MBED", behind=b"profile"), {Kind.ICC}),
        (version_5(space=b"LINK", behind=b"C:\\Users\\x"), {Kind.ICC}),
        (version_5(space=b"MBED", behind=b"profile") + SECRET_BYTES, {Kind.ICC, Kind.TRAILING}),
        (version_5(behind=SECRET_BYTES), {Kind.TRAILING}),
        (saved("BMP") + SECRET_BYTES, {Kind.TRAILING}),
        (saved("BMP")[:6] + b"hide" + saved("BMP")[10:], {Kind.APPLICATION}),
        (saved("BMP")[:-1], {Kind.DAMAGED}),
        (b"BM is how this text begins", {Kind.DAMAGED}),
    ],
)
def test_what_is_beside_the_pixels_is_found(data, expected):
    assert kinds(data) == expected


@pytest.mark.parametrize(("width", "added", "expected"), [(4, b"", set()), (4, b"x", {Kind.TRAILING})])
def test_compressed_rows_take_what_the_header_says(width, added, expected):
    rows = b"\4\1\0\0\4\1\0\1"
    header = struct.pack("<IiiHHIIiiII", 40, width, 2, 1, 8, 1, len(rows), 0, 0, 2, 0)
    start = 14 + 40 + 8
    data = b"BM" + struct.pack("<IHHI", start + len(rows), 0, 0, start) + header + bytes(8) + rows
    assert kinds(data + added) == expected


def test_a_width_below_zero_is_damage():
    assert kinds(version_5().replace(struct.pack("<ii", 2, 2), struct.pack("<ii", -2, 2), 1)) == {Kind.DAMAGED}


def test_an_old_header_is_understood():
    core = b"BM" + struct.pack("<IHHI", 34, 0, 0, 26) + struct.pack("<IHHHH", 12, 1, 2, 1, 24) + bytes(8)
    assert inspect(core) == ()
    assert kinds(core + b"x") == {Kind.TRAILING}
