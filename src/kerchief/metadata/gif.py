"""GIF: every block and extension, and what follows the trailer (GIF89a specification).

Not seen: bytes behind the end code inside a frame's own data.
"""

from __future__ import annotations

from collections.abc import Iterator

from kerchief.metadata import tail, xmp
from kerchief.metadata.bounded import BrokenError, part, uint
from kerchief.metadata.finding import Finding, Kind

_TRAILER, _IMAGE, _EXTENSION = 0x3B, 0x2C, 0x21
_CONTROL, _COMMENT, _PLAIN_TEXT, _APPLICATION = 0xF9, 0xFE, 0x01, 0xFF
_CONTROL_SIZE = 2 + 5 + 1  # label, one sub-block of 4 bytes, terminator
_LOOP_SIZE = 2 + 12 + 4 + 1  # label, identifier, one sub-block of 3 bytes, terminator
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def walk(data: memoryview) -> Iterator[Finding]:
    """Everything in a GIF file that is not on the allow-list."""
    at = 13 + _colours(uint(data, 10, 1))
    while (kind := uint(data, at, 1)) != _TRAILER:
        if kind == _IMAGE:
            at = _after(data, at + 11 + _colours(uint(data, at + 9, 1)))
        elif kind == _EXTENSION:
            end = _after(data, at + 2)
            yield from _extension(part(data, at, end - at))
            at = end
        else:
            raise BrokenError
    yield from tail.findings(data, at + 1, "GIF")


def _colours(packed: int) -> int:
    """The bytes of the colour table that the packed field announces."""
    return 3 << (packed & 7) + 1 if packed & 0x80 else 0


def _after(data: memoryview, at: int) -> int:
    """The place behind a chain of sub-blocks."""
    while size := uint(data, at, 1):
        at += 1 + size
    return at + 1


def _extension(block: memoryview) -> Iterator[Finding]:
    label, size = uint(block, 1, 1), len(block)
    if label == _COMMENT:
        yield Finding(Kind.COMMENT, "GIF comment", size)
    elif label == _PLAIN_TEXT:
        yield Finding(Kind.TEXT, "GIF text block", size)
    elif label == _APPLICATION:
        yield from _application(block)
    elif label != _CONTROL or size != _CONTROL_SIZE:
        yield Finding(Kind.APPLICATION, f"GIF extension {label:02X}", size)


def _application(block: memoryview) -> Iterator[Finding]:
    name = bytes(block[3:14])
    if name == b"XMP DataXMP":
        yield from xmp.findings(block, "GIF XMP extension")
    elif name == b"ICCRGBG1012":
        yield Finding(Kind.ICC, "GIF ICC extension", len(block))
    elif name not in _LOOPS or len(block) != _LOOP_SIZE:
        yield Finding(Kind.APPLICATION, "GIF application extension", len(block))
