"""Frames of whatever size and form → planes of one size: upright, square pixels, 4:2:0, limited range."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter

from kerchief.media.films.film import PLAIN
from kerchief.media.films.orientation import orientation_of
from kerchief.media.films.planes import view
from kerchief.media.photos.still import turned
from kerchief.ports import Colour, Pixels

BLACK = (16, 128, 128)
Planes = tuple[Pixels, Pixels, Pixels]


class Fitting:
    """Fits the frames of one stream. Not for several threads."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def planes(self, frame: av.VideoFrame, aspect: Fraction, width: int, height: int) -> Planes:
        """Y, U and V of the frame in a picture of this size, whole, with black beside it where its shape is another.

        Args:
            frame: as decoded.
            aspect: width over height of one of its pixels.
            width: even.
            height: even.
        """
        orientation = orientation_of(frame)
        shown_width, shown_height = shown_size(frame, aspect)
        scale = min(width / shown_width, height / shown_height)
        inside = (_even(shown_width * scale, width), _even(shown_height * scale, height))
        columns, rows = inside if orientation < 5 else (inside[1], inside[0])
        is_full = PLAIN.get(frame.format.name, False) or frame.color_range == ColorRange.JPEG
        plain = self._reformatter.reformat(
            frame,
            width=columns,
            height=rows,
            format="yuv420p",
            interpolation=Interpolation.AREA if columns < frame.width else Interpolation.BILINEAR,
            src_color_range=ColorRange.JPEG if is_full else ColorRange.MPEG,
            dst_color_range=ColorRange.MPEG,
            threads=1,
        )
        y, u, v = (turned(view(plane), orientation) for plane in plain.planes)
        if inside == (width, height):
            return y, u, v
        left, top = (width - inside[0]) // 4, (height - inside[1]) // 4  # in samples of the colour planes
        return (
            _framed(y, (height, width), 2 * top, 2 * left, BLACK[0]),
            _framed(u, (height // 2, width // 2), top, left, BLACK[1]),
            _framed(v, (height // 2, width // 2), top, left, BLACK[2]),
        )


def shown_size(frame: av.VideoFrame, aspect: Fraction) -> tuple[float, float]:
    """Width and height as shown: upright, and with square pixels."""
    width, height = frame.width * float(aspect), float(frame.height)
    return (width, height) if orientation_of(frame) < 5 else (height, width)


def colour_of(frame: av.VideoFrame) -> Colour:
    """How the numbers of the fitted planes are meant."""
    if frame.format.is_rgb:
        return Colour()
    return Colour(int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace))


def _even(side: float, most: int) -> int:
    return min(most, max(2, 2 * round(side / 2)))


def _framed(plane: Pixels, shape: tuple[int, int], top: int, left: int, value: int) -> Pixels:
    whole = np.full(shape, value, np.uint8)
    whole[top : top + plane.shape[0], left : left + plane.shape[1]] = plane
    return whole
