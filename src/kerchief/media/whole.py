"""Does a film's container reach as far as it says? A film that is cut off is not a shorter film (law 5).

Tells by the lengths that containers declare; MPEG program and transport streams declare none.
"""

from __future__ import annotations

from typing import BinaryIO

_SEGMENT = 0x18538067  # RFC 8794, RFC 9559
_HEADER_BYTES = 4096


def is_cut_off(file: BinaryIO, size: int) -> bool:
    """Whether a Matroska segment, a RIFF chunk or a box of an MP4 ends beyond the end of the file."""
    file.seek(0)
    head = file.read(_HEADER_BYTES)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return _matroska_end(head) > size
    if head.startswith(b"RIFF"):
        return 8 + int.from_bytes(head[4:8], "little") > size
    if head[4:8].isalnum() and not head.startswith((b"\x00\x00\x01\xba", b"FLV")):
        return _last_box_end(file, size) > size
    return False


def _matroska_end(head: bytes) -> int:
    """Where the segment ends; 0 where it does not say."""
    at = 0
    while at + 12 < len(head):
        name, at = _number(head, at, keep_marker=True)
        length, at = _number(head, at, keep_marker=False)
        if name == _SEGMENT:
            return at + length if length >= 0 else 0
        at += max(0, length)
    return 0


def _number(head: bytes, at: int, *, keep_marker: bool) -> tuple[int, int]:
    """A variable-length number and where it ends; -1 for "unknown"."""
    width = 9 - head[at].bit_length()
    value = int.from_bytes(head[at : at + width], "big")
    if keep_marker:
        return value, at + width
    bits = (1 << 7 * width) - 1
    return (-1 if value & bits == bits else value & bits), at + width


def _last_box_end(file: BinaryIO, size: int) -> int:
    at = 0
    while at + 8 <= size:
        file.seek(at)
        header = file.read(16)
        length = int.from_bytes(header[:4], "big")
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        if length == 0:
            return size
        if length < 8:
            return at  # rubbish after the last box is not for this page to judge
        at += length
    return at
