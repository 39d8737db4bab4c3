"""The faint hatch and rim that let a veil be seen to be one: the picture must not lie.

Drawn only under the mask, from the regions and the veil itself, so nothing of the covered pixels takes part.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, reduce
from math import cos, radians, sin

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
#: In films the lines' distance is a share of the frame's height.
FILM_HATCH_PITCH = 0.01
RIM_WIDTH, RIM_WIDTH_PX = 0.02, 1.0
#: OpenCV draws to 1/16 of a pixel.
SHIFT = 4


def mark(pixels: Pixels, mask: Mask, regions: Sequence[Region]) -> Pixels:
    """A copy of a veiled picture with each head's hatch and rim drawn under the mask.

    Args:
        pixels: (height, width, channels) uint8 or uint16, already veiled.
        mask: (height, width) bool, True = covered.
        regions: the heads.
    """
    marked = pixels.copy()
    for region in regions:
        window = region.hull.pixels(mask.shape[1], mask.shape[0])
        if marked[window].size:
            _mark_one(marked, mask, region, window)
    return marked


def mark_film(luma: Pixels, mask: Mask, regions: Sequence[Region]) -> Pixels:
    """As ``mark`` for the veiled luma of a film's frame, all heads at once and with one hatch for all.

    Args:
        luma: (height, width) uint8.
        mask: (height, width) bool, True = covered.
        regions: the heads.
    """
    drawn = luma.copy()
    window = _around(regions, *luma.shape)
    patch = drawn[window]
    if not patch.size:
        return drawn
    inside, line = np.zeros_like(patch), np.zeros_like(patch)
    for region in regions:
        _draw(inside, region, window, 0.0)
        _draw(line, region, window, 0.0, max(1, round(RIM_WIDTH * region.width)))
    hatch = np.minimum(cv2.subtract(inside, line), np.uint8(round(HATCH * 255)))
    rim = np.minimum(line, np.uint8(round(RIM * 255)))
    stripes = _pattern(*luma.shape)[window]
    rim_on_dark = rim * (patch < 128).view(np.uint8)
    light = cv2.bitwise_or(cv2.bitwise_and(hatch, stripes), rim_on_dark)
    dark = cv2.subtract(cv2.bitwise_or(hatch, rim), light)
    cv2.copyTo(cv2.subtract(cv2.add(patch, light), dark), mask[window].view(np.uint8), patch)
    return drawn


def _around(regions: Sequence[Region], height: int, width: int) -> tuple[slice, slice]:
    """The window of a frame that holds all regions and their rims."""
    boxes = [region.hull for region in regions]
    hull = reduce(Box.hull, boxes)
    room = RIM_WIDTH * max(box.width for box in boxes) + 1
    return hull.grow(room, room, room, room).pixels(width, height)


@lru_cache(1)
def _pattern(height: int, width: int) -> NDArray[np.uint8]:
    """The hatch of a whole film frame."""
    return _stripes(max(HATCH_PITCH_PX, FILM_HATCH_PITCH * height), (slice(0, height), slice(0, width)))


def _mark_one(marked: Pixels, mask: Mask, region: Region, window: tuple[slice, slice]) -> None:
    """Draw one head's marks, in place."""
    patch = marked[window]
    width = max(RIM_WIDTH_PX, RIM_WIDTH * region.width)
    outer, inner = _inside(region, window, 0.0), _inside(region, window, width)
    stripes = _stripes(max(HATCH_PITCH_PX, HATCH_PITCH * region.width), window)
    lighter = cv2.bitwise_and(inner, stripes)
    rim = np.minimum(cv2.subtract(outer, inner), round(RIM * 255))
    light = np.minimum(lighter, round(HATCH * 255))
    dark = np.minimum(cv2.subtract(inner, lighter), round(HATCH * 255))
    # The rim is light on a dark veil and dark on a light one.
    side = light if cv2.mean(patch)[0] < np.iinfo(patch.dtype).max / 2 else dark
    side += rim
    drawn = cv2.subtract(cv2.add(patch, _amount(light, patch)), _amount(dark, patch))
    put(np.asarray(drawn).reshape(patch.shape), mask[window], patch)


def _amount(levels: NDArray[np.uint8], patch: Pixels) -> Pixels:
    """Levels of 255 as levels of a patch's dtype, for each of its channels."""
    scaled = levels if patch.dtype == np.uint8 else levels * np.uint16(257)
    return np.asarray(cv2.merge([scaled] * patch.shape[2])).reshape(patch.shape)


def _inside(region: Region, window: tuple[slice, slice], by: float) -> NDArray[np.uint8]:
    """255 inside the outline made smaller by some pixels on every side, 0 outside; the size of the window."""
    rows, columns = window
    drawn = np.zeros((rows.stop - rows.start, columns.stop - columns.start), np.uint8)
    _draw(drawn, region, window, by)
    return drawn


def _draw(drawn: Pixels, region: Region, window: tuple[slice, slice], by: float, thickness: int = cv2.FILLED) -> None:
    """Draw an outline made smaller by some pixels on every side into a window, filled or as a line."""
    rows, columns = window
    box = region.box
    half = (max(0.0, box.width / 2 - by), max(0.0, box.height / 2 - by))
    # OpenCV counts from the middle of a pixel.
    middle = ((box.x0 + box.x1) / 2 - columns.start - 0.5, (box.y0 + box.y1) / 2 - rows.start - 0.5)
    if region.shape is Shape.ELLIPSE:
        cv2.ellipse(drawn, _fixed(*middle), _fixed(*half), region.angle, 0, 360, 255, thickness, cv2.LINE_8, SHIFT)
        return
    along = np.array([cos(radians(region.angle)), sin(radians(region.angle))])
    across = np.array([-along[1], along[0]])
    corners = [middle + x * half[0] * along + y * half[1] * across for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    outline = np.array([_fixed(*corner) for corner in corners])
    if thickness == cv2.FILLED:
        cv2.fillConvexPoly(drawn, outline, 255, cv2.LINE_8, SHIFT)
    else:
        cv2.polylines(drawn, [outline], isClosed=True, color=255, thickness=thickness, shift=SHIFT)


def _fixed(x: float, y: float) -> tuple[int, int]:
    return round(x * (1 << SHIFT)), round(y * (1 << SHIFT))


def _stripes(pitch: float, window: tuple[slice, slice]) -> NDArray[np.uint8]:
    """255 in every other diagonal stripe, 0 in those between; anchored to the picture, the size of the window."""
    rows, columns = window
    height, width = rows.stop - rows.start, columns.stop - columns.start
    along = np.arange(height + width) + rows.start + columns.start
    line = np.where(along % pitch < pitch / 2, 255, 0).astype(np.uint8)
    # Each line of the pattern is the one above, moved by a pixel.
    return np.ascontiguousarray(np.lib.stride_tricks.sliding_window_view(line, width)[:height])
