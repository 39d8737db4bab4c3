"""BMP: the profile of a version 5 header, gaps and what follows the pixels (Microsoft, BITMAPV5HEADER)."""

from __future__ import annotations

from collections.abc import Iterator

from kerchief.metadata import tail
from kerchief.metadata.bounded import BrokenError, blank, uint
from kerchief.metadata.finding import Finding, Kind

_FILE_HEADER = 14
_CORE, _V3, _V5 = 12, 40, 124
_HEADERS = (_CORE, 16, _V3, 52, 56, 64, 108, _V5)
_PLAIN = (0, 3, 6)  # BI_RGB, BI_BITFIELDS, BI_ALPHABITFIELDS: the rows give the size
_PROFILES = (int.from_bytes(b"MBED", "big"), int.from_bytes(b"LINK", "big"))


def walk(data: memoryview) -> Iterator[Finding]:
    """Everything in a BMP file that is not on the allow-list."""
    header, pixels = _field(data, 14), _field(data, 10)
    if header not in _HEADERS:
        raise BrokenError
    if uint(data, 6, 4):
        yield Finding(Kind.APPLICATION, "reserved bytes of the BMP header", 4)
    start, end = _FILE_HEADER + header + _colours(data, header), pixels + _pixel_bytes(data, header)
    if pixels < start or end > len(data):
        raise BrokenError
    if not blank(data, start, pixels):
        yield Finding(Kind.TRAILING, "between the BMP header and the pixels", pixels - start)
    if header == _V5 and _field(data, 70) in _PROFILES:
        size = _field(data, 130)
        yield Finding(Kind.ICC, "BMP colour profile", size)
        if _FILE_HEADER + _field(data, 126) == end:
            end += size
    yield from tail.findings(data, end, "BMP")


def _field(data: memoryview, at: int) -> int:
    return uint(data, at, 4, "little")


def _signed(data: memoryview, at: int) -> int:
    value = _field(data, at)
    return value - (1 << 32) if value >> 31 else value


def _colours(data: memoryview, header: int) -> int:
    """The bytes of the masks and the palette behind the header."""
    bits = uint(data, 24 if header == _CORE else 28, 2, "little")
    if header == _CORE:
        return 3 << bits if bits <= 8 else 0
    used = min(_field(data, 46), 1 << 16) if header >= _V3 else 0
    masks = {3: 12, 6: 16}.get(_field(data, 30), 0) if header == _V3 else 0
    return masks + 4 * (used or (1 << bits if bits <= 8 else 0))


def _pixel_bytes(data: memoryview, header: int) -> int:
    if header == _CORE:
        width, height, bits = (uint(data, at, 2, "little") for at in (18, 20, 24))
    else:
        width, height, bits = _signed(data, 18), _signed(data, 22), uint(data, 28, 2, "little")
        if header >= _V3 and _field(data, 30) not in _PLAIN:
            return _field(data, 34)
    if width < 0:
        raise BrokenError
    return (width * bits + 31) // 32 * 4 * abs(height)
