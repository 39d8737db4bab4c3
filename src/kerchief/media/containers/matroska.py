"""Walks a Matroska or WebM file element by element: is all of it there, and how many frames does its film have?

FFmpeg looks for the next cluster when it does not understand one, and the frames in between are silently missing. So
every element must be known in its place and fit into its parent, and checksums must be right (RFC 8794, RFC 9559).
"""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass
from typing import BinaryIO

from kerchief.errors import SEND_WHOLE, InputRefused

MAGIC = b"\x1a\x45\xdf\xa3"

_SEGMENT, _TRACKS, _CLUSTER = 0x18538067, 0x1654AE6B, 0x1F43B675
_SIMPLE_BLOCK, _GROUP, _BLOCK, _VOID, _CHECKSUM = 0xA3, 0xA0, 0xA1, 0xEC, 0xBF
_TRACK, _TRACK_NUMBER, _TRACK_KIND, _VIDEO = 0xAE, 0xD7, 0x83, 1
_ANYWHERE = {_VOID, _CHECKSUM}
#: SeekHead, Info, Chapters, Cues, Attachments, Tags.
_ONLY_IN_SEGMENT = {0x114D9B74, 0x1549A966, 0x1043A770, 0x1C53BB6B, 0x1941A469, 0x1254C367, _TRACKS, _CLUSTER}
#: Timestamp, SilentTracks, Position, PrevSize, EncryptedBlock.
_IN_CLUSTER = {0xE7, 0x5854, 0xA7, 0xAB, 0xAF, _SIMPLE_BLOCK, _GROUP} | _ANYWHERE
#: BlockDuration, ReferenceBlock, ReferencePriority, ReferenceVirtual, DiscardPadding, CodecState, BlockAdditions,
#: BlockVirtual, Slices, ReferenceFrame.
_IN_GROUP = {0x9B, 0xFB, 0xFA, 0xFD, 0x75A2, 0xA4, 0x75A1, 0xA2, 0x8E, 0xC8, _BLOCK} | _ANYWHERE
_HEADER_BYTES, _CHUNK_BYTES = 12, 1 << 20
_LACING = 0x06


def count_frames(file: BinaryIO, size: int) -> int:
    """Frames that the first film track of the file holds, shown or not.

    Args:
        file: the file; its place is moved.
        size: its length in bytes.

    Raises:
        InputRefused: it is cut off, or something in it is damaged or not understood.
    """
    return _Walk(file, size).frames()


@dataclass(frozen=True, slots=True)
class _Element:
    """An element: its name, where its content starts and ends, and whether it says how long it is."""

    name: int
    start: int
    end: int
    is_sized: bool


class _Walk:
    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._size = size
        self._blocks: Counter[int] = Counter()
        self._tracks: dict[int, int] = {}  # number → kind, in the file's order

    def frames(self) -> int:
        at = 0
        while at < self._size and self._starts_with(at, MAGIC[0], _SEGMENT >> 24, _VOID):
            element = self._element(at, self._size)
            if element.name == _SEGMENT:
                self._segment(element)
            at = element.end  # rubbish after the last segment is not for this page to judge
        if self._blocks.keys() - self._tracks.keys():
            raise _damaged()
        return next((self._blocks[number] for number, kind in self._tracks.items() if kind == _VIDEO), 0)

    def _segment(self, segment: _Element) -> None:
        at = segment.start
        while at < segment.end:
            element = self._element(at, segment.end)
            if element.name not in _ONLY_IN_SEGMENT | _ANYWHERE:
                raise _damaged()
            at = self._cluster(element) if element.name == _CLUSTER else element.end
            if element.name == _TRACKS:
                self._track_list(element)
            elif element.name != _CLUSTER:
                self._check_sum(element)

    def _track_list(self, tracks: _Element) -> None:
        for track in self._children(tracks):
            if track.name == _TRACK:
                fields = {
                    e.name: self._value(e) for e in self._children(track) if e.name in (_TRACK_NUMBER, _TRACK_KIND)
                }
                self._tracks[fields.get(_TRACK_NUMBER, 0)] = fields.get(_TRACK_KIND, 0)

    def _cluster(self, cluster: _Element) -> int:
        """Count a cluster's blocks; where it ends. One that does not say how long it is ends before the next."""
        at = cluster.start
        while at < cluster.end:
            element = self._element(at, cluster.end)
            if not cluster.is_sized and element.name in _ONLY_IN_SEGMENT:
                return at
            if element.name not in _IN_CLUSTER:
                raise _damaged()
            if element.name == _SIMPLE_BLOCK:
                self._block(element)
            elif element.name == _GROUP:
                self._group(element)
            at = element.end
        if cluster.is_sized:
            self._check_sum(cluster)
        return at

    def _group(self, group: _Element) -> None:
        for element in self._children(group):
            if element.name not in _IN_GROUP:
                raise _damaged()
            if element.name == _BLOCK:
                self._block(element)

    def _block(self, block: _Element) -> None:
        self._file.seek(block.start)
        head = self._file.read(min(_HEADER_BYTES, block.end - block.start))
        track, at = _number(head, 0, keep_marker=False)
        if at + 3 > len(head):
            raise _damaged()
        if self._tracks.get(track) == _VIDEO and head[at + 2] & _LACING:
            raise _damaged()  # nobody laces frames of a film, and how many there are would be another guess
        self._blocks[track] += 1

    def _children(self, parent: _Element) -> list[_Element]:
        self._check_sum(parent)
        found, at = [], parent.start
        while at < parent.end:
            found.append(self._element(at, parent.end))
            at = found[-1].end
        return found

    def _element(self, at: int, end: int) -> _Element:
        """The element here; it must end where its parent does, at the latest."""
        self._file.seek(at)
        head = self._file.read(min(_HEADER_BYTES, end - at))
        name, start = _number(head, 0, keep_marker=True)
        length, start = _number(head, start, keep_marker=False)
        if not 0 < start <= len(head):
            raise _cut_off() if end == self._size else _damaged()
        is_sized = length >= 0
        if not is_sized and name not in {_SEGMENT, _CLUSTER}:
            raise _damaged()
        element = _Element(name, at + start, at + start + length if is_sized else end, is_sized)
        if element.end > end:
            raise _cut_off() if end == self._size else _damaged()
        return element

    def _starts_with(self, at: int, *bytes_: int) -> bool:
        self._file.seek(at)
        return self._file.read(1)[0] in bytes_

    def _value(self, element: _Element) -> int:
        self._file.seek(element.start)
        return int.from_bytes(self._file.read(min(8, element.end - element.start)), "big")

    def _check_sum(self, parent: _Element) -> None:
        """A checksum, where there is one, comes first and is of everything after it."""
        if parent.end - parent.start < 6:
            return
        self._file.seek(parent.start)
        head = self._file.read(6)
        if head[:2] != bytes([_CHECKSUM, 0x84]):
            return
        left, found = parent.end - parent.start - 6, 0
        while left and (chunk := self._file.read(min(left, _CHUNK_BYTES))):
            found = zlib.crc32(chunk, found)
            left -= len(chunk)
        if found != int.from_bytes(head[2:], "little"):
            raise _damaged()


def _number(head: bytes, at: int, *, keep_marker: bool) -> tuple[int, int]:
    """A variable-length number (-1 for "unknown") and where it ends: beyond the bytes where it is not whole."""
    if at >= len(head) or not head[at]:
        return 0, len(head) + 1
    width = 9 - head[at].bit_length()
    value = int.from_bytes(head[at : at + width], "big")
    if keep_marker:
        return value, at + width
    bits = (1 << 7 * width) - 1
    return (-1 if value & bits == bits else value & bits), at + width


def _cut_off() -> InputRefused:
    return InputRefused("", "the film is cut off", SEND_WHOLE)


def _damaged() -> InputRefused:
    return InputRefused("", "the film is damaged or cut off", SEND_WHOLE)
