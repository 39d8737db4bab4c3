"""The faint hatch and rim that let a veil be seen to be one: the picture must not lie.

Drawn only under the mask, from the regions and the veil itself, so nothing of the covered pixels takes part.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kerchief.cover.patches import put
from kerchief.geometry import Box
from kerchief.plan.model import Region, Shape
from kerchief.ports import Mask, Pixels

#: Lightening and darkening of the hatch, and the rim's, as shares of full scale.
HATCH = 0.025
RIM = 0.16
#: Distance of the hatch's lines and thickness of the rim as shares of the head's width, and their least pixels.
HATCH_PITCH, HATCH_PITCH_PX = 0.09, 6.0
RIM_WIDTH, RIM_WIDTH_PX = 0.02, 1.0
#: Marks of larger heads are drawn at this size and enlarged.
WORK_SIDE_PX = 640


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
    patch = marked[window]
    full = int(np.iinfo(patch.dtype).max)
    # The rim is light on a dark veil and dark on a light one.
    rim = RIM if cv2.mean(patch)[0] < full / 2 else -RIM
    change = _change(region, window, rim)
    height, width = patch.shape[:2]
    drawn = patch
    for sign, draw in ((1, cv2.add), (-1, cv2.subtract)):
        amount = np.clip(np.rint(change * (sign * full)), 0, full).astype(patch.dtype)
        large = cv2.resize(amount, (width, height), interpolation=cv2.INTER_LINEAR)
        drawn = np.asarray(draw(drawn, cv2.merge([large] * patch.shape[2]))).reshape(patch.shape)
    put(drawn, mask[window], patch)


def _change(region: Region, window: tuple[slice, slice], rim: float) -> NDArray[np.float32]:
    """How much lighter (darker if negative) a window gets, as shares of full scale; drawn small where it is large."""
    rows, columns = window
    step = max(1.0, max(rows.stop - rows.start, columns.stop - columns.start) / WORK_SIDE_PX)
    y = _middles(rows, step)[:, None]
    x = _middles(columns, step)[None, :]
    inward = _depth(region.box, region.shape, y, x)
    pitch = max(HATCH_PITCH_PX, HATCH_PITCH * region.width)
    width = max(RIM_WIDTH_PX, RIM_WIDTH * region.width)
    hatch = np.where(((x + y) % pitch) < pitch / 2, HATCH, -HATCH)
    return np.where(inward < 0, 0, np.where(inward < width, rim, hatch)).astype(np.float32)


def _middles(window: slice, step: float) -> NDArray[np.float64]:
    """Middles of the pixels of a window that is drawn smaller by a factor, in pixels of the picture."""
    count = max(1, round((window.stop - window.start) / step))
    return np.asarray(window.start + (np.arange(count) + 0.5) * (window.stop - window.start) / count)


def _depth(box: Box, shape: Shape, y: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far inside the outline each point lies, in pixels (approximate for an ellipse); negative outside."""
    u = (x - (box.x0 + box.x1) / 2) / (box.width / 2)
    v = (y - (box.y0 + box.y1) / 2) / (box.height / 2)
    if shape is Shape.BOX:
        return np.minimum((1 - np.abs(u)) * box.width / 2, (1 - np.abs(v)) * box.height / 2)
    return np.asarray((1 - np.sqrt(u * u + v * v)) * min(box.width, box.height) / 2)
