"""Messages beside the pixels in the AV1, HEVC, AVC, AAC and JPEG data of HEIF and MP4.

AV1 Bitstream Specification section 5.3 and 6.2; ITU-T H.265 section 7.4.2.2; ISO/IEC 14496-15 section 8.3.
"""

from __future__ import annotations

from collections.abc import Iterator

from kerchief.metadata import jpeg
from kerchief.metadata.bounded import BrokenError, blank, part, uint
from kerchief.metadata.finding import Finding, Kind

# sequence header, temporal delimiter, frame header, tile group, frame, redundant frame header
_AV1_PICTURE = frozenset({1, 2, 3, 4, 6, 7})
_AV1_PADDING = 15
_AVC_PICTURE = frozenset({1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12})
_HEVC_PARAMETERS = (32, 33, 34)
_HEVC_PICTURE = frozenset(range(39)) - frozenset(range(22, 32))
_AAC_DATA, _AAC_FILL = 4, 6
_LENGTH_SIZE = 4  # of a NAL unit, as every writer of HEIF has it


def findings(codec: str, data: memoryview) -> Iterator[Finding]:
    """What is in the data of one picture beside the picture; nothing for a codec that is not known here."""
    if codec == "av01":
        yield from _av1(data)
    elif codec in ("hvc1", "hev1"):
        yield from _hevc(data)
    elif codec == "avc1":
        yield from _avc(data)
    elif codec == "mp4a":
        yield from _aac(data)
    elif codec == "jpeg":
        yield from jpeg.embedded(data)


def configuration(name: str, box: memoryview) -> Iterator[Finding]:
    """The same for a configuration property, ``av1C`` or ``hvcC``."""
    if name == "av1C":
        yield from _av1(box[4:])
    elif name == "hvcC":
        yield from _hevc_configuration(box)


def _av1(data: memoryview) -> Iterator[Finding]:
    at = 0
    while at < len(data):
        header = uint(data, at, 1)
        kind = header >> 3 & 15
        at += 2 if header & 4 else 1
        size, at = _leb128(data, at) if header & 2 else (len(data) - at, at)
        part(data, at, size)
        if kind not in _AV1_PICTURE and not (kind == _AV1_PADDING and blank(data, at, at + size)):
            yield Finding(Kind.APPLICATION, "AV1 metadata", size)
        at += size


def _leb128(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for place in range(8):
        byte = uint(data, at + place, 1)
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    raise BrokenError


def _hevc(data: memoryview) -> Iterator[Finding]:
    at = 0
    while at < len(data):
        size = uint(data, at, _LENGTH_SIZE)
        kind = uint(part(data, at + _LENGTH_SIZE, size), 0, 1) >> 1 & 63
        if kind not in _HEVC_PICTURE:
            yield Finding(Kind.APPLICATION, "HEVC message", size)
        at += _LENGTH_SIZE + size


def _avc(data: memoryview) -> Iterator[Finding]:
    """ITU-T H.264 table 7-1: slices, parameter sets and delimiters are the picture."""
    at = 0
    while at < len(data):
        size = uint(data, at, _LENGTH_SIZE)
        if uint(part(data, at + _LENGTH_SIZE, size), 0, 1) & 31 not in _AVC_PICTURE:
            yield Finding(Kind.APPLICATION, "AVC message", size)
        at += _LENGTH_SIZE + size


def _aac(data: memoryview) -> Iterator[Finding]:
    """ISO/IEC 14496-3 table 4.85: encoders put their names into an element before the first channel.

    Only there can it be found without decoding what comes before.
    """
    kind, count = uint(data, 0, 1) >> 5, uint(data, 0, 1) >> 1 & 15
    if kind == _AAC_DATA or (kind == _AAC_FILL and count):
        yield Finding(Kind.APPLICATION, "AAC message", count)


def _hevc_configuration(box: memoryview) -> Iterator[Finding]:
    at = 23
    for _ in range(uint(box, 22, 1)):
        kind, count = uint(box, at, 1) & 63, uint(box, at + 1, 2)
        at += 3
        for _ in range(count):
            size = uint(box, at, 2)
            at += 2 + size
            if kind not in _HEVC_PARAMETERS:
                yield Finding(Kind.APPLICATION, "HEVC message", size)
    if at != len(box):
        yield Finding(Kind.APPLICATION, "end of hvcC box", abs(len(box) - at))
