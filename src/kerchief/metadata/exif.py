"""EXIF blocks, which every picture format carries in its own wrapping (EXIF 2.32 section 4.5)."""

from __future__ import annotations

from collections.abc import Iterator

from kerchief.metadata import tags
from kerchief.metadata.bounded import contained
from kerchief.metadata.finding import Finding, Kind
from kerchief.metadata.ifd import Directory, Tiff, directories

PREFIX = b"Exif\0\0"


def findings(block: memoryview, where: str) -> Iterator[Finding]:
    """The block itself, and what in it is worth a name of its own; the prefix "Exif" may be there or not."""
    yield Finding(Kind.EXIF, where, len(block))
    yield from inside(block, where)


def inside(block: memoryview, where: str) -> Iterator[Finding]:
    """Only what is worth a name of its own."""
    body = block[len(PREFIX) :] if block[: len(PREFIX)] == PREFIX else block
    yield from contained(_directories(body, where), where, len(block))


def _directories(body: memoryview, where: str) -> Iterator[Finding]:
    tiff = Tiff.parse(body)
    for directory in directories(tiff):
        yield from _directory(tiff, directory, where)


def _directory(tiff: Tiff, directory: Directory, where: str) -> Iterator[Finding]:
    if directory.name == "GPS":
        yield Finding(Kind.GPS, where, directory.size)
        return
    if directory.in_chain and directory.name != "IFD0":
        size = tiff.number(directory.entry(tags.JPEG_SIZE)) or directory.size
        yield Finding(Kind.THUMBNAIL, where, size)
    for entry in directory.entries:
        kind = tags.PRIVATE.get(entry.tag, Kind.EXIF)
        if kind is not Kind.EXIF:
            yield Finding(kind, where, entry.size)
