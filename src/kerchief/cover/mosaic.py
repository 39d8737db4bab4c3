"""pixelate and blur: COSMETIC. They disguise; a trained attacker sees through them (PRIVACY.md 3.1, 3.3).

Both keep block means of the covered pixels, so both fail law 2 and are labelled so wherever they appear. Strength
scales with the head, never with the picture: at most 4 × 4 blocks across a head, and a blur of at least 0.35 head
widths on top of those blocks.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from kerchief.cover.mask import reach
from kerchief.plan.model import Margin, Region
from kerchief.ports import Mask, Pixels

BLOCKS = 4
BLUR_SIGMA_HEADS = 0.35


def pixelate(pixels: Pixels, mask: Mask, regions: Sequence[Region], margin: Margin) -> Pixels:
    """A copy of the picture with 4 × 4 block means over each head, under the mask.

    Args:
        pixels: (height, width, channels) uint8 or uint16.
        mask: (height, width) bool, True = covered.
        regions: the heads; the mask reaches a little beyond each.
        margin: how far the mask reaches.
    """
    painted = pixels.copy()
    for region in regions:
        _blocks(painted, pixels, region, margin)
    return np.where(mask[..., None], painted, pixels)


def blur(pixels: Pixels, mask: Mask, regions: Sequence[Region], margin: Margin) -> Pixels:
    """A copy of the picture with each head pixelated and then blurred, under the mask. Arguments as pixelate."""
    painted = pixelate(pixels, mask, regions, margin)
    blurred = painted.copy()
    for region in regions:
        sigma = BLUR_SIGMA_HEADS * region.width
        room = 3 * sigma + reach(region, margin) + 16
        window = region.box.grow(room, room, room, room).pixels(pixels.shape[1], pixels.shape[0])
        if painted[window].size:
            blurred[window] = _gaussian(painted[window], sigma)
    return np.where(mask[..., None], blurred, pixels)


def _blocks(painted: Pixels, pixels: Pixels, region: Region, margin: Margin) -> None:
    """Paint the block means of one head into ``painted``; the outer blocks reach as far as the mask does."""
    by = reach(region, margin) + 17  # snapping adds a cell and a pixel at most
    rows, columns = region.box.grow(by, by, by, by).pixels(pixels.shape[1], pixels.shape[0])
    if rows.stop <= rows.start or columns.stop <= columns.start:
        return
    y = _edges(rows, region.y, region.height)
    x = _edges(columns, region.x, region.width)
    for y0, y1 in pairwise(y):
        for x0, x1 in pairwise(x):
            if y1 > y0 and x1 > x0:
                painted[y0:y1, x0:x1] = np.rint(pixels[y0:y1, x0:x1].mean(axis=(0, 1)))


def _edges(window: slice, start: float, length: float) -> list[int]:
    """Where the blocks of a head begin and end along one axis."""
    inner = [round(start + length * k / BLOCKS) for k in range(1, BLOCKS)]
    return [window.start, *(min(window.stop, max(window.start, edge)) for edge in inner), window.stop]


def _gaussian(pixels: Pixels, sigma: float) -> Pixels:
    """Gaussian blur done on a reduced copy where it is wide: the result is smooth, so nothing is lost."""
    shrink = max(1.0, sigma / 4)
    height, width = pixels.shape[:2]
    size = (max(1, round(width / shrink)), max(1, round(height / shrink)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), sigma / shrink, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)).reshape(pixels.shape)
