"""JPEG: every marker segment, also between scans, and what follows the end (ITU-T T.81 annex B).

Not seen: bytes hidden in the entropy-coded data itself, and what quantisation tables say about the camera.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from kerchief.metadata import exif, photoshop, tail, xmp
from kerchief.metadata.bounded import BrokenError, contained, part, uint
from kerchief.metadata.finding import Finding, Kind

SOI, EOI, SOS, COM, APP0 = 0xD8, 0xD9, 0xDA, 0xFE, 0xE0

# T.81 B.1.1.5: in entropy-coded data a marker is FF followed by neither 00 (stuffing) nor D0-D7 (restart);
# any number of FF may stand before a marker.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SECOND = re.compile(rb"\0*\xff\xd8\xff")
_NOT_FILL = re.compile(rb"[^\xff]")
_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({SOI, EOI, 0x01})  # no length follows
_TABLES = frozenset({0xC4, 0xCC, 0xDB, 0xDC, 0xDD, SOS}) | _SOF
_JFIF_SIZE = 14  # JFIF 1.02, without a thumbnail
_ADOBE_SIZE = 12  # Adobe Technical Note 5116, section 18
_KNOWN = {
    (0xE0, b"JFXX\0"): (Kind.THUMBNAIL, "APP0 JFXX"),
    (0xE2, b"ICC_PROFILE\0"): (Kind.ICC, "APP2 ICC profile"),
    (0xE2, b"MPF\0"): (Kind.EXTRA_PICTURE, "APP2 MPF"),
    (0xE2, b"FPXR\0"): (Kind.APPLICATION, "APP2 FlashPix"),
    (0xE2, b"urn:iso:std:iso:ts:21496"): (Kind.EXTRA_PICTURE, "APP2 gain map"),
    (0xEB, b"JP"): (Kind.PROVENANCE, "APP11 JUMBF"),
}


@dataclass(frozen=True, slots=True)
class _Segment:
    marker: int
    body: memoryview
    end: int
    stray: int
    """How many bytes before the marker belong to nothing."""


def walk(data: memoryview) -> Iterator[Finding]:
    """Everything in a JPEG file that is not on the allow-list."""
    end = yield from embedded(data)
    while second := _SECOND.match(data, end):
        start = second.end() - 3
        end = _end(data, start)
        yield Finding(Kind.EXTRA_PICTURE, "JPEG after the end of the JPEG", end - start)
    yield from tail.findings(data, end, "JPEG")


def embedded(data: memoryview) -> Generator[Finding, None, int]:
    """The same for one JPEG stream from SOI to EOI; returns where it ends and looks no further."""
    end = 0
    for segment in _segments(data, 0):
        end = segment.end
        if segment.stray:
            yield Finding(Kind.DAMAGED, "bytes between JPEG segments", segment.stray)
        yield from _segment(segment)
    return end


def _end(data: memoryview, start: int) -> int:
    end = start
    try:
        for segment in _segments(data, start):
            end = segment.end
    except BrokenError:  # a second picture that is cut: it goes on to the end of the file
        return len(data)
    return end


def _segments(data: memoryview, at: int) -> Iterator[_Segment]:
    at, in_scan = at + 2, False
    while found := _MARKER.search(data, at):
        marker, start = data[found.start() + 1], found.end()
        stray = 0 if in_scan or not _NOT_FILL.search(data, at, found.start()) else found.start() - at
        size = 0 if marker in _ALONE else uint(data, start, 2) - 2
        body = start if marker in _ALONE else start + 2
        at, in_scan = body + size, marker == SOS
        yield _Segment(marker, part(data, body, size), at, stray)
        if marker == EOI:
            return
    raise BrokenError


def _segment(segment: _Segment) -> Iterator[Finding]:
    marker, size = segment.marker, len(segment.body)
    if marker == COM:
        yield Finding(Kind.COMMENT, "JPEG comment", size)
    elif APP0 <= marker < APP0 + 16:
        yield from _application(marker, segment.body)
    elif marker in _TABLES:
        if surplus := _surplus(marker, segment.body):
            kind = Kind.APPLICATION if surplus > 0 else Kind.DAMAGED
            yield Finding(kind, f"end of JPEG segment {marker:02X}", abs(surplus))
    elif marker != EOI:
        yield Finding(Kind.APPLICATION, f"JPEG segment {marker:02X}", size)


def _surplus(marker: int, body: memoryview) -> int:
    """How much longer a segment is than its own fields need; tables fill theirs to the end."""
    if marker in _SOF:
        return len(body) - 6 - 3 * uint(body, 5, 1)
    if marker == SOS:
        return len(body) - 4 - 2 * uint(body, 0, 1)
    return len(body) - 2 if marker in (0xDC, 0xDD) else 0


def _application(marker: int, body: memoryview) -> Iterator[Finding]:
    where, size, label = f"APP{marker - APP0}", len(body), bytes(body[:40])
    if where == "APP0" and label.startswith(b"JFIF\0"):
        if size > _JFIF_SIZE or label[12:14] != b"\0\0":
            yield Finding(Kind.THUMBNAIL, "APP0 JFIF", size)
    elif where == "APP14" and label.startswith(b"Adobe") and size == _ADOBE_SIZE:
        return
    elif where == "APP1" and label.startswith(b"Exif\0"):
        yield from exif.findings(body, "APP1 Exif")
    elif where == "APP1" and label.startswith(b"http://ns.adobe.com/"):
        yield from xmp.findings(body, "APP1 XMP")
    elif where == "APP13" and label.startswith(b"Photoshop 3.0\0"):
        yield Finding(Kind.APPLICATION, "APP13 Photoshop", size)
        yield from contained(photoshop.findings(body[14:], "APP13 Photoshop"), "APP13 Photoshop", size)
    else:
        known = (what for (app, start), what in _KNOWN.items() if app == marker and label.startswith(start))
        kind, where = next(known, (Kind.APPLICATION, f"{where} segment"))
        yield Finding(kind, where, size)
