"""GIF: what is planted is found, what belongs to the picture is not."""

from __future__ import annotations

import pytest
from unit.metadata.building import (
    SECRET_BYTES,
    XMP_KINDS,
    XMP_PACKET,
    animated,
    blocks,
    in_gif,
    kinds,
    saved,
)

from kerchief.metadata import Kind, inspect

LOOP = b"!\xff\x0bNETSCAPE2.0"


@pytest.mark.parametrize("data", [saved("GIF", "P"), saved("GIF", "1"), animated("GIF", loop=0, duration=40)])
def test_a_clean_picture_has_no_findings(data):
    assert inspect(data) == ()


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (LOOP + b"\x03\1\0\0\0", set()),
        (LOOP + b"\x03\1\0\0" + blocks(SECRET_BYTES), {Kind.APPLICATION}),
        (b"!\xf9\x04\0\0\0\0\0", set()),
        (b"!\xf9\x04\0\0\0\0" + blocks(SECRET_BYTES), {Kind.APPLICATION}),
        (b"!\xfe" + blocks(SECRET_BYTES * 99), {Kind.COMMENT}),
        (b"!\x01\x0c" + b"\0" * 12 + blocks(SECRET_BYTES), {Kind.TEXT}),
        (b"!\xff\x0bXMP DataXMP" + blocks(XMP_PACKET), XMP_KINDS),
        (b"!\xff\x0bICCRGBG1012" + blocks(b"profile"), {Kind.ICC}),
        (b"!\xff\x0bMGK8BIM0000" + blocks(b"x"), {Kind.APPLICATION}),
        (b"!\x77" + blocks(b"x"), {Kind.APPLICATION}),
        (b"?", {Kind.CUT_OFF}),
    ],
)
def test_a_block_is_found(block, expected):
    assert kinds(in_gif(block)) == expected


def test_what_follows_the_end_is_found():
    assert kinds(saved("GIF", "P") + SECRET_BYTES) == {Kind.TRAILING}
