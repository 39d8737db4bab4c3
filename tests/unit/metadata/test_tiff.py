"""TIFF: what is planted is found, what belongs to the pages is not."""

from __future__ import annotations

import struct

import pytest
from unit.metadata.building import (
    GPS_IFD,
    SECRET_BYTES,
    XMP_KINDS,
    XMP_PACKET,
    animated,
    ifd,
    in_jpeg,
    kinds,
    long,
    saved,
    segment,
    text,
    tiff,
)

from kerchief.metadata import Kind, inspect

PAGE = {256: long(2), 257: long(2), 273: long(8), 279: long(4)}


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK"])
@pytest.mark.parametrize("compression", [None, "tiff_lzw", "tiff_adobe_deflate", "packbits"])
def test_a_clean_picture_has_no_findings(mode, compression):
    assert inspect(saved("TIFF", mode, compression=compression)) == ()


@pytest.mark.parametrize("compression", [None, "tiff_adobe_deflate", "jpeg"])
def test_clean_pages_are_pictures_and_no_findings(compression):
    assert inspect(animated("TIFF", compression=compression)) == ()


@pytest.mark.parametrize("order", ["<", ">"])
def test_both_byte_orders_are_read(order):
    assert inspect(tiff({}, order=order)) == ()
    assert kinds(tiff({270: text()}, order=order)) == {Kind.TEXT}


def test_bigtiff_is_read():
    assert inspect(saved("TIFF", big_tiff=True)) == ()
    assert kinds(saved("TIFF", big_tiff=True, artist="x")) == {Kind.PERSON}


@pytest.mark.parametrize(
    ("tag", "value", "expected"),
    [
        (270, text(), {Kind.TEXT}),
        (271, text(), {Kind.CAMERA}),
        (305, text(), {Kind.CAMERA}),
        (306, text(b"2024:01:31 12:34:56"), {Kind.TIMESTAMP}),
        (315, text(), {Kind.PERSON}),
        (700, (1, XMP_PACKET), XMP_KINDS),
        (33723, (7, b"\x1c\2x"), {Kind.IPTC}),
        (34377, (7, b"8BIM\4\4\0\0\0\0\0\2ab"), {Kind.APPLICATION, Kind.IPTC}),
        (34675, (7, b"profile"), {Kind.ICC}),
        (34735, (3, b"\1\0\1\0\0\0\0\0"), {Kind.GPS}),
        (37724, (7, b"layers"), {Kind.EXTRA_PICTURE}),
        (50735, text(), {Kind.SERIAL_NUMBER}),
        (50740, (7, b"maker"), {Kind.MAKERNOTE}),
        (52545, (7, b"jumb"), {Kind.PROVENANCE}),
        (65000, text(), {Kind.APPLICATION}),
        (274, (3, b"\1\0"), set()),
        (274, (3, b"\6\0"), {Kind.APPLICATION}),  # how the camera was held
        (266, (2, SECRET_BYTES + b" in the order of bits"), {Kind.APPLICATION}),
        (254, long(0), set()),
        (254, long(2), set()),
        (254, long(1), {Kind.EXTRA_PICTURE}),
        (254, long(4), {Kind.EXTRA_PICTURE}),
        (255, (3, b"\2\0"), {Kind.EXTRA_PICTURE}),
    ],
)
def test_a_tag_is_found(tag, value, expected):
    assert kinds(tiff({tag: value})) == expected


@pytest.mark.parametrize("tag", [513, 330])
def test_a_picture_beside_the_page_is_found(tag):
    at = len(tiff({tag: long(0), 514: long(4)}))
    following = ifd(PAGE, at) if tag == 330 else b"\xff\xd8\xff\xd9"
    sizes = {} if tag == 330 else {514: long(4)}
    assert kinds(tiff({tag: long(at - 12 * (tag == 330)), **sizes}) + following) == {Kind.EXTRA_PICTURE}


def test_a_second_page_is_none_and_a_reduced_one_is_a_finding():
    at = len(tiff({}))
    assert inspect(tiff({}, ifd(PAGE, at))) == ()
    assert kinds(tiff({}, ifd({**PAGE, 254: long(1)}, at))) == {Kind.EXTRA_PICTURE}


def test_exif_and_gps_directories_are_found():
    at = len(tiff({34853: long(0)}))
    assert kinds(tiff({34853: long(at)}) + ifd(GPS_IFD, at)) == {Kind.GPS}
    exif = ifd({37500: (7, b"note of the maker"), 33434: (5, bytes(8))}, at)
    assert kinds(tiff({34665: long(at)}) + exif) == {Kind.EXIF, Kind.MAKERNOTE}


def test_a_comment_inside_a_jpeg_strip_is_found():
    strip = in_jpeg(segment(0xFE, SECRET_BYTES))
    at = len(tiff({}))
    assert kinds(tiff({273: long(at), 279: long(len(strip))})) == {Kind.TRAILING, Kind.DAMAGED}
    whole = tiff({259: long(7), 273: long(at + 12), 279: long(len(strip))})
    assert Kind.COMMENT in kinds(whole.ljust(at + 12, b"\0") + strip)


def test_a_comment_inside_jpeg_tables_is_found():
    tables = b"\xff\xd8" + segment(0xFE, SECRET_BYTES) + b"\xff\xd9"
    assert kinds(tiff({347: (7, tables)})) == {Kind.COMMENT}


def test_what_no_directory_points_at_is_found():
    assert kinds(tiff({}) + SECRET_BYTES) == {Kind.TRAILING}
    assert inspect(tiff({}) + bytes(9)) == ()


def test_a_header_that_leads_to_no_page_is_found():
    assert kinds(tiff({}) + b"II*\0\x08\0\0\0") == {Kind.TRAILING}


@pytest.mark.parametrize(
    "entries",
    [
        {279: long(9999)},
        {273: (4, struct.pack("<2I", 8, 8))},  # more strips than lengths
        {330: long(99_999)},
        {330: (4, struct.pack("<9I", *range(90_000, 90_009)))},
    ],
)
def test_what_points_outside_is_damage(entries):
    assert Kind.DAMAGED in kinds(tiff(entries))


def test_a_chain_that_bites_its_tail_ends():
    at = len(tiff({}))
    assert inspect(tiff({}, ifd(PAGE, at, 12))) == ()
