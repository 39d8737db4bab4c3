"""The planes of PyAV's frames as arrays, and the one form of planes that kerchief reads and writes."""

from __future__ import annotations

import av
import numpy as np

from kerchief.ports import Pixels, is_subsampled


def pixel_format(width: int, height: int) -> str:
    """FFmpeg's name of the planes' form in a film of this size."""
    return "yuv420p" if is_subsampled(width, height) else "yuv444p"


def view(plane: av.video.plane.VideoPlane) -> Pixels:
    """(height, width) uint8, the plane's own memory without the padding of its lines."""
    rows: Pixels = np.frombuffer(memoryview(plane), np.uint8)
    whole = rows[: rows.size // plane.line_size * plane.line_size].reshape(-1, plane.line_size)
    return whole[: plane.height, : plane.width]
