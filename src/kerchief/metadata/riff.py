"""WebP: every chunk of the RIFF container, also inside frames, and what follows it (RFC 9649).

Not seen: bytes behind the picture inside a VP8 or VP8L chunk.
"""

from __future__ import annotations

from collections.abc import Iterator

from kerchief.metadata import exif, tail, xmp
from kerchief.metadata.bounded import contained, part, uint
from kerchief.metadata.finding import Finding, Kind

# RFC 9649 section 2: chunks of the picture, with their largest size where it is fixed.
_SIZES = {b"VP8X": 10, b"ANIM": 6}
_FRAME_HEADER = 16
_PIXELS = (b"VP8 ", b"VP8L", b"ALPH")


def walk(data: memoryview) -> Iterator[Finding]:
    """Everything in a WebP file that is not on the allow-list."""
    end = 8 + uint(data, 4, 4, "little")
    yield from contained(_chunks(data[12:end], in_frame=False), "WebP", len(data))
    if end > len(data):
        yield Finding(Kind.CUT_OFF, "WebP", end - len(data))
    # a RIFF of odd length is followed by a byte of padding
    yield from tail.findings(data, end + (bytes(data[end : end + 1]) == b"\0" and end % 2), "WebP")


def _chunks(data: memoryview, *, in_frame: bool) -> Iterator[Finding]:
    at, seen = 0, set()
    while at < len(data):
        name, size = bytes(part(data, at, 4)), uint(data, at + 4, 4, "little")
        body = part(data, at + 8, size)
        at += 8 + size + size % 2
        if name in seen:
            yield Finding(Kind.APPLICATION, "repeated WebP chunk", size)
        elif name == b"ANMF" and not in_frame:
            yield from _chunks(body[_FRAME_HEADER:], in_frame=True)
            continue
        else:
            yield from _chunk(name, body)
        if name in _PIXELS or name in _SIZES:
            seen.add(name)


def _chunk(name: bytes, body: memoryview) -> Iterator[Finding]:
    size = len(body)
    if name == b"EXIF":
        yield from exif.findings(body, "WebP EXIF chunk")
    elif name == b"XMP ":
        yield from xmp.findings(body, "WebP XMP chunk")
    elif name == b"ICCP":
        yield Finding(Kind.ICC, "WebP ICCP chunk", size)
    elif name not in _PIXELS and size > _SIZES.get(name, -1):
        shown = name.decode("ascii") if name.isalnum() else "unknown"
        yield Finding(Kind.APPLICATION, f"WebP {shown} chunk", size)
