"""How sure the looks together must be of each thing: less so of what is small and lies in the dark.

In bad light a network scores faces lower, those with dark skin most of all, and the small ones are then missed. Large
ones it sees well in any light, and what is mistaken for one covers much.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from kerchief.ports import Boxes

#: Mean luma (of 255) of a box up to which it lies in the dark, and from which it is in plain light; chosen on made
#: scenes together with ``pyramid.DARK_THRESHOLD`` (docs/bias.md).
DARK, LIT = 25.0, 45.0
#: Heights of boxes in pixels of the picture up to which they are small, and from which they are large: as for tracks
#: of films (``follow``).
SMALL_PX, LARGE_PX = 32.0, 96.0
#: Weights of red, green and blue in the luma (ITU-R BT.601).
LUMA = (0.299, 0.587, 0.114)


def least_scores(rgb: NDArray[np.uint8], boxes: Boxes, threshold: float, dark_threshold: float) -> NDArray[np.floating]:
    """(n,) least fused scores: the second threshold for small boxes in the dark, rising to the first.

    Args:
        rgb: (height, width, 3) uint8, the picture as it is.
        boxes: (n, ≥ 4) x0, y0, x1, y1 in pixels of it.
        threshold: for what is in plain light or large.
        dark_threshold: for what is small and in the dark.
    """
    small = np.interp(boxes[:, 3] - boxes[:, 1], (SMALL_PX, LARGE_PX), (1.0, 0.0))
    lumas = np.full(len(boxes), LIT)
    lumas[small > 0] = list(_lumas(rgb, boxes[small > 0]))
    dark = np.interp(lumas, (DARK, LIT), (1.0, 0.0))
    return np.asarray(threshold - (threshold - dark_threshold) * dark * small)


def _lumas(rgb: NDArray[np.uint8], boxes: Boxes) -> Iterator[float]:
    """The mean luma of what lies in each box; of one that lies outside the picture, that of plain light."""
    sides = [rgb.shape[1], rgb.shape[0]]
    starts = np.clip(np.floor(boxes[:, :2]), 0, sides).astype(int)
    ends = np.clip(np.ceil(boxes[:, 2:4]), 0, sides).astype(int)
    for (x0, y0), (x1, y1) in zip(starts, ends, strict=True):
        part = rgb[y0:y1, x0:x1]
        yield float(np.dot(cv2.mean(part)[:3], LUMA)) if part.size else LIT
