"""What holds for every format: sniffing, cutting, hostile structures, and that no value leaves."""

from __future__ import annotations

import mmap
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.metadata.building import (
    AV1,
    EXIF_BLOCK,
    ISPE,
    SECRET,
    SECRET_BYTES,
    VIDEO,
    XMP_PACKET,
    box,
    chunk,
    full,
    heif,
    ifd,
    in_gif,
    in_jpeg,
    in_png,
    item,
    kinds,
    riff,
    saved,
    segment,
    text,
    tiff,
    webp,
)

from kerchief.metadata import Finding, Kind, inspect

CLEAN = {
    "jpeg": saved("JPEG", progressive=True),
    "png": saved("PNG", "P"),
    "gif": saved("GIF", "P"),
    "webp": saved("WEBP"),
    "tiff": saved("TIFF"),
    "bmp": saved("BMP"),
    "avif": saved("AVIF", "RGBA"),
    "heif": heif(),
}
XMP_SEGMENT = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP_PACKET)
DIRTY = {
    "jpeg": in_jpeg(segment(0xE1, b"Exif\0\0" + EXIF_BLOCK) + XMP_SEGMENT + segment(0xFE, SECRET_BYTES)) + VIDEO,
    "png": in_png(chunk(b"eXIf", EXIF_BLOCK) + chunk(b"tEXt", b"Author\0" + SECRET_BYTES)) + SECRET_BYTES,
    "gif": in_gif(b"!\xfe\x06" + SECRET_BYTES + b"\0") + SECRET_BYTES,
    "webp": webp(riff(b"EXIF", EXIF_BLOCK), riff(b"XMP ", XMP_PACKET)) + SECRET_BYTES,
    "tiff": tiff({270: text(), 700: (1, XMP_PACKET), 34377: (7, b"8BIM\4\4\0\0\0\0\0\6" + SECRET_BYTES)}),
    "bmp": saved("BMP") + SECRET_BYTES,
    "heif": heif(
        {2: (b"Exif", b"\0\0\0\0" + EXIF_BLOCK), 3: (b"mime", XMP_PACKET)},
        names=lambda number: SECRET_BYTES + (b"\0application/rdf+xml\0" if number == 3 else b"\0"),
        properties=ISPE + full(b"udes", SECRET_BYTES),
        behind=box(b"uuid", bytes(16), SECRET_BYTES),
    ),
}
FORMATS = st.sampled_from(sorted(CLEAN))
DIRTY_FORMATS = st.sampled_from(sorted(DIRTY))


@pytest.mark.parametrize("name", sorted(CLEAN))
def test_a_clean_file_has_no_findings(name):
    assert inspect(CLEAN[name]) == ()


@pytest.mark.parametrize("data", [b"", b"\xff", b"hello", b"\xff\x0a jpeg xl", b"RIFF\0\0\0\0AVI ", b"%PDF-1.7"])
def test_a_format_without_a_walker_says_so(data):
    assert inspect(data) == (Finding(Kind.UNKNOWN_FORMAT, "file", len(data)),)


@pytest.mark.parametrize("name", sorted(DIRTY))
def test_no_value_gets_into_a_finding(name):
    found = inspect(DIRTY[name])
    assert found
    assert SECRET not in repr(found)


@pytest.mark.parametrize("view", [bytearray, memoryview])
def test_every_kind_of_buffer_gives_the_same(view):
    assert inspect(view(DIRTY["jpeg"])) == inspect(DIRTY["jpeg"])


def test_a_mapped_file_can_be_closed_afterwards():
    with mmap.mmap(-1, len(DIRTY["heif"])) as mapped:
        mapped[:] = DIRTY["heif"]
        assert inspect(mapped) == inspect(DIRTY["heif"])


def test_every_kind_has_a_phrase_of_its_own():
    assert len({kind.phrase for kind in Kind}) == len(Kind)


@given(FORMATS, st.floats(0, 1, exclude_max=True))
def test_a_clean_file_that_is_cut_is_not_clean(name, share):
    data = CLEAN[name]
    assert inspect(data[: int(share * len(data))]) != ()


@given(DIRTY_FORMATS, st.floats(0, 1))
def test_a_dirty_file_can_be_cut_anywhere(name, share):
    data = DIRTY[name]
    assert inspect(data[: int(share * len(data))]) != ()


@given(FORMATS, st.binary(min_size=1, max_size=40).filter(any))
def test_whatever_is_added_at_the_end_is_found(name, added):
    assert inspect(CLEAN[name] + added) != ()


@given(DIRTY_FORMATS, st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=8))))
def test_any_bytes_may_be_wrong(name, patches):
    data = bytearray(DIRTY[name])
    for share, patch in patches:
        at = int(share * len(data))
        data[at : at + len(patch)] = patch
    assert all(isinstance(finding, Finding) for finding in inspect(bytes(data)))


@given(
    st.sampled_from([b"\xff\xd8\xff", b"II*\0", b"MM\0+", b"GIF89a", b"BM", b"\0\0\0\x10ftypavif"]),
    st.binary(),
)
def test_rubbish_behind_a_signature_is_no_error(start, rubbish):
    assert all(isinstance(finding, Finding) for finding in inspect(start + rubbish))


def png_bomb() -> bytes:
    header = struct.pack(">IIBBBBB", 65535, 65535, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(30_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND")


def shared_values(*tags: int, length: int = 1_000_000) -> bytes:
    """Thousands of directories with one value: unless work is counted, its bytes are read thousands of times."""
    count = 4_000
    each = 2 + 12 * len(tags) + 4
    shared = 8 + each * count
    whole = bytearray(b"II*\0\x08\0\0\0")
    for number in range(count):
        rows = b"".join(struct.pack("<HHII", tag, 4, length // 4, shared) for tag in tags)
        whole += struct.pack("<H", len(tags)) + rows + struct.pack("<I", 8 + each * (number + 1))
    return bytes(whole) + struct.pack("<I", 8) * (length // 4)


def shared_jpeg_strip() -> bytes:
    """Thousands of directories whose strip is the same JPEG of many segments."""
    count, each = 4_000, 2 + 12 * 2 + 4
    strip = b"\xff\xd8" + b"\xff\xdd\0\4ab" * 20_000 + b"\xff\xd9"
    whole = bytearray(b"II*\0\x08\0\0\0")
    for number in range(count):
        rows = b"".join(struct.pack("<HHII", tag, 4, 1, n) for tag, n in ((273, 8 + each * count), (279, len(strip))))
        whole += struct.pack("<H", 2) + rows + struct.pack("<I", 8 + each * (number + 1))
    return bytes(whole) + strip


def overlapping_directories() -> bytes:
    """Every second byte begins a directory of 4096 entries."""
    filler = b"\0\x10" * 60_000
    places = struct.pack("<10000I", *range(43_000, 63_000, 2))
    return b"II*\0\x08\0\0\0" + ifd({330: (4, places)}, 8).ljust(42_000, b"\0") + filler


def shared_items() -> bytes:
    """Thousands of items that lie in the same place, each a bit off, so that none is like another."""
    count, length = 5_000, 1_000_000
    entries = b"".join(item(number, b"mime", b"\0application/rdf+xml\0") for number in range(1, count))
    rows = b"".join(struct.pack(">HHHII", n, 0, 1, 500_000 + n, length) for n in range(1, count))
    located = full(b"iloc", b"\x44\0", struct.pack(">H", count - 1), rows)
    tables = full(b"iinf", struct.pack(">H", count - 1), entries), located
    return box(b"ftyp", b"avif\0\0\0\0") + full(b"meta", *tables) + box(b"mdat", bytes(2 * length))


def endless_tracks() -> bytes:
    endless = b"\xff\xff\xff\xff"
    tables = (
        full(b"stsz", b"\0\0\0\1", endless),
        full(b"stsc", struct.pack(">4I", 1, 1, 1, 1)),
        full(b"stco", endless),
    )
    track = box(b"trak", box(b"mdia", box(b"minf", box(b"stbl", *tables))))
    return box(b"ftyp", b"avis\0\0\0\0avif") + box(b"moov", track * 3_000)


def nested(name: bytes) -> bytes:
    return box(b"ftyp", b"avif\0\0\0\0") + b"".join(struct.pack(">I", 8 * n) + name for n in range(50_000, 0, -1))


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(png_bomb(), id="png bomb"),
        pytest.param(shared_values(273, 279), id="strips shared by directories"),
        pytest.param(shared_values(330, length=32_000), id="pointers shared by directories"),
        pytest.param(shared_values(700), id="XMP shared by directories"),
        pytest.param(shared_jpeg_strip(), id="a strip shared by directories"),
        pytest.param(overlapping_directories(), id="directories on top of each other"),
        pytest.param(in_png(chunk(b"eXIf", overlapping_directories())), id="the same in EXIF"),
        pytest.param(b"II*\0\x08\0\0\0" + struct.pack("<HI", 0, 8) * 9, id="a directory that follows itself"),
        pytest.param(shared_items(), id="items on top of each other"),
        pytest.param(endless_tracks(), id="tables without an end"),
        pytest.param(nested(b"moov"), id="boxes in boxes"),
        pytest.param(nested(b"meta"), id="meta in meta"),
        pytest.param(b"II*\0\x08\0\0\0" + struct.pack("<H", 5_000) + bytes(70_000), id="5,000 tags"),
        pytest.param(heif(dict.fromkeys(range(2, 3_000), (b"av01", AV1))), id="many items"),
        pytest.param(b"\xff\xd8" + b"\xff\xe5\0\2" * 200_000, id="empty segments"),
        pytest.param(b"\xff\xd8" + b"\xff" * 1_000_000, id="fill bytes"),
        pytest.param(b"\xff\xd8\xff\xd9" * 100_000, id="a hundred thousand pictures"),
    ],
)
def test_a_hostile_structure_ends_soon(data):
    found = inspect(data)
    assert found
    assert len(found) <= 256 + len(Kind)


def test_places_beyond_the_limit_are_added_up():
    names = (bytes([97 + a, 97 + b, 97 + c, 97]) for a in range(9) for b in range(9) for c in range(9))
    found = inspect(in_png(b"".join(chunk(name, b"x") for name in names)))
    assert len(found) == 257
    assert found[-1] == Finding(Kind.APPLICATION, "elsewhere", 9**3 - 256)


def test_a_million_oddities_are_reported_as_damage():
    assert kinds(b"\xff\xd8" + b"\xff\xe5\0\2" * 140_000) == {Kind.APPLICATION, Kind.DAMAGED}
