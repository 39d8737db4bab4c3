"""The faint hatch and rim that let a veil be seen to be one: the picture must not lie.

Drawn only under the mask, from the regions and the veil itself, so nothing of the covered pixels takes part.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerchief.geometry import Box
from kerchief.plan.model import Region, Shape
from kerchief.ports import Mask, Pixels

#: Lightening and darkening of the hatch, and the rim's, as shares of full scale.
HATCH = 0.025
RIM = 0.16
#: Distance of the hatch's lines and thickness of the rim as shares of the head's width, and their least pixels.
HATCH_PITCH, HATCH_PITCH_PX = 0.09, 6.0
RIM_WIDTH, RIM_WIDTH_PX = 0.02, 1.0


def mark(pixels: Pixels, mask: Mask, regions: Sequence[Region]) -> Pixels:
    """A copy of a veiled picture with each head's hatch and rim drawn under the mask.

    Args:
        pixels: (height, width, channels) uint8 or uint16, already veiled.
        mask: (height, width) bool, True = covered.
        regions: the heads.
    """
    marked = pixels.copy()
    for region in regions:
        window = region.box.pixels(mask.shape[1], mask.shape[0])
        if marked[window].size:
            _mark_one(marked, mask, region, window)
    return marked


def _mark_one(marked: Pixels, mask: Mask, region: Region, window: tuple[slice, slice]) -> None:
    """Draw one head's marks, in place."""
    rows, columns = window
    y = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] + np.float32(0.5)
    x = np.arange(columns.start, columns.stop, dtype=np.float32)[None, :] + np.float32(0.5)
    inward = _depth(region.box, region.shape, y, x)
    pitch = max(HATCH_PITCH_PX, HATCH_PITCH * region.width)
    width = max(RIM_WIDTH_PX, RIM_WIDTH * region.width)
    hatch = np.where(((x + y) % pitch) < pitch / 2, np.float32(HATCH), np.float32(-HATCH))
    patch = marked[window]
    full = float(np.iinfo(patch.dtype).max)
    # The rim is light on a dark veil and dark on a light one.
    rim = np.float32(RIM if patch.mean() < full / 2 else -RIM)
    change = np.where(inward < width, rim, hatch) * np.float32(full)
    drawn = np.clip(np.rint(patch + change[..., None]), 0, full).astype(patch.dtype)
    inside = (mask[window] & (inward >= 0))[..., None]
    marked[window] = np.where(inside, drawn, patch)


def _depth(box: Box, shape: Shape, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """How far inside the outline each pixel's centre lies, in pixels (approximate for an ellipse); negative outside."""
    u = (x - (box.x0 + box.x1) / 2) / (box.width / 2)
    v = (y - (box.y0 + box.y1) / 2) / (box.height / 2)
    if shape is Shape.BOX:
        return np.minimum((1 - np.abs(u)) * box.width / 2, (1 - np.abs(v)) * box.height / 2)
    return np.asarray((1 - np.sqrt(u * u + v * v)) * min(box.width, box.height) / 2)
