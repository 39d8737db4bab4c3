"""PNG and APNG: every chunk, the compressed pixels' length, and what follows IEND (PNG third edition).

Pixels are inflated, in small steps, only to see whether the stream holds more than the picture needs.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from kerchief.metadata import exif, tail, xmp
from kerchief.metadata.bounded import BrokenError, part, uint
from kerchief.metadata.finding import Finding, Kind
from kerchief.metadata.inflate import Inflated

SIGNATURE = b"\x89PNG\r\n\x1a\n"

# PNG section 11: the chunks that a picture needs or that only describe its colours, with their largest size.
_ALLOWED = {
    b"IHDR": 13,
    b"PLTE": 768,
    b"IEND": 0,
    b"tRNS": 256,
    b"sRGB": 1,
    b"gAMA": 4,
    b"cHRM": 32,
    b"bKGD": 6,
    b"sBIT": 4,
    b"cICP": 4,
    b"acTL": 8,
    b"fcTL": 26,
}
_ONCE = frozenset(_ALLOWED) - {b"fcTL"}
_KINDS = {
    b"iCCP": Kind.ICC,
    b"tEXt": Kind.TEXT,
    b"zTXt": Kind.TEXT,
    b"iTXt": Kind.TEXT,
    b"tIME": Kind.TIMESTAMP,
    b"caBX": Kind.PROVENANCE,
}
# Text keywords under which ImageMagick, exiftool and Adobe keep whole blocks of another standard.
_KEYWORDS = {
    b"Raw profile type exif": Kind.EXIF,
    b"Raw profile type APP1": Kind.EXIF,
    b"Raw profile type iptc": Kind.IPTC,
    b"Raw profile type 8bim": Kind.IPTC,
    b"Raw profile type xmp": Kind.XMP,
    b"Raw profile type icc": Kind.ICC,
    b"Raw profile type icm": Kind.ICC,
    b"Author": Kind.PERSON,
    b"Creation Time": Kind.TIMESTAMP,
    b"Software": Kind.CAMERA,
}
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # section 11.2.1, by colour type
# Adam7, section 8.1: first column and row of each pass, and the steps
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def walk(data: memoryview) -> Iterator[Finding]:
    """Everything in a PNG file that is not on the allow-list."""
    if bytes(part(data, 12, 4)) != b"IHDR":
        raise BrokenError
    header = part(data, 16, 13)
    pixels = Inflated(_raw_size(header, uint(header, 0, 4), uint(header, 4, 4)))
    seen: set[bytes] = set()
    for name, body, end in _chunks(data):
        if name in seen and name in _ONCE:
            yield Finding(Kind.APPLICATION, f"repeated PNG {_shown(name)} chunk", len(body))
        seen.add(name)
        if name == b"fcTL" and b"IDAT" in seen:
            yield from pixels.findings("PNG frame")
            pixels = Inflated(_raw_size(header, uint(body, 4, 4), uint(body, 8, 4)))
        elif name in (b"IDAT", b"fdAT"):
            pixels.feed(body[4:] if name == b"fdAT" else body)
        if zlib.crc32(body, zlib.crc32(name)) != uint(data, end - 4, 4):
            yield Finding(Kind.DAMAGED, f"checksum of PNG {_shown(name)} chunk", 4)
        yield from _chunk(name, body)
    yield from pixels.findings("PNG frame")
    yield from tail.findings(data, end, "PNG")


def _chunks(data: memoryview) -> Iterator[tuple[bytes, memoryview, int]]:
    at, name = len(SIGNATURE), b""
    while name != b"IEND":
        size, name = uint(data, at, 4), bytes(part(data, at + 4, 4))
        body = part(data, at + 8, size)
        at += 12 + size
        yield name, body, at


def _shown(name: bytes) -> str:
    return name.decode("ascii") if name.isalpha() else "?"


def _chunk(name: bytes, body: memoryview) -> Iterator[Finding]:
    where, size = f"PNG {_shown(name)} chunk", len(body)
    if name == b"eXIf":
        yield from exif.findings(body, where)
    elif name in (b"tEXt", b"zTXt", b"iTXt"):
        yield from _text(body, where)
    elif name in _KINDS:
        yield Finding(_KINDS[name], where, size)
    elif size > _ALLOWED.get(name, size if name in (b"IDAT", b"fdAT") else -1):
        yield Finding(Kind.APPLICATION, where, size)


def _text(body: memoryview, where: str) -> Iterator[Finding]:
    keyword = bytes(body[:80]).split(b"\0")[0]  # at most 79 bytes, section 11.3.3
    if keyword == b"XML:com.adobe.xmp":
        yield from xmp.findings(body, where)
    else:
        yield Finding(_KEYWORDS.get(keyword, Kind.TEXT), where, len(body))


def _raw_size(header: memoryview, width: int, height: int) -> int:
    """The bytes of a picture before compression: each row has one byte for its filter."""
    depth, colours, interlaced = header[8], header[9], header[12]
    if colours not in _CHANNELS:
        raise BrokenError
    total = 0
    for x, y, across, down in _PASSES if interlaced else ((0, 0, 1, 1),):
        columns, rows = -(-(width - x) // across), -(-(height - y) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + (columns * depth * _CHANNELS[colours] + 7) // 8)
    return total
