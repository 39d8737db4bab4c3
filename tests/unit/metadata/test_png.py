"""PNG and APNG: what is planted is found, what belongs to the picture is not."""

from __future__ import annotations

import struct
import zlib

import pytest
from unit.metadata.building import (
    EXIF_BLOCK,
    EXIF_KINDS,
    SECRET_BYTES,
    VIDEO,
    XMP_KINDS,
    XMP_PACKET,
    animated,
    chunk,
    in_png,
    kinds,
    saved,
)

from kerchief.metadata import Kind, inspect

SIGNATURE = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_a_clean_picture_has_no_findings(mode):
    assert inspect(saved("PNG", "L" if mode == "I;16" else mode)) == ()


def test_a_clean_animation_has_no_findings():
    assert inspect(animated("PNG", duration=40)) == ()


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 2), (9, 9), (16, 5)])
def test_a_clean_interlaced_picture_has_no_findings(width, height):
    passes = (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    )
    rows = b""
    for x, y, across, down in passes:
        columns = len(range(x, width, across))
        rows += b"".join(bytes(1 + columns) for _ in range(y, height, down) if columns)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 1)
    start = SIGNATURE + chunk(b"IHDR", header)
    assert inspect(start + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND")) == ()


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        (b"eXIf", EXIF_BLOCK, EXIF_KINDS),
        (b"tEXt", b"Title\0" + SECRET_BYTES, {Kind.TEXT}),
        (b"zTXt", b"Comment\0\0" + zlib.compress(SECRET_BYTES), {Kind.TEXT}),
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP_PACKET, XMP_KINDS),
        (b"tEXt", b"Author\0" + SECRET_BYTES, {Kind.PERSON}),
        (b"zTXt", b"Raw profile type exif\0\0x", {Kind.EXIF}),
        (b"zTXt", b"Raw profile type iptc\0\0x", {Kind.IPTC}),
        (b"iCCP", b"display\0\0" + zlib.compress(b"x"), {Kind.ICC}),
        (b"tIME", b"\x07\xe8\1\x1f\x0c\x22\x38", {Kind.TIMESTAMP}),
        (b"caBX", b"jumb", {Kind.PROVENANCE}),
        (b"pHYs", b"\0\0\x0b\x12\0\0\x0b\x12\1", {Kind.APPLICATION}),
        (b"prVt", SECRET_BYTES, {Kind.APPLICATION}),
        (b"gAMA", b"\0\0\xb1\x8f", set()),
        (b"sRGB", b"\0", set()),
        (b"cICP", b"\1\x0d\0\1", set()),
        (b"gAMA", b"\0\0\xb1\x8f" + SECRET_BYTES, {Kind.APPLICATION}),
        (b"IHDR", b"\0" * 13, {Kind.APPLICATION}),
    ],
)
def test_a_chunk_is_found(name, body, expected):
    assert kinds(in_png(chunk(name, body))) == expected


def test_an_allowed_chunk_is_allowed_once():
    assert kinds(in_png(2 * chunk(b"gAMA", b"abcd"))) == {Kind.APPLICATION}


def test_a_wrong_checksum_is_found():
    dirty = chunk(b"gAMA", b"abcd")[:-4] + b"hide"
    assert kinds(in_png(dirty)) == {Kind.DAMAGED}


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        (SECRET_BYTES, {Kind.TRAILING}),
        (chunk(b"IDAT", b"old") + chunk(b"IEND"), {Kind.TRAILING}),  # aCropalypse
        (saved("PNG"), {Kind.EXTRA_PICTURE}),
        (saved("JPEG"), {Kind.EXTRA_PICTURE}),
        (VIDEO, {Kind.MOTION_PHOTO}),
    ],
)
def test_what_follows_the_end_is_found(added, expected):
    assert kinds(saved("PNG") + added) == expected


def grey(rows: bytes) -> bytes:
    """A PNG that says it is 4 x 2 and grey, with this compressed stream."""
    header = struct.pack(">IIBBBBB", 4, 2, 8, 0, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND")


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (zlib.compress(bytes(10)), set()),
        (zlib.compress(bytes(10)) + SECRET_BYTES, {Kind.TRAILING}),
        (zlib.compress(bytes(10) + SECRET_BYTES), {Kind.TRAILING}),
        (zlib.compress(bytes(9)), {Kind.DAMAGED}),
        (zlib.compress(bytes(10))[:-1], {Kind.DAMAGED}),
        (b"not zlib", {Kind.DAMAGED}),
    ],
)
def test_the_pixels_are_exactly_as_many_as_the_picture_needs(stream, expected):
    assert kinds(grey(stream)) == expected


def test_bytes_behind_the_pixels_in_another_chunk_are_found():
    whole = grey(zlib.compress(bytes(10)))
    assert kinds(whole.replace(chunk(b"IEND"), chunk(b"IDAT", SECRET_BYTES) + chunk(b"IEND"))) == {Kind.TRAILING}


@pytest.mark.parametrize("name", [b"IDAT", b"fdAT"])
def test_bytes_behind_a_frame_are_found(name):
    clean = animated("PNG", duration=40)
    at = clean.index(name) - 4
    size = 12 + int.from_bytes(clean[at : at + 4])
    body = clean[at + 8 : at + size - 4]
    dirty = clean[:at] + chunk(name, body + SECRET_BYTES) + clean[at + size :]
    assert kinds(dirty) == {Kind.TRAILING}


def test_another_first_chunk_is_damage():
    assert kinds(SIGNATURE + chunk(b"CgBI", b"abcd") + saved("PNG")[8:]) == {Kind.CUT_OFF}


def test_a_header_with_an_unknown_colour_type_is_damaged():
    assert kinds(saved("PNG").replace(b"\x08\x02\0\0\0", b"\x08\x05\0\0\0", 1)) == {Kind.CUT_OFF}
