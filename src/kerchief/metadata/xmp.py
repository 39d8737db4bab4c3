"""XMP packets: the packet itself, and what in it is worth a name of its own.

The packet is searched for property names and not parsed as XML: hostile XML is a danger, and names are all we
need. A packet in UTF-16 is found as XMP only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kerchief.metadata.finding import Finding, Kind

_MARKS = {
    Kind.GPS: rb"GPSLatitude|GPSLongitude|photoshop:City|Iptc4xmpExt:Location",
    Kind.PERSON: rb"PersonInImage|mwg-rs:|MPReg:|dc:creator|xmpRights:Owner",
    Kind.THUMBNAIL: rb"xmpGImg:image",
    Kind.EXTRA_PICTURE: rb"GDepth:Data|GImage:Data|GAudio:Data|hdrgm:|apdi:",
    Kind.MOTION_PHOTO: rb"GCamera:MotionPhoto|GCamera:MicroVideo",
    Kind.PROVENANCE: rb"dcterms:provenance",
    Kind.SERIAL_NUMBER: rb"SerialNumber|xmpMM:DocumentID|xmpMM:InstanceID",
    Kind.TIMESTAMP: rb"DateTimeOriginal|xmp:CreateDate|xmp:ModifyDate|photoshop:DateCreated",
    Kind.CAMERA: rb"tiff:Model|xmp:CreatorTool",
}
_GROUPS = (b"(?P<%s>%s)" % (kind.name.encode(), marks) for kind, marks in _MARKS.items())
_PATTERN = re.compile(b"|".join(_GROUPS))


def findings(packet: memoryview, where: str) -> Iterator[Finding]:
    """The XMP packet and each kind of property in it that gives something away."""
    yield Finding(Kind.XMP, where, len(packet))
    yield from inside(packet, where)


def inside(packet: memoryview, where: str) -> Iterator[Finding]:
    """Only the properties."""
    for name in sorted({str(match.lastgroup) for match in _PATTERN.finditer(packet)}):
        yield Finding(Kind[name], where, len(packet))
