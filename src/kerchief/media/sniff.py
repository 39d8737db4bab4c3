"""Is this file a film? Told from its first bytes; its name is never asked."""

from __future__ import annotations

_MATROSKA = b"\x1a\x45\xdf\xa3"
_MPEG_STARTS = (b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3")
_TS_SYNC, _TS_PACKET = 0x47, 188
_ASF = bytes.fromhex("3026b2758e66cf11")
#: Top-level boxes that QuickTime files begin with where they have no file type box.
_QUICKTIME = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
HEAD_BYTES = 512


def is_film(head: bytes, *, is_picture: bool) -> bool:
    """Whether a file that begins like this holds a film.

    Args:
        head: its first HEAD_BYTES bytes.
        is_picture: whether its file type box (if it has one) names a picture, such as HEIC.
    """
    if head[4:8] == b"ftyp":
        return not is_picture
    if head[:4] == b"RIFF":
        return head[8:12] == b"AVI "
    if head[:1] == bytes([_TS_SYNC]) and len(head) > 2 * _TS_PACKET:
        return head[_TS_PACKET] == head[2 * _TS_PACKET] == _TS_SYNC
    starts = (_MATROSKA, _ASF, b"FLV\x01", *_MPEG_STARTS)
    return head.startswith(starts) or head[4:8] in _QUICKTIME
