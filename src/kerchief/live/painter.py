"""How frames of a stream are covered: what is known of them, or the whole of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import cv2
import numpy as np

from kerchief.cover.mosaic import Mosaics
from kerchief.cover.planes import paint_planes
from kerchief.geometry import Box, Grid
from kerchief.live.covered import TIME_BASE, Covered, Form
from kerchief.plan.model import Region, Shape, Style
from kerchief.ports import GRID_STEP, YuvFrame
from kerchief.settings import Settings


class Painter:
    """Covers the frames of one run, in their order.

    Args:
        form: of the frames.
        settings: how they are covered; its style erases.
        grown: by this share of their sides regions grow.
    """

    def __init__(self, form: Form, settings: Settings, grown: float) -> None:
        self._form, self._settings, self._grown = form, settings, grown
        self._grid = Grid.of_coded(GRID_STEP, form.width, form.height, 1)
        self._length = max(1, round(TIME_BASE[1] / form.rate))
        self._veil = self._painted(nothing(form.width, form.height), _whole(form), Style())

    def covered(self, frame: YuvFrame, regions: Mapping[str, Region]) -> Covered:
        """The frame with these regions covered."""
        regions = {name: _grown(region, self._grown) for name, region in regions.items()} if self._grown else regions
        return Covered(self._painted(replace(frame, duration=self._length), regions, self._settings.style), regions)

    def veiled(self, pts: int) -> Covered:
        """A frame that is covered whole. Nothing of any picture is in it."""
        return Covered(replace(self._veil, pts=pts, duration=self._length), {}, is_veiled=True)

    def _painted(self, frame: YuvFrame, regions: Mapping[str, Region], style: Style) -> YuvFrame:
        margin, colour = self._settings.margin, self._form.colour
        return paint_planes(frame, regions, self._grid, margin, style, colour, Mosaics())


def enlarged(frame: YuvFrame, form: Form) -> YuvFrame:
    """The frame in the size of the form."""
    if (frame.width, frame.height) == (form.width, form.height):
        return frame
    whole, half = (form.width, form.height), (form.width // 2, form.height // 2)
    y, u, v = (
        np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR), np.uint8)
        for plane, size in zip(frame.planes, (whole, half, half), strict=True)
    )
    return replace(frame, planes=(y, u, v))


def nothing(width: int, height: int) -> YuvFrame:
    """A grey frame of about this size."""
    half = (height // 2, width // 2)
    y, u, v = (np.full(shape, 128, np.uint8) for shape in ((2 * half[0], 2 * half[1]), half, half))
    return YuvFrame(0, 1, (y, u, v))


def _whole(form: Form) -> dict[str, Region]:
    return {"all": Region.from_box(Box(0, 0, form.width, form.height), Shape.BOX)}


def _grown(region: Region, share: float) -> Region:
    x, y = share * region.width, share * region.height
    return Region.from_box(region.box.grow(x, y, x, y), region.shape)
