"""One frame, covered: the mask of its regions and the style of the plan."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from kerchief.choices import Margin
from kerchief.cover.marks import mark
from kerchief.cover.mask import mask_of
from kerchief.cover.mosaic import Mosaics, blur, pixelate
from kerchief.cover.solid import solid
from kerchief.cover.veil import veil
from kerchief.geometry import Grid
from kerchief.plan.model import Region, Style, StyleName
from kerchief.ports import Frame, Mask, Pixels


def paint(
    frame: Frame,
    regions: Mapping[str, Region],
    grid: Grid,
    margin: Margin,
    style: Style,
    mosaics: Mosaics | None = None,
) -> tuple[Frame, Mask]:
    """The frame with its regions covered, and the mask that was painted.

    Alpha becomes opaque under the mask (its outline could be that of a head), and fully transparent pixels lose the
    colours that nobody sees.

    Args:
        frame: display-oriented picture.
        regions: what to cover in it, display pixels, by the ids of their tracks.
        grid: coding grid of the source in display orientation.
        margin: how far the mask reaches beyond a region.
        style: how covered pixels look.
        mosaics: of the frames before; a picture that stands alone needs none.
    """
    mask = mask_of(regions.values(), frame.width, frame.height, grid, margin)
    alpha = frame.alpha
    pixels = frame.pixels
    if alpha is not None:
        alpha = np.where(mask, alpha.dtype.type(np.iinfo(alpha.dtype).max), alpha)
        pixels = np.where((alpha == 0)[..., None], pixels.dtype.type(0), pixels)
    mosaics = mosaics or Mosaics()
    if not style.name.erases:
        _begin(mosaics, pixels, regions, grid, margin)
    return Frame(frame.pts, frame.duration, _fill(pixels, mask, regions, margin, style, mosaics), alpha), mask


def _begin(mosaics: Mosaics, pixels: Pixels, regions: Mapping[str, Region], grid: Grid, margin: Margin) -> None:
    """Take the colours of tracks that begin here."""
    known = mosaics.known(regions)
    if len(known) < len(regions):
        hidden = mask_of(known.values(), pixels.shape[1], pixels.shape[0], grid, margin)
        mosaics.take(pixelate(pixels, hidden, mosaics.heads(known), margin), regions, margin)


def _fill(
    pixels: Pixels, mask: Mask, regions: Mapping[str, Region], margin: Margin, style: Style, mosaics: Mosaics
) -> Pixels:
    """A copy of the picture with the masked pixels replaced in a style."""
    if not mask.any():
        return pixels
    match style.name:
        case StyleName.VEIL:
            return mark(veil(pixels, mask), mask, tuple(regions.values()))
        case StyleName.SOLID:
            return solid(pixels, mask, style.colour)
        case StyleName.PIXELATE:
            return pixelate(pixels, mask, mosaics.heads(regions), margin)
        case StyleName.BLUR:
            return blur(pixels, mask, mosaics.heads(regions), margin)
