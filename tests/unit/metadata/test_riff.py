"""WebP: what is planted is found, what belongs to the picture is not."""

from __future__ import annotations

import struct

import pytest
from unit.metadata.building import (
    EXIF_BLOCK,
    EXIF_KINDS,
    SECRET_BYTES,
    XMP_KINDS,
    XMP_PACKET,
    animated,
    kinds,
    riff,
    saved,
    webp,
)

from kerchief.metadata import Kind, inspect

PICTURE = saved("WEBP", lossless=True)[12:]
EXTENDED = riff(b"VP8X", b"\0" * 10)


@pytest.mark.parametrize(
    "data",
    [
        saved("WEBP"),
        saved("WEBP", "RGBA"),
        saved("WEBP", "RGBA", lossless=True),
        animated("WEBP", duration=40, loop=0),
        webp(EXTENDED, PICTURE),
    ],
)
def test_a_clean_picture_has_no_findings(data):
    assert inspect(data) == ()


@pytest.mark.parametrize(
    ("name", "body", "expected"),
    [
        (b"EXIF", EXIF_BLOCK, EXIF_KINDS),
        (b"EXIF", b"Exif\0\0" + EXIF_BLOCK, EXIF_KINDS),
        (b"XMP ", XMP_PACKET, XMP_KINDS),
        (b"ICCP", b"profile", {Kind.ICC}),
        (b"prVt", SECRET_BYTES, {Kind.APPLICATION}),
        (b"\xff\xfe\0\1", SECRET_BYTES, {Kind.APPLICATION}),
        (b"ANIM", b"\0" * 6, set()),
        (b"ANIM", b"\0" * 7, {Kind.APPLICATION}),
        (b"ANMF", b"\0" * 16 + riff(b"prVt", SECRET_BYTES), {Kind.APPLICATION}),
        (b"ANMF", b"\0" * 16 + riff(b"ANMF", SECRET_BYTES), {Kind.APPLICATION}),
    ],
)
def test_a_chunk_is_found(name, body, expected):
    assert kinds(webp(EXTENDED, PICTURE, riff(name, body))) == expected


def test_a_second_picture_is_found():
    assert kinds(webp(EXTENDED, PICTURE, PICTURE)) == {Kind.APPLICATION}


def test_what_follows_the_end_is_found():
    assert kinds(saved("WEBP") + SECRET_BYTES) == {Kind.TRAILING}


def test_a_length_beyond_the_file_is_damage():
    data = saved("WEBP")
    assert Kind.CUT_OFF in kinds(data[:4] + struct.pack("<I", len(data)) + data[8:])
