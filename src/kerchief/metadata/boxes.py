"""Boxes of the ISO base media file format (ISO/IEC 14496-12 section 4.2), and those with many places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kerchief.metadata import exif, xmp
from kerchief.metadata.bounded import BrokenError, blank, contained, part, uint
from kerchief.metadata.finding import Finding, Kind

_NO_TAGS = b"\0\0\0\x35meta\0\0\0\0\0\0\0\x21hdlr\0\0\0\0\0\0\0\0mdirappl" + bytes(9) + b"\0\0\0\x08ilst"
_PADDING = frozenset({"free", "skip", "wide"})
_UUIDS = {
    bytes.fromhex("d8fec3d61b0e483c92975828877ec481"): Kind.PROVENANCE,  # C2PA 2.1 section A.3
    bytes.fromhex("be7acfcb97a942e89c71999491e3afac"): Kind.XMP,  # XMP part 3, section 1.1.4
    bytes.fromhex("85c0b687820f11e08111f4ce462b6a48"): Kind.MAKERNOTE,  # Canon
}
_TAGGED = frozenset({"udta", "meta"})
# QuickTime File Format, user data and metadata keys; 3GPP TS 26.244 section 8.8
_PLACES = (b"\xa9xyz", b"loci", b"location.ISO6709")
_MOST_TAGS = 1 << 20
_NAMED = {
    "udta": Kind.TEXT,
    "udes": Kind.TEXT,
    "jumb": Kind.PROVENANCE,
    "mpvd": Kind.MOTION_PHOTO,
    "sefd": Kind.TRAILING,
}


@dataclass(frozen=True, slots=True)
class Box:
    """One box from ``start`` to ``end``; its content begins at ``body``."""

    name: str
    start: int
    body: int
    end: int

    @property
    def size(self) -> int:
        """The bytes of the content."""
        return self.end - self.body

    def content(self, data: memoryview) -> memoryview:
        """The content: reads in it cannot stray into the next box."""
        return data[self.body : self.end]

    @property
    def shown(self) -> str:
        """The name, if it is a plain one."""
        return self.name.strip() if self.name.isascii() and self.name.strip().isalnum() else "unknown"


def boxes(data: memoryview, at: int = 0) -> Iterator[Box]:
    """The boxes from ``at`` to the end, one beside the other; BrokenError where there is none."""
    end = len(data)
    while at < end:
        size, name = uint(data, at, 4), bytes(part(data, at + 4, 4)).decode("latin-1")
        body = at + 8
        if size == 1:
            size, body = uint(data, body, 8), body + 8
        stop = at + size if size else end
        if not body <= stop <= end:
            raise BrokenError
        yield Box(name, at, body, stop)
        at = stop


def unlisted(data: memoryview, box: Box, parent: str) -> Iterator[Finding]:
    """What a box is that has no place where it stands; empty padding is nothing."""
    where = f"{parent} {box.shown} box"
    kind = _NAMED.get(box.name, Kind.APPLICATION)
    if box.name == "uuid":
        kind = _UUIDS.get(bytes(box.content(data)[:16]), Kind.APPLICATION)
        where = f"{parent} uuid box ({kind})"
    if box.name == "udta" and is_empty_list(box.content(data)):
        return
    if box.name in _TAGGED and _has_place(box.content(data)):
        yield Finding(Kind.GPS, where, box.size)
    if box.name in _PADDING:
        if not blank(data, box.body, box.end):
            yield Finding(Kind.TRAILING, where, box.size)
    elif kind is Kind.XMP:
        yield from xmp.findings(box.content(data)[16:], where)
    elif box.name == "Exif":
        yield from contained(exif.findings(box.content(data), where), where, box.size)
    else:
        yield Finding(kind, where, box.size)


def is_empty_list(udta: memoryview) -> bool:
    """Whether user data are what FFmpeg writes without a single tag: an empty ``ilst`` and its handler."""
    return bytes(udta) == _NO_TAGS


def _has_place(tags: memoryview) -> bool:
    """Whether tags tell where something was taken."""
    start = bytes(tags[:_MOST_TAGS])
    return any(name in start for name in _PLACES)


def handler(content: memoryview, where: str, allowed: tuple[bytes, ...]) -> Iterator[Finding]:
    """A handler that is not one of those, or whose name says more than what it is (section 8.4.3)."""
    kind, name = bytes(part(content, 8, 4)), bytes(content[24:]).strip(b"\0")
    if kind not in allowed:
        yield Finding(Kind.APPLICATION, f"{where} of another kind", len(content))
    if name not in (b"", b"PictureHandler", b"VideoHandler", b"SoundHandler"):
        yield Finding(Kind.TEXT, f"{where} handler name", len(name))


def data_references(dinf: memoryview) -> Iterator[Finding]:
    """Addresses of other files; "in this file" is the only harmless one (section 8.7.2)."""
    for box in boxes(dinf):
        content = box.content(dinf)
        for entry in boxes(content, 8):
            if box.name != "dref" or entry.name != "url " or entry.size > 4:
                yield Finding(Kind.TEXT, "address of another file", entry.size)
