"""Pictures and what people find in them, built by hand so the truth is known; every text is ``SECRET``."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from kerchief.metadata import Kind, inspect

SECRET = "Zaphod"
SECRET_BYTES = SECRET.encode()
VIDEO = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0\0\0\x08mdat"


def kinds(data: bytes) -> set[Kind]:
    return {finding.kind for finding in inspect(data)}


def image(mode: str = "RGB", width: int = 37, height: int = 23) -> Image.Image:
    pixels = np.random.default_rng(7).integers(0, 256, (height, width, 4), dtype=np.uint8)
    return Image.fromarray(pixels).convert(mode)


def saved(form: str, mode: str = "RGB", **options: Any) -> bytes:
    buffer = BytesIO()
    image(mode).save(buffer, form, **options)
    return buffer.getvalue()


def animated(form: str, **options: Any) -> bytes:
    return saved(form, save_all=True, append_images=[image().rotate(180)], **options)


# EXIF and TIFF


def ifd(entries: dict[int, tuple[int, bytes]], at: int, following: int = 0, order: str = "<") -> bytes:
    """A directory at ``at`` with its long values behind it; an entry is tag: (type, value)."""
    widths = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1}
    head = struct.pack(order + "H", len(entries))
    values = at + 2 + 12 * len(entries) + 4
    tail = b""
    for tag, (kind, value) in sorted(entries.items()):
        head += struct.pack(order + "HHI", tag, kind, len(value) // widths[kind])
        if len(value) <= 4:
            head += value.ljust(4, b"\0")
        else:
            head += struct.pack(order + "I", values + len(tail))
            tail += value + b"\0" * (len(value) % 2)
    return head + struct.pack(order + "I", following) + tail


def long(value: int) -> tuple[int, bytes]:
    return 4, struct.pack("<I", value)


def text(tag_text: bytes = SECRET_BYTES) -> tuple[int, bytes]:
    return 2, tag_text + b"\0"


def exif(first: dict[int, tuple[int, bytes]], *others: tuple[int, dict[int, tuple[int, bytes]]]) -> bytes:
    """An EXIF block; ``others`` are directories, each with the tag that points at it; 0: the next one."""
    places, blocks = {tag: 0 for tag, _ in others}, b""
    for _ in range(2):  # the first time only for the lengths
        pointers = {tag: long(place) for tag, place in places.items() if tag}
        blocks = ifd({**first, **pointers}, 8, places.get(0, 0))
        for tag, entries in others:
            places[tag] = 8 + len(blocks)
            blocks += ifd(entries, places[tag])
    return b"II*\0\x08\0\0\0" + blocks


GPS_IFD = {1: text(b"N"), 2: (5, struct.pack("<6I", 52, 1, 31, 1, 12, 1))}
EXIF_BLOCK = exif(
    {271: text(), 306: text(b"2024:01:31 12:34:56"), 315: text(), 270: text()},
    (34665, {37500: (7, b"Maker" * 9), 42033: text()}),
    (34853, GPS_IFD),
    (0, {513: long(9), 514: long(4)}),
)
EXIF_KINDS = {
    Kind.EXIF,
    Kind.CAMERA,
    Kind.TIMESTAMP,
    Kind.PERSON,
    Kind.TEXT,
    Kind.MAKERNOTE,
    Kind.SERIAL_NUMBER,
    Kind.GPS,
    Kind.THUMBNAIL,
}
XMP_PACKET = f"<x:xmpmeta><mwg-rs:Regions/><exif:GPSLatitude>{SECRET}</exif:GPSLatitude></x:xmpmeta>".encode()
XMP_KINDS = {Kind.XMP, Kind.PERSON, Kind.GPS}


def tiff(entries: dict[int, tuple[int, bytes]], following: bytes = b"", order: str = "<") -> bytes:
    """A TIFF of 2 x 2 grey pixels, with these tags added."""
    pack = lambda value: (4, struct.pack(order + "I", value))  # noqa: E731
    picture = {256: pack(2), 257: pack(2), 258: pack(8), 262: pack(1), 273: pack(8), 279: pack(4)}
    magic = b"II*\0" if order == "<" else b"MM\0*"
    directory = ifd({**picture, **entries}, 12, 0, order)
    if following:
        directory = ifd({**picture, **entries}, 12, 12 + len(directory), order)
    return magic + struct.pack(order + "I", 12) + b"\1\2\3\4" + directory + following


# JPEG


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def in_jpeg(added: bytes, data: bytes | None = None) -> bytes:
    """A clean JPEG with something behind its start."""
    data = saved("JPEG") if data is None else data
    return data[:2] + added + data[2:]


# PNG


def chunk(name: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def in_png(added: bytes, data: bytes | None = None) -> bytes:
    """A clean PNG with something behind its header."""
    data = saved("PNG") if data is None else data
    return data[:33] + added + data[33:]


# WebP


def riff(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def webp(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


# GIF


def in_gif(added: bytes) -> bytes:
    """A clean GIF with something before its trailer."""
    return saved("GIF", "P")[:-1] + added + b";"


def blocks(body: bytes) -> bytes:
    """Sub-blocks of at most 255 bytes, with their terminator."""
    pieces = (body[at : at + 255] for at in range(0, len(body), 255))
    return b"".join(bytes([len(piece)]) + piece for piece in pieces) + b"\0"


# HEIF and AVIF


def box(name: bytes, *body: bytes) -> bytes:
    joined = b"".join(body)
    return struct.pack(">I", 8 + len(joined)) + name + joined


def full(name: bytes, *body: bytes, version: int = 0) -> bytes:
    return box(name, bytes([version, 0, 0, 0]), *body)


def item(number: int, kind: bytes, rest: bytes = b"\0") -> bytes:
    return full(b"infe", struct.pack(">HH4s", number, 0, kind), rest, version=2)


def refers(kind: bytes, source: int, *targets: int) -> bytes:
    return box(kind, struct.pack(f">HH{len(targets)}H", source, len(targets), *targets))


HANDLER = full(b"hdlr", b"\0\0\0\0pict" + b"\0" * 13)
ISPE = full(b"ispe", b"\0\0\0\x01\0\0\0\x01")
AV1 = b"\x12\0\x32\x01\x55"  # a temporal delimiter and a frame of one byte
ALPHA = full(b"auxC", b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0")
DEPTH = full(b"auxC", b"urn:mpeg:mpegB:cicp:systems:auxiliary:depth\0")


def heif(
    items: dict[int, tuple[bytes, bytes]] | None = None,
    *,
    references: bytes = b"",
    properties: bytes = ISPE,
    owners: dict[int, int] | None = None,
    in_meta: bytes = b"",
    behind: bytes = b"",
    names: Callable[[int], bytes] = lambda _: b"\0",
    stray: bytes = b"",
) -> bytes:
    """An AVIF: item number 1 is the picture.

    Args:
        items: more items: number to kind and data; a mime item is XMP.
        references: boxes inside iref.
        properties: boxes inside ipco.
        owners: item number to the number of the property that it has.
        in_meta: boxes added to meta.
        behind: boxes at the end of the file.
        names: item number to its name and what else follows its kind.
        stray: bytes in mdat that belong to no item.
    """
    everything = {1: (b"av01", AV1), **(items or {})}
    entries = b"".join(item(number, kind, names(number)) for number, (kind, _) in everything.items())
    pairs = b"".join(struct.pack(">HBB", number, 1, index) for number, index in (owners or {1: 1}).items())
    association = full(b"ipma", struct.pack(">I", len(owners or {1: 1})), pairs)
    fixed = [
        HANDLER,
        full(b"pitm", b"\0\1"),
        full(b"iinf", struct.pack(">H", len(everything)), entries),
        full(b"iref", references) if references else b"",
        box(b"iprp", box(b"ipco", properties), association),
        in_meta,
    ]
    start = box(b"ftyp", b"avif\0\0\0\0avifmif1")

    def located(at: int) -> bytes:
        rows = b""
        for number, (_, data) in everything.items():
            rows += struct.pack(">HHHII", number, 0, 1, at, len(data))
            at += len(data)
        return full(b"iloc", b"\x44\0", struct.pack(">H", len(everything)), rows)

    length = len(start + full(b"meta", *fixed, located(0))) + 8
    data = b"".join(data for _, data in everything.values())
    return start + full(b"meta", *fixed, located(length)) + box(b"mdat", data, stray) + behind
