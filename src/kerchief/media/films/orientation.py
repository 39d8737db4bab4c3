"""How a frame is turned, as its display matrix says."""

from __future__ import annotations

import struct

import av
from av.sidedata.sidedata import Type as SideDataType


def orientation_of(frame: av.VideoFrame) -> int:
    """The EXIF orientation that means the same as the frame's display matrix (multiples of 90° and mirrors)."""
    matrix = None
    try:
        for side in frame.side_data:
            if getattr(side, "type", None) is SideDataType.DISPLAYMATRIX:
                matrix = struct.unpack("<9i", bytes(side))  # type: ignore[arg-type]
    except ValueError:  # a kind of side data that PyAV has no name for
        return 1
    if matrix is None:
        return 1
    a, b, _, c, d = matrix[:5]
    if abs(b) > abs(a):
        return {(False, False): 5, (True, False): 6, (True, True): 7, (False, True): 8}[c < 0, b < 0]
    return {(False, False): 1, (True, False): 2, (True, True): 3, (False, True): 4}[a < 0, d < 0]
