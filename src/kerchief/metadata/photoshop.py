"""Photoshop image resources ("8BIM"), as in APP13 of a JPEG and tag 34377 of a TIFF.

Adobe Photoshop File Formats Specification, "Image Resources Section".
"""

from __future__ import annotations

from collections.abc import Iterator

from kerchief.metadata.bounded import BrokenError, part, uint
from kerchief.metadata.finding import Finding, Kind

_KINDS = {
    0x0404: Kind.IPTC,
    0x0409: Kind.THUMBNAIL,
    0x040C: Kind.THUMBNAIL,
    0x040F: Kind.ICC,
    0x0422: Kind.EXIF,
    0x0423: Kind.EXIF,
    0x0424: Kind.XMP,
}


def findings(data: memoryview, where: str) -> Iterator[Finding]:
    """What in the resources is worth a name of its own; BrokenError from where they are broken."""
    at = 0
    while at + 12 <= len(data):
        if bytes(part(data, at, 4)) != b"8BIM":
            raise BrokenError
        kind = _KINDS.get(uint(data, at + 4, 2))
        name = uint(data, at + 6, 1) + 1
        at += 6 + name + name % 2
        size = uint(data, at, 4)
        if kind:
            yield Finding(kind, where, size)
        at += 4 + size + size % 2
