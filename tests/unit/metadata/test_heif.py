"""HEIF and AVIF: what is planted is found, what belongs to the picture is not."""

from __future__ import annotations

import struct

import pytest
from unit.metadata.building import (
    ALPHA,
    AV1,
    DEPTH,
    EXIF_BLOCK,
    EXIF_KINDS,
    ISPE,
    SECRET_BYTES,
    XMP_KINDS,
    XMP_PACKET,
    animated,
    box,
    full,
    heif,
    kinds,
    refers,
    saved,
)

from kerchief.metadata import Kind, inspect

XMP_NAME = b"\0application/rdf+xml\0"
C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


@pytest.mark.parametrize(
    "data",
    [
        saved("AVIF"),
        saved("AVIF", "RGBA"),
        heif(),
        heif(names=lambda _: b"Color\0"),
        heif(behind=box(b"free", bytes(9))),
        heif(behind=box(b"mdat", bytes(9))),
    ],
)
def test_a_clean_picture_has_no_findings(data):
    assert inspect(data) == ()


def test_the_tiles_of_a_grid_are_part_of_the_picture():
    tiles = {2: (b"av01", AV1), 3: (b"av01", AV1), 1: (b"grid", bytes(8))}
    assert inspect(heif(tiles, references=refers(b"dimg", 1, 2, 3))) == ()
    assert kinds(heif(tiles, references=refers(b"dimg", 1, 2))) == {Kind.EXTRA_PICTURE}


@pytest.mark.parametrize(
    ("items", "references", "expected"),
    [
        ({2: (b"Exif", b"\0\0\0\0" + EXIF_BLOCK)}, refers(b"cdsc", 2, 1), EXIF_KINDS),
        ({2: (b"Exif", b"\0\0\0\6Exif\0\0" + EXIF_BLOCK)}, b"", EXIF_KINDS),
        ({2: (b"mime", XMP_PACKET)}, b"", XMP_KINDS),
        ({2: (b"uri ", b"x")}, b"", {Kind.APPLICATION}),
        ({2: (b"av01", AV1)}, b"", {Kind.EXTRA_PICTURE}),
        ({2: (b"av01", AV1)}, refers(b"thmb", 2, 1), {Kind.THUMBNAIL}),
        ({2: (b"tmap", b"x")}, refers(b"dimg", 2, 1), {Kind.EXTRA_PICTURE}),
        ({}, refers(b"abcd", 1, 1), {Kind.APPLICATION}),
        ({1: (b"mime", XMP_PACKET)}, b"", XMP_KINDS),
    ],
)
def test_an_item_is_found(items, references, expected):
    names = lambda number: XMP_NAME if items.get(number, (b"",))[0] == b"mime" else b"\0"  # noqa: E731
    assert kinds(heif(items, references=references, names=names)) == expected


@pytest.mark.parametrize(
    ("property_", "target", "expected"),
    [(ALPHA, 1, set()), (DEPTH, 1, {Kind.EXTRA_PICTURE}), (ALPHA, 9, {Kind.EXTRA_PICTURE})],
)
def test_alpha_is_part_of_the_picture_and_depth_is_not(property_, target, expected):
    data = heif(
        {2: (b"av01", AV1)},
        references=refers(b"auxl", 2, target),
        properties=ISPE + property_,
        owners={1: 1, 2: 2},
    )
    assert kinds(data) == expected


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        (box(b"colr", b"nclx" + bytes(7)), set()),
        (box(b"colr", b"prof" + SECRET_BYTES), {Kind.ICC}),
        (box(b"colr", b"nclx" + bytes(7) + SECRET_BYTES), {Kind.ICC}),
        (full(b"udes", SECRET_BYTES), {Kind.TEXT}),
        (box(b"abcd", b"x"), {Kind.APPLICATION}),
        (box(b"av1C", b"\x81\0\x0c\0"), set()),
        (box(b"av1C", b"\x81\0\x0c\0\x2a\x02xx"), {Kind.APPLICATION}),
        (box(b"hvcC", bytes(22) + b"\1\x27\0\1\0\2xx"), {Kind.APPLICATION}),
        (box(b"hvcC", bytes(22) + b"\1\x20\0\1\0\2xx"), set()),
        (box(b"hvcC", bytes(23) + SECRET_BYTES), {Kind.APPLICATION}),
        (full(b"auxi", b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0"), set()),
        (full(b"auxi", b"urn:mpeg:mpegB:cicp:systems:auxiliary:depth\0"), {Kind.EXTRA_PICTURE}),
    ],
)
def test_a_property_is_found(added, expected):
    assert kinds(heif(properties=ISPE + added)) == expected


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        (box(b"uuid", C2PA, SECRET_BYTES), {Kind.PROVENANCE}),
        (box(b"uuid", XMP_UUID, XMP_PACKET), XMP_KINDS),
        (box(b"uuid", bytes(16)), {Kind.APPLICATION}),
        (box(b"free", SECRET_BYTES), {Kind.TRAILING}),
        (box(b"mdat", SECRET_BYTES), {Kind.TRAILING}),
        (box(b"mpvd", b"video"), {Kind.MOTION_PHOTO}),
        (box(b"abcd"), {Kind.APPLICATION}),
        (b"\0\0\0\1free" + struct.pack(">Q", 18) + b"ab", {Kind.TRAILING}),
        (b"\0\0\0\1free" + struct.pack(">Q", 18) + bytes(2), set()),
        (b"\0\0\0\0free" + SECRET_BYTES, {Kind.TRAILING}),
        (box(b"Exif", EXIF_BLOCK), EXIF_KINDS),
        (box(b"moov", box(b"udta", SECRET_BYTES)), {Kind.TEXT}),
        (full(b"meta"), {Kind.APPLICATION}),
        (SECRET_BYTES, {Kind.TRAILING}),
        (saved("JPEG"), {Kind.EXTRA_PICTURE}),
        (b"\0\0\0\x99mdat", {Kind.CUT_OFF}),
    ],
)
def test_a_box_at_the_end_is_found(added, expected):
    assert kinds(heif(behind=added)) == expected


def test_what_is_in_the_meta_box_is_found():
    assert kinds(heif(in_meta=box(b"abcd", b"x"))) == {Kind.APPLICATION}
    assert kinds(heif(in_meta=full(b"hdlr", b"\0\0\0\0pict", bytes(12), SECRET_BYTES))) == {Kind.TEXT}
    assert inspect(heif(in_meta=box(b"dinf", full(b"dref", b"\0\0\0\1", full(b"url "))))) == ()
    elsewhere = full(b"dref", b"\0\0\0\1", full(b"urn ", b"x"))
    assert kinds(heif(in_meta=box(b"dinf", elsewhere))) == {Kind.TEXT}


def test_what_stands_beside_the_properties_is_found():
    clean = heif()
    length = struct.pack(">I", int.from_bytes(clean[(at := clean.index(b"iprp") - 4) : at + 4]))
    assert kinds(clean.replace(length + b"iprp", length + b"iprp" + b"\0\0\0\x08abcd")) & {Kind.APPLICATION}


def test_more_than_a_grid_needs_is_found():
    assert kinds(heif({1: (b"grid", bytes(8) + SECRET_BYTES)})) == {Kind.APPLICATION}
    assert inspect(heif({1: (b"grid", bytes(12))})) == ()


def test_the_name_of_an_item_is_found():
    assert kinds(heif(names=lambda _: SECRET_BYTES + b"\0")) == {Kind.TEXT}


def test_bytes_of_no_item_are_found():
    assert kinds(heif(stray=SECRET_BYTES)) == {Kind.TRAILING}
    assert kinds(heif(in_meta=box(b"idat", SECRET_BYTES))) == {Kind.TRAILING}
    assert inspect(heif(in_meta=box(b"idat", bytes(9)))) == ()


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        (b"\x7a\x02\0\0", set()),  # empty padding
        (b"\x32\x80\1" + b"x" * 128, set()),  # a length of two bytes
        (b"\x32" + b"\x80" * 9, {Kind.DAMAGED}),
        (b"\x32\x7fx", {Kind.DAMAGED}),
    ],
)
def test_the_units_of_av1_are_read(added, expected):
    assert kinds(heif({1: (b"av01", AV1 + added)})) == expected


def test_the_entry_of_an_old_version_is_damage():
    assert Kind.DAMAGED in kinds(heif().replace(b"infe\2", b"infe\0"))


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (b"av01", AV1 + b"\x2a\x02xx"),  # metadata
        (b"av01", AV1 + b"\x7a\x02xx"),  # padding that is not empty
        (b"hvc1", b"\0\0\0\3\x4e\1x"),  # SEI
        (b"jpeg", b"\xff\xd8\xff\xe5\0\3x\xff\xd9"),
    ],
)
def test_a_message_inside_the_picture_is_found(kind, data):
    assert kinds(heif({1: (kind, data)})) == {Kind.APPLICATION}


def track(
    *,
    created: int = 0,
    language: int = 0x55C4,
    handler: bytes = b"pict",
    name: bytes = b"",
    compressor: bytes = b"",
    address: bytes = b"",
):
    """A moov box with one track without samples."""
    reference = full(b"dref", b"\0\0\0\1", full(b"url ", address))
    times = struct.pack(">II", created, 0)
    media = box(
        b"mdia",
        full(b"mdhd", times, bytes(8), struct.pack(">HH", language, 0)),
        full(b"hdlr", bytes(4), handler, bytes(12), name, b"\0"),
        box(b"minf", box(b"dinf", reference), box(b"stbl", description(compressor), *empty_tables())),
    )
    return box(b"moov", full(b"mvhd", times, bytes(88)), box(b"trak", full(b"tkhd", times, bytes(72)), media))


def description(compressor: bytes) -> bytes:
    entry = bytes(42) + bytes([len(compressor)]) + compressor.ljust(31, b"\0") + bytes(4)
    return full(b"stsd", b"\0\0\0\1", box(b"av01", entry, box(b"av1C", bytes(4))))


def empty_tables() -> list[bytes]:
    return [full(b"stsz", bytes(8)), full(b"stsc", bytes(4)), full(b"stco", bytes(4))]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, set()),
        ({"created": 3_900_000_000}, {Kind.TIMESTAMP}),
        ({"language": 0x1985}, {Kind.TEXT}),
        ({"handler": b"soun"}, {Kind.APPLICATION}),
        ({"name": SECRET_BYTES}, {Kind.TEXT}),
        ({"compressor": SECRET_BYTES}, {Kind.TEXT}),
        ({"address": SECRET_BYTES}, {Kind.TEXT}),
    ],
)
def test_what_is_in_a_track_is_found(options, expected):
    assert kinds(heif(behind=track(**options))) == expected


def test_the_clock_that_libavif_writes_into_a_sequence_is_found_and_its_frames_are_not():
    assert kinds(animated("AVIF", duration=40)) == {Kind.TIMESTAMP}


def test_bytes_of_no_sample_are_found():
    clean = animated("AVIF", duration=40)
    assert clean.rindex(b"mdat") > clean.rindex(b"stco")
    at = clean.rindex(b"mdat") - 4
    size = struct.pack(">I", len(clean) - at + len(SECRET_BYTES))
    assert kinds(clean[:at] + size + clean[at + 4 :] + SECRET_BYTES) == {Kind.TIMESTAMP, Kind.TRAILING}


def test_a_long_file_type_box_is_found():
    clean = heif()
    dirty = box(b"ftyp", b"avif\0\0\0\0", SECRET_BYTES * 99) + clean[int.from_bytes(clean[:4]) :]
    assert Kind.APPLICATION in kinds(dirty)


def test_a_file_without_a_picture_is_damaged():
    assert kinds(box(b"ftyp", b"avif\0\0\0\0")) == {Kind.CUT_OFF}


def test_a_film_without_an_index_is_cut_off():
    assert kinds(box(b"ftyp", b"isom\0\0\0\0mp42") + box(b"mdat")) == {Kind.CUT_OFF}
