"""One frame of a film, covered on its own planes: what is not covered keeps its very numbers.

The mask of the colour planes takes in every sample that shares a pixel with the mask of the luma. Veil and solid are
made as for photos, on each plane; the cosmetic styles too, and are as cosmetic.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

import cv2
import numpy as np

from kerchief.choices import Margin
from kerchief.cover.marks import mark_film
from kerchief.cover.mask import film_mask
from kerchief.cover.mosaic import Mosaics, blur, pixelate
from kerchief.cover.veil import veil_planes
from kerchief.geometry import Grid
from kerchief.plan.model import Region, Style, StyleName
from kerchief.ports import Colour, Mask, Pixels, YuvFrame

#: Luma weights of red and blue (ITU-T H.273 table 4); BT.709 for all that is not listed.
WEIGHTS = {5: (0.299, 0.114), 6: (0.299, 0.114), 9: (0.2627, 0.0593)}
BT709 = (0.2126, 0.0722)


def paint_planes(
    frame: YuvFrame,
    regions: Mapping[str, Region],
    grid: Grid,
    margin: Margin,
    style: Style,
    colour: Colour,
    mosaics: Mosaics,
) -> YuvFrame:
    """The frame with its regions covered.

    Args:
        frame: display-oriented planes.
        regions: what to cover, display pixels, by the ids of their tracks.
        grid: coding grid of the source in display orientation.
        margin: how far the mask reaches beyond a region.
        style: how covered pixels look.
        colour: how the planes' numbers are meant.
        mosaics: of the frames before; the tracks that begin here are added to it.
    """
    mask = film_mask(regions.values(), frame.width, frame.height, grid, margin)
    if not mask.any():
        return frame
    if not style.name.erases:
        _begin(mosaics, frame, regions, grid, margin, colour)
    coloured = _coloured(mask, frame)
    masks = (mask, coloured, coloured)
    match style.name:
        case StyleName.VEIL:
            y, u, v = veil_planes(frame.planes, masks)
            y = mark_film(y, mask, tuple(regions.values()))
        case StyleName.SOLID:
            y, u, v = map(_one_colour, frame.planes, masks, solid_yuv(style.colour, colour))
        case StyleName.PIXELATE | StyleName.BLUR:
            y, u, v = _mosaic(frame, masks, regions, margin, style, mosaics)
        case _:
            assert_never(style.name)
    return YuvFrame(frame.pts, frame.duration, (y, u, v))


def _one_colour(plane: Pixels, mask: Mask, value: int) -> Pixels:
    filled = plane.copy()
    cv2.copyTo(np.full_like(plane, value), mask.view(np.uint8), filled)
    return filled


def _mosaic(
    frame: YuvFrame,
    masks: Sequence[Mask],
    regions: Mapping[str, Region],
    margin: Margin,
    style: Style,
    mosaics: Mosaics,
) -> Iterator[Pixels]:
    """The planes in a cosmetic style."""
    make = pixelate if style.name is StyleName.PIXELATE else blur
    for number, (plane, mask) in enumerate(zip(frame.planes, masks, strict=True)):
        heads = mosaics.heads(_on_plane(frame, number, regions), number)
        yield make(plane[..., None], mask, heads, margin)[..., 0]


def _begin(
    mosaics: Mosaics, frame: YuvFrame, regions: Mapping[str, Region], grid: Grid, margin: Margin, colour: Colour
) -> None:
    """Take the colours of tracks that begin here."""
    known = mosaics.known(regions)
    if len(known) < len(regions):
        seen = paint_planes(frame, known, grid, margin, Style(name=StyleName.PIXELATE), colour, mosaics)
        for number, plane in enumerate(seen.planes):
            mosaics.take(plane[..., None], _on_plane(frame, number, regions), margin, number)


def _on_plane(frame: YuvFrame, number: int, regions: Mapping[str, Region]) -> Mapping[str, Region]:
    """The regions in samples of a plane."""
    if frame.planes[number].shape[1] == frame.width:
        return regions
    return {track: _half(region) for track, region in regions.items()}


def _coloured(mask: Mask, frame: YuvFrame) -> Mask:
    """The samples of a colour plane that share a pixel with a mask."""
    if frame.planes[1].shape == mask.shape:
        return mask
    rows = mask[::2] | mask[1::2]
    halved: Mask = rows[:, ::2] | rows[:, 1::2]
    return halved


def solid_yuv(rgb: str, colour: Colour) -> tuple[int, int, int]:
    """Y, U and V of "#rrggbb" (ITU-T H.273 section 8.3)."""
    red, green, blue = (int(rgb[at : at + 2], 16) / 255 for at in (1, 3, 5))
    weight_red, weight_blue = WEIGHTS.get(colour.matrix, BT709)
    luma = weight_red * red + (1 - weight_red - weight_blue) * green + weight_blue * blue
    u, v = (blue - luma) / (2 - 2 * weight_blue), (red - luma) / (2 - 2 * weight_red)
    if colour.is_full_range:
        # Full red and full blue come to 255.5, which no byte holds.
        return round(255 * luma), min(255, round(128 + 255 * u)), min(255, round(128 + 255 * v))
    return round(16 + 219 * luma), round(128 + 224 * u), round(128 + 224 * v)


def _half(region: Region) -> Region:
    x, y, width, height = (side / 2 for side in (region.x, region.y, region.width, region.height))
    return Region(shape=region.shape, x=x, y=y, width=width, height=height, angle=region.angle)
