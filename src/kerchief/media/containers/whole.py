"""Does a film's container reach as far as it says? A film that is cut off is not a shorter film (law 5).

Tells by the lengths that containers declare; MPEG program and transport streams declare none. Matroska has a page of
its own.
"""

from __future__ import annotations

from typing import BinaryIO

from kerchief.media.containers.fragments import are_missing

_HEADER_BYTES = 16


def is_cut_off(file: BinaryIO, size: int) -> bool:
    """Whether a RIFF chunk, a box of an MP4 or its fragments end beyond the end of the file."""
    file.seek(0)
    head = file.read(_HEADER_BYTES)
    if head.startswith(b"RIFF"):
        return 8 + int.from_bytes(head[4:8], "little") > size
    if head[4:8].isalnum() and not head.startswith((b"\x00\x00\x01\xba", b"FLV")):
        return _last_box_end(file, size) > size or are_missing(file, size)
    return False


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
