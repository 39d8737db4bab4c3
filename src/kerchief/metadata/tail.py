"""What comes after the end of a picture: motion photos, second pictures, trailers, remains of an old file.

Bytes there are shown by no viewer, survive many cleaners, and are where phones put the video of a motion
photo.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kerchief.metadata.finding import Finding, Kind

# ISO/IEC 14496-12 section 4.3: the brand follows the name of the ftyp box.
_VIDEO = re.compile(rb"ftyp(?:mp4\d|isom|iso[2-9]|qt  |avc1|3gp|M4V |MSNV)")
_PICTURE = re.compile(rb"\0*(?:\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8|RIFF....WEBP)", re.DOTALL)


def findings(data: memoryview, end: int, what: str) -> Iterator[Finding]:
    """What is in ``data`` from ``end`` on, which is where the picture ``what`` ("JPEG") ends."""
    size = len(data) - end
    if size <= 0:
        return
    where = f"after the end of the {what}"
    if bytes(data[-4:]) == b"SEFT":
        yield Finding(Kind.TRAILING, "Samsung trailer (SEFT)", size)
    if _VIDEO.search(data, end):
        yield Finding(Kind.MOTION_PHOTO, where, size)
    elif _PICTURE.match(data, end):
        yield Finding(Kind.EXTRA_PICTURE, where, size)
    else:
        yield Finding(Kind.TRAILING, where, size)
