"""Are all fragments of a fragmented MP4 there? One that is cut off between two of them looks whole box by box.

Two boxes may tell: an index (sidx) says how many bytes the fragments take, and the movie (mehd) how long they last
(ISO/IEC 14496-12 sections 8.8 and 8.16.3). Where neither stands, nothing tells.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

#: What roundings between time scales may take away, in seconds; no fragment is as short.
ROUNDING = Fraction(1, 50)
#: Longest box that is read as a whole. Indexes of hours are far below.
_MOST_BYTES = 1 << 26
_BASE_OFFSET, _DESCRIPTION, _DURATION = 0x1, 0x2, 0x8
_DATA_OFFSET, _FIRST_FLAGS, _EACH = 0x1, 0x4, (0x100, 0x200, 0x400, 0x800)


@dataclass(frozen=True, slots=True)
class _Movie:
    """What the movie box says: its declared length, and each track's time scale and length of a sample."""

    length: Fraction
    scales: dict[int, int]
    defaults: dict[int, int]


def are_missing(file: BinaryIO, size: int) -> bool:
    """Whether fragments that are declared are not there.

    Args:
        file: an MP4 whose boxes reach to its end; its place is moved.
        size: its length in bytes.
    """
    movie: _Movie | None = None
    ends: dict[int, int] = defaultdict(int)
    try:
        for name, start, end in _top(file, size):
            if name == b"sidx" and end + _indexed(_content(file, start, end)) > size:
                return True
            if name == b"moov":
                movie = _movie(_content(file, start, end))
            if name == b"moof" and movie is not None:
                _add(ends, movie, _content(file, start, end))
    except (struct.error, IndexError, ZeroDivisionError):
        return False  # boxes out of form are for the demuxer to refuse
    if movie is None or not movie.length:
        return False
    there = max((Fraction(end, movie.scales[track]) for track, end in ends.items()), default=Fraction(0))
    return there < movie.length - ROUNDING


def _top(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    at = 0
    while at + 8 <= size:
        file.seek(at)
        head = file.read(16)
        length, start = int.from_bytes(head[:4], "big"), at + 8
        if length == 1:
            length, start = int.from_bytes(head[8:16], "big"), at + 16
        end = at + length if length else size
        if end < start:
            return
        yield head[4:8], start, end
        at = end


def _content(file: BinaryIO, start: int, end: int) -> bytes:
    file.seek(start)
    return file.read(min(end - start, _MOST_BYTES))


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        if length < 8:
            return
        yield data[at + 4 : at + 8], data[at + 8 : at + length]
        at += length


def _indexed(sidx: bytes) -> int:
    """How many bytes after the index it speaks of."""
    wide = sidx[0] == 1
    first, _, count = struct.unpack_from(">QHH" if wide else ">IHH", sidx, 20 if wide else 16)
    sizes = struct.unpack_from(">" + "I8x" * count, sidx, 32 if wide else 24)
    return int(first) + sum(int(length) & 0x7FFF_FFFF for length in sizes)


def _movie(moov: bytes) -> _Movie:
    scale, length = 1, 0
    scales: dict[int, int] = {}
    defaults: dict[int, int] = {}
    for name, content in _boxes(moov):
        if name == b"mvhd":
            (scale,) = struct.unpack_from(">I", content, 20 if content[0] else 12)
        elif name == b"trak":
            track, unit = _track(content)
            scales[track] = unit
        elif name == b"mvex":
            for inner, data in _boxes(content):
                if inner == b"mehd":
                    (length,) = struct.unpack_from(">Q" if data[0] else ">I", data, 4)
                elif inner == b"trex":
                    track, _, duration = struct.unpack_from(">III", data, 4)
                    defaults[track] = duration
    return _Movie(Fraction(length, scale), scales, defaults)


def _track(trak: bytes) -> tuple[int, int]:
    """Its number and its time scale."""
    number, scale = 0, 1
    for name, content in _boxes(trak):
        if name == b"tkhd":
            (number,) = struct.unpack_from(">I", content, 20 if content[0] else 12)
        elif name == b"mdia":
            for inner, data in _boxes(content):
                if inner == b"mdhd":
                    (scale,) = struct.unpack_from(">I", data, 20 if data[0] else 12)
    return number, scale


def _add(ends: dict[int, int], movie: _Movie, moof: bytes) -> None:
    """Move the ends of the tracks that have samples in a fragment."""
    for name, traf in _boxes(moof):
        if name != b"traf":
            continue
        track = each = 0
        for inner, data in _boxes(traf):
            if inner == b"tfhd":
                track, each = _header(data, movie)
            elif inner == b"tfdt":
                (ends[track],) = struct.unpack_from(">Q" if data[0] else ">I", data, 4)
            elif inner == b"trun":
                ends[track] += _run(data, each)


def _header(tfhd: bytes, movie: _Movie) -> tuple[int, int]:
    """Which track a fragment is of, and how long its samples last where they don't say."""
    flags, track = struct.unpack_from(">II", tfhd)
    at = 8 + 8 * bool(flags & _BASE_OFFSET) + 4 * bool(flags & _DESCRIPTION)
    each = struct.unpack_from(">I", tfhd, at)[0] if flags & _DURATION else movie.defaults.get(track, 0)
    return track, int(each)


def _run(trun: bytes, each: int) -> int:
    """How long a run of samples lasts."""
    flags, count = struct.unpack_from(">II", trun)
    if not flags & _EACH[0]:
        return int(count) * each
    at = 8 + 4 * bool(flags & _DATA_OFFSET) + 4 * bool(flags & _FIRST_FLAGS)
    step = 4 * sum(bool(flags & one) for one in _EACH)
    return sum(int.from_bytes(trun[at + step * n :][:4], "big") for n in range(count))
