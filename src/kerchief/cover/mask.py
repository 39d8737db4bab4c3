"""Regions → the mask that is really painted.

A JPEG spreads what was in a block over the whole block, and over its neighbours through chroma upsampling, so the mask
reaches beyond the drawn region (measured in PRIVACY.md 1.1): every head grows by up to 17 px, and heads of 48 px and
more are snapped outward to the coding grid plus one pixel. In a film every head grows by 8 px instead.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import cos, radians, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from kerchief.choices import Margin
from kerchief.geometry import Box, Grid
from kerchief.plan.model import Region, Shape
from kerchief.ports import Mask

#: Reach of a block of a JPEG that was saved twice on unlike grids: 16 px of block and 1 px of chroma interpolation.
SPREAD_PX = 17
#: Smaller heads carry too little to be worth that area: they grow by this share of their width.
SPREAD_SHARE = 0.15
#: Heads at least this wide are snapped to the coding grid.
SNAP_FROM_PX = 48
#: In films: a codec's loop filter carries what was in a block this far at most (H.264: 3 px, HEVC more), and the blocks
#: of its transforms are of this size.
FILM_SPREAD_PX, FILM_STEP = 8, 8
#: Chroma interpolation reaches this far across the edge of a block.
CHROMA_PX = 1


def mask_of(regions: Iterable[Region], width: int, height: int, grid: Grid, margin: Margin) -> Mask:
    """Pixels of a frame that are covered.

    Args:
        regions: what to cover, display pixels.
        width: frame width in pixels.
        height: frame height in pixels.
        grid: the coding grid of the source in display orientation.
        margin: standard, or strict (every region grows by the whole spread and is snapped).

    Returns:
        (height, width) bool, True = covered.
    """
    mask = np.zeros((height, width), bool)
    for region in regions:
        _add(mask, region, reach(region, margin), grid if is_snapped(region, margin) else None, CHROMA_PX)
    return mask


def film_mask(regions: Iterable[Region], width: int, height: int, grid: Grid, margin: Margin) -> Mask:
    """As ``mask_of`` for a frame of a film: 8 px on every side (strict: 17 px), snapped to the codec's 8-px grid."""
    mask = np.zeros((height, width), bool)
    fine = Grid(FILM_STEP, grid.offset_x % FILM_STEP, grid.offset_y % FILM_STEP)
    by = float(SPREAD_PX if margin is Margin.STRICT else FILM_SPREAD_PX)
    for region in regions:
        _add(mask, region, by, fine if is_snapped(region, margin) else None, 0)
    return mask


def reach(region: Region, margin: Margin) -> float:
    """Pixels by which a region grows on every side before it is snapped."""
    return float(SPREAD_PX) if margin is Margin.STRICT else min(SPREAD_PX, SPREAD_SHARE * region.width)


def is_snapped(region: Region, margin: Margin) -> bool:
    """Whether a region is snapped to the coding grid."""
    return margin is Margin.STRICT or region.width >= SNAP_FROM_PX


def _add(mask: Mask, region: Region, by: float, grid: Grid | None, beyond: int) -> None:
    """Add one region, grown and snapped to a grid and grown again by whole pixels, to the mask, in place."""
    height, width = mask.shape
    box = region.box.grow(by, by, by, by)
    hull = box.turned(region.angle)
    if grid is None:
        rows, columns = hull.pixels(width, height)
        if rows.stop > rows.start and columns.stop > columns.start:
            mask[rows, columns] |= touched(box, region.shape, rows, columns, region.angle)
        return
    window = _cells_around(hull, grid, width, height)
    if window is None:
        return
    rows, columns = window
    cells = _fill_cells(touched(box, region.shape, rows, columns, region.angle), grid.step)
    if beyond:
        kernel = np.ones((2 * beyond + 1, 2 * beyond + 1), np.uint8)
        cells = np.pad(cells, beyond)
        cells = np.asarray(cv2.dilate(cells.view(np.uint8), kernel), np.uint8).view(np.bool_)
    _paste(mask, cells, rows.start - beyond, columns.start - beyond)


def touched(box: Box, shape: Shape, rows: slice, columns: slice, angle: float = 0.0) -> Mask:
    """Which pixels of a window are touched by the outline inscribed in a box, or lie inside it.

    Args:
        box: before it is turned.
        shape: of the outline.
        rows: of the window.
        columns: of the window.
        angle: degrees by which the outline is turned about the middle of the box, clockwise as seen. A turned outline
            counts a pixel at its edge rather once too often.
    """
    y = _middles(rows, (box.y0 + box.y1) / 2)[:, None]
    x = _middles(columns, (box.x0 + box.x1) / 2)[None, :]
    half_pixel = 0.5
    if angle:
        along, across = cos(radians(angle)), sin(radians(angle))
        x, y = x * along + y * across, y * along - x * across
        half_pixel *= abs(along) + abs(across)
    # From the middle to the nearest point of each pixel, along the axes of the outline, in halves of its sides.
    x = (np.abs(x) - half_pixel) / (box.width / 2)
    y = (np.abs(y) - half_pixel) / (box.height / 2)
    if shape is Shape.BOX:
        return np.asarray((x < 1) & (y < 1))
    return np.asarray(np.maximum(0.0, x) ** 2 + np.maximum(0.0, y) ** 2 <= 1)


def _middles(window: slice, centre: float) -> NDArray[np.float64]:
    """Where the middles of pixels lie, along one axis, counted from a centre."""
    return np.arange(window.start, window.stop, dtype=np.float64) + (0.5 - centre)


def _cells_around(box: Box, grid: Grid, width: int, height: int) -> tuple[slice, slice] | None:
    """The window of whole grid cells around a box; it may reach beyond the picture. None: nothing is inside."""
    clipped = box.clip(width, height)
    if clipped is None:
        return None
    rows = _snap(clipped.y0, clipped.y1, grid.step, grid.offset_y)
    columns = _snap(clipped.x0, clipped.x1, grid.step, grid.offset_x)
    return rows, columns


def _snap(start: float, end: float, step: int, offset: int) -> slice:
    first = int(np.floor((start - offset) / step))
    last = int(np.ceil((end - offset) / step))
    return slice(offset + first * step, offset + last * step)


def _fill_cells(inside: Mask, step: int) -> Mask:
    """Every cell that holds a covered pixel, whole. The window's sides are multiples of the step."""
    rows, columns = inside.shape[0] // step, inside.shape[1] // step
    cells = inside.reshape(rows, step, columns, step).any(axis=(1, 3))
    return cells.repeat(step, axis=0).repeat(step, axis=1)


def _paste(mask: Mask, patch: Mask, top: int, left: int) -> None:
    """Add a patch whose corner may lie outside the mask."""
    height, width = mask.shape
    y0, x0 = max(0, top), max(0, left)
    y1, x1 = min(height, top + patch.shape[0]), min(width, left + patch.shape[1])
    if y1 > y0 and x1 > x0:
        mask[y0:y1, x0:x1] |= patch[y0 - top : y1 - top, x0 - left : x1 - left]
