"""solid: one colour under the mask."""

from __future__ import annotations

import numpy as np

from kerchief.ports import Mask, Pixels


def solid(pixels: Pixels, mask: Mask, colour: str) -> Pixels:
    """A copy of the picture with one colour under the mask.

    Args:
        pixels: (height, width, 1 or 3) uint8 or uint16.
        mask: (height, width) bool, True = covered.
        colour: "#rrggbb" in sRGB; a grey picture takes its luma (ITU-R BT.601).
    """
    channels = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)], np.float64)
    if pixels.shape[2] == 1:
        channels = np.array([channels @ (0.299, 0.587, 0.114)])
    full = np.iinfo(pixels.dtype).max / 255
    filled = pixels.copy()
    filled[mask] = np.rint(channels * full).astype(pixels.dtype)
    return filled
