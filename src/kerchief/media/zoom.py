"""A picture in any size: a window of it, as finely as a page can show it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor

import cv2
import numpy as np
from numpy.typing import NDArray

from kerchief.ports import Colour, Frame, Pixels, YuvFrame

Rgb = NDArray[np.uint8]
#: Luma weights of red and blue (ITU-T H.273 table 4).
BT601, BT709, BT2020 = (0.299, 0.114), (0.2126, 0.0722), (0.2627, 0.0593)
WEIGHTS = {1: BT709, 4: BT601, 5: BT601, 6: BT601, 9: BT2020, 10: BT2020}
#: What players take where a film does not say: small ones are as television was.
HD_FROM_HEIGHT_PX = 720
#: A picture is halved until its longer side is no longer than this.
SMALLEST_SIDE_PX = 640
#: What shines through where a picture is transparent.
PAPER = 255


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a picture, display pixels."""

    left: float
    top: float
    width: float
    height: float

    def inside(self, width: int, height: int) -> tuple[int, int, int, int] | None:
        """Left, top, right and bottom of the whole pixels that it touches; None where it lies outside."""
        left, top = floor(max(0.0, self.left)), floor(max(0.0, self.top))
        right = ceil(min(float(width), self.left + self.width))
        bottom = ceil(min(float(height), self.top + self.height))
        return (left, top, right, bottom) if right > left and bottom > top else None


class Print:
    """A photo with its halves: any window of it is there at once, in any size.

    Args:
        frame: the photo; its own pixels are shown where they are 8 bits deep and opaque.
        is_shared: whether somebody else keeps the frame, so that its bytes are not counted here.
    """

    def __init__(self, frame: Frame, *, is_shared: bool = False) -> None:
        self.frame = frame
        self._levels = [_displayed(frame)]
        while max(self._levels[-1].shape[:2]) > SMALLEST_SIDE_PX:
            self._levels.append(_halved(self._levels[-1]))
        counted = [level for level in self._levels if level is not frame.pixels]
        if not is_shared:
            counted += [frame.pixels] if frame.alpha is None else [frame.pixels, frame.alpha]
        self.size_bytes = sum(level.nbytes for level in counted)

    def show(self, window: Window | None, size: tuple[int, int]) -> Rgb:
        """A window of the picture, (h, w, 3) uint8.

        Args:
            window: in pixels of the picture; None, or one that lies outside: the whole.
            size: most width and height of the answer, pixels. Nothing is enlarged.
        """
        left, top, right, bottom = _edges(window, self.frame.width, self.frame.height)
        across, down = fitted(right - left, bottom - top, size)
        level = self._level_for(across / (right - left))
        by_x, by_y = level.shape[1] / self.frame.width, level.shape[0] / self.frame.height
        rows = slice(floor(top * by_y), max(floor(top * by_y) + 1, ceil(bottom * by_y)))
        columns = slice(floor(left * by_x), max(floor(left * by_x) + 1, ceil(right * by_x)))
        return _coloured(_reduced(level[rows, columns], (across, down)))

    def _level_for(self, scale: float) -> Pixels:
        """The smallest copy that is at least as fine as a scale."""
        for finer, coarser in pairwise(self._levels):
            if coarser.shape[1] < scale * self.frame.width:
                return finer
        return self._levels[-1]


def show_planes(frame: YuvFrame, colour: Colour, window: Window | None, size: tuple[int, int]) -> Rgb:
    """A window of a film's frame, (h, w, 3) uint8; arguments as ``Print.show``."""
    left, top, right, bottom = _edges(window, frame.width, frame.height)
    # Whole colour samples, so that all planes show the same window.
    step = frame.width // frame.planes[1].shape[1]
    left, top, right, bottom = (
        left // step * step,
        top // step * step,
        -(-right // step) * step,
        -(-bottom // step) * step,
    )
    wanted = fitted(right - left, bottom - top, size)
    planes = []
    for plane in frame.planes:
        half = frame.width // plane.shape[1]
        planes.append(_to_size(plane[top // half : bottom // half, left // half : right // half], wanted))
    return np.asarray(cv2.transform(cv2.merge(planes), to_rgb(colour, frame.height)), np.uint8)


def to_rgb(colour: Colour, height: int) -> NDArray[np.float32]:
    """(3, 4): what makes R, G and B of Y, U, V and 1, all 0 to 255 (ITU-T H.273 section 8.3).

    Args:
        colour: how a film's numbers are meant.
        height: of the film in pixels: decides where it does not say.
    """
    red, blue = WEIGHTS.get(colour.matrix, BT709 if height >= HD_FROM_HEIGHT_PX else BT601)
    green = 1 - red - blue
    luma, chroma, black = (1.0, 1.0, 0.0) if colour.is_full_range else (255 / 219, 255 / 224, 16.0)
    of_v = 2 * (1 - red) * chroma
    of_u = 2 * (1 - blue) * chroma
    rows = np.array(
        [[luma, 0, of_v], [luma, -of_u * blue / green, -of_v * red / green], [luma, of_u, 0]],
        np.float32,
    )
    return np.hstack([rows, -rows @ np.array([[black], [128], [128]], np.float32)])


def fitted(width: int, height: int, size: tuple[int, int]) -> tuple[int, int]:
    """Width and height of a picture that fits into a size, with its own proportions, never enlarged."""
    scale = min(1.0, size[0] / width, size[1] / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _edges(window: Window | None, width: int, height: int) -> tuple[int, int, int, int]:
    return (window and window.inside(width, height)) or (0, 0, width, height)


def _displayed(frame: Frame) -> Pixels:
    """(h, w, 1 or 3) uint8 as a screen shows it."""
    pixels, alpha = frame.pixels, frame.alpha
    if pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)
        alpha = None if alpha is None else (alpha >> 8).astype(np.uint8)
    if alpha is None:
        return pixels
    opaque = np.full_like(pixels, PAPER)
    seen = cv2.merge([alpha] * pixels.shape[2]).reshape(pixels.shape)
    paper = cv2.multiply(opaque, cv2.bitwise_not(seen).reshape(pixels.shape), scale=1 / 255)
    ink = cv2.multiply(pixels, seen, scale=1 / 255)
    return np.asarray(cv2.add(ink, paper), np.uint8).reshape(pixels.shape)


def _halved(pixels: Pixels) -> Pixels:
    height, width, channels = pixels.shape
    size = (max(1, width // 2), max(1, height // 2))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)).reshape(size[1], size[0], channels)


def _reduced(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    resized = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return np.asarray(resized).reshape(size[1], size[0], pixels.shape[2])


def _to_size(plane: Pixels, size: tuple[int, int]) -> Pixels:
    """A plane in a size: colour planes are coarser than what is shown at times."""
    if (plane.shape[1], plane.shape[0]) == size:
        return np.ascontiguousarray(plane)
    way = cv2.INTER_AREA if plane.shape[1] >= size[0] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(plane, size, interpolation=way))


def _coloured(pixels: Pixels) -> Rgb:
    return pixels if pixels.shape[2] == 3 else np.repeat(pixels, 3, axis=2)
