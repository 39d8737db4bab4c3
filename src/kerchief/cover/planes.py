"""One frame of a film, covered on its own planes: what is not covered keeps its very numbers.

The mask of the colour planes takes in every sample that shares a pixel with the mask of the luma. Veil and solid are
made as for photos, on each plane; the cosmetic styles too, and are as cosmetic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    if style.name is StyleName.VEIL:
        planes = _veiled(frame, mask, regions)
    else:
        planes = [_fill(frame, number, mask, regions, margin, style, colour, mosaics) for number in range(3)]
    return YuvFrame(frame.pts, frame.duration, (planes[0], planes[1], planes[2]))


def _veiled(frame: YuvFrame, mask: Mask, regions: Mapping[str, Region]) -> Sequence[Pixels]:
    """The planes, veiled and marked."""
    coloured = mask if frame.planes[1].shape == mask.shape else _halved(mask)
    luma, *colours = veil_planes(frame.planes, (mask, coloured, coloured))
    return mark_film(luma, mask, tuple(regions.values())), *colours


def _begin(
    mosaics: Mosaics, frame: YuvFrame, regions: Mapping[str, Region], grid: Grid, margin: Margin, colour: Colour
) -> None:
    """Take the colours of tracks that begin here."""
    known = mosaics.known(regions)
    if len(known) < len(regions):
        seen = paint_planes(frame, known, grid, margin, Style(name=StyleName.PIXELATE), colour, mosaics)
        for number, plane in enumerate(seen.planes):
            mosaics.take(plane[..., None], _on_plane(frame, number, regions), margin, number)


def _fill(
    frame: YuvFrame,
    number: int,
    mask: Mask,
    regions: Mapping[str, Region],
    margin: Margin,
    style: Style,
    colour: Colour,
    mosaics: Mosaics,
) -> Pixels:
    """One plane, covered in any other style."""
    pixels = frame.planes[number][..., None]
    regions = _on_plane(frame, number, regions)
    if pixels.shape[1] != frame.width:
        mask = _halved(mask)
    match style.name:
        case StyleName.VEIL:
            raise AssertionError("veils are made of all planes at once")
        case StyleName.SOLID:
            filled = pixels.copy()
            cv2.copyTo(np.full_like(pixels, solid_yuv(style.colour, colour)[number]), mask.view(np.uint8), filled)
        case StyleName.PIXELATE:
            filled = pixelate(pixels, mask, mosaics.heads(regions, number), margin)
        case StyleName.BLUR:
            filled = blur(pixels, mask, mosaics.heads(regions, number), margin)
        case _:
            assert_never(style.name)
    return filled[..., 0]


def _on_plane(frame: YuvFrame, number: int, regions: Mapping[str, Region]) -> Mapping[str, Region]:
    """The regions in samples of a plane."""
    if frame.planes[number].shape[1] == frame.width:
        return regions
    return {track: _half(region) for track, region in regions.items()}


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


def _halved(mask: Mask) -> Mask:
    rows = mask[::2] | mask[1::2]
    halved: Mask = rows[:, ::2] | rows[:, 1::2]
    return halved


def _half(region: Region) -> Region:
    return Region(shape=region.shape, x=region.x / 2, y=region.y / 2, width=region.width / 2, height=region.height / 2)
