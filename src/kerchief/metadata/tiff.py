"""TIFF files: every tag of every page, pictures beside the pages, bytes that no directory owns (TIFF 6.0).

Pages are pictures and not findings; smaller copies, masks and sub-directories are. Not seen: bytes behind the
pixels inside a strip or tile, other than JPEG segments.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kerchief.metadata import jpeg, photoshop, tags, xmp
from kerchief.metadata.bounded import Allowance, BrokenError, contained, part
from kerchief.metadata.coverage import Coverage
from kerchief.metadata.finding import Finding, Kind
from kerchief.metadata.ifd import Directory, Entry, Tiff, directories

_HEADER = re.compile(rb"\0*((?:II\*\0|MM\0\*)....)\0*", re.DOTALL)
_PAGE = 2  # NewSubfileType bit 1: a page of many; the other bits mean a small copy, a mask, a depth map
_OLD_REDUCED = 2  # SubfileType
_OLD_JPEG = 6  # the one compression for which a JPEG beside the strips is the page itself
_DATA = (
    (tags.STRIP_OFFSETS, tags.STRIP_SIZES),
    (tags.TILE_OFFSETS, tags.TILE_SIZES),
    (tags.JPEG_OFFSET, tags.JPEG_SIZE),
)
_IN_DIRECTORY = {"Exif": Kind.EXIF, "Interop": Kind.EXIF, "GPS": Kind.GPS}


def walk(data: memoryview) -> Iterator[Finding]:
    """Everything in a TIFF file that is not on the allow-list."""
    tiff, owned = Tiff.parse(data), Coverage(data)
    inside = Allowance(3 * len(data))  # lists of strips are read twice, what is inside strips and tags once
    owned.add(0, tiff.header_size)
    starts: set[int] = set()
    for directory in directories(tiff):
        yield from contained(_directory(tiff, directory, inside), f"TIFF {directory.name}", directory.size)
        starts.add(directory.at)
        try:
            _own(tiff, directory, owned, inside)
        except BrokenError:
            owned.outside = True
    if unowned := sum(b - a for a, b in owned.gaps() if not _page_header(tiff, a, b, starts)):
        yield Finding(Kind.TRAILING, "bytes that no TIFF directory points at", unowned)
    if owned.outside:
        raise BrokenError


def _page_header(tiff: Tiff, start: int, end: int, starts: set[int]) -> bool:
    """Whether it is only a header: Pillow writes later pages as files of their own and puts them behind."""
    header = _HEADER.fullmatch(tiff.data, start, end)
    return header is not None and header.start(1) + int.from_bytes(header[1][4:], tiff.order) in starts


def _own(tiff: Tiff, directory: Directory, owned: Coverage, inside: Allowance) -> None:
    owned.add(directory.at, directory.size)
    for entry in directory.entries:
        if not entry.inline:
            owned.add(entry.at, entry.size)
    for offset, size in _pieces(tiff, directory, inside):
        owned.add(offset, size)


def _pieces(tiff: Tiff, directory: Directory, inside: Allowance) -> Iterator[tuple[int, int]]:
    """Offset and length of each strip and tile, and of an old-style JPEG."""
    for tag, size_tag in _DATA:
        offsets, sizes = directory.entry(tag), directory.entry(size_tag)
        if offsets is None or sizes is None or offsets.count != sizes.count:
            if offsets is not sizes:
                raise BrokenError
            continue
        inside.spend(offsets.size + sizes.size)
        yield from zip(tiff.numbers(offsets), tiff.numbers(sizes), strict=True)


def _directory(tiff: Tiff, directory: Directory, inside: Allowance) -> Iterator[Finding]:
    if directory.name in _IN_DIRECTORY:
        yield Finding(_IN_DIRECTORY[directory.name], f"TIFF {directory.name} directory", directory.size)
    elif directory.name == "SubIFD" or _beside_the_page(tiff, directory):
        yield Finding(Kind.EXTRA_PICTURE, f"picture in TIFF {directory.name}", directory.size)
    for entry in directory.entries:
        yield from _entry(tiff, directory, entry, inside)
    if directory.in_chain:
        for offset, size in _pieces(tiff, directory, inside):
            yield from _jpeg(tiff, offset, size, inside)


def _beside_the_page(tiff: Tiff, directory: Directory) -> bool:
    new = tiff.number(directory.entry(tags.SUBFILE_TYPE)) or 0
    old = tiff.number(directory.entry(tags.OLD_SUBFILE_TYPE))
    compression = tiff.number(directory.entry(tags.COMPRESSION))
    preview = directory.entry(tags.JPEG_OFFSET) is not None and compression != _OLD_JPEG
    return preview or bool(new & ~_PAGE) or old == _OLD_REDUCED


def _entry(tiff: Tiff, directory: Directory, entry: Entry, inside: Allowance) -> Iterator[Finding]:
    where = f"TIFF tag {entry.tag}"
    if entry.tag in (tags.XMP, tags.PHOTOSHOP):
        inside.spend(entry.size)
        walker = xmp.findings if entry.tag == tags.XMP else photoshop.findings
        yield Finding(tags.PRIVATE.get(entry.tag, Kind.APPLICATION), where, entry.size)
        yield from walker(tiff.value(entry), where)
    elif entry.tag in tags.PRIVATE:
        yield Finding(tags.PRIVATE[entry.tag], where, entry.size)
    elif directory.in_chain and not _structural(tiff, entry):
        yield Finding(Kind.APPLICATION, where, entry.size)
    elif entry.tag == tags.JPEG_TABLES:
        yield from _jpeg(tiff, entry.at, entry.size, inside)


def _structural(tiff: Tiff, entry: Entry) -> bool:
    """Whether the tag only serves to show the picture; a rotated one says how the camera was held."""
    upright = entry.tag != tags.ORIENTATION or tiff.number(entry) == 1
    return upright and entry.size <= tags.STRUCTURE.get(entry.tag, -1)


def _jpeg(tiff: Tiff, offset: int, size: int, inside: Allowance) -> Iterator[Finding]:
    """Segments inside a JPEG-compressed strip, tile or table."""
    if bytes(tiff.data[offset : offset + 2]) == b"\xff\xd8":
        inside.spend(size)
        yield from jpeg.embedded(part(tiff.data, offset, size))
