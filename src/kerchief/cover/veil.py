"""veil: the patch is interpolated only from pixels outside the mask; it looks like frosted glass.

Pull-push interpolation (Gortler et al. 1996, "The Lumigraph", section 3.4.2): known pixels are averaged down a
pyramid with their weights, and the holes are filled from coarse to fine. Hidden pixels have weight 0 and are set to
0 before anything reads them, so no bit of them can reach the result.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kerchief.cover.patches import patches, put
from kerchief.ports import Mask, Pixels

#: The window around a patch, as a share of its longer side: enough surroundings to take colours from.
ROOM = 0.5
#: The planes of a film are interpolated as one picture of about this height, and by so much reduced at least: they are
#: covered 30 times a second, and a veil is smooth.
FILM_WORK_HEIGHT_PX, FILM_LEAST_SHRINK = 180, 3.0
#: A patch is interpolated at most this large and then enlarged: it is smooth, so nothing finer would show.
WORK_SIDE_PX = 256


def veil(pixels: Pixels, mask: Mask) -> Pixels:
    """A copy of the picture with the masked pixels interpolated from the others.

    Args:
        pixels: (height, width, channels) uint8 or uint16.
        mask: (height, width) bool, True = covered.

    Returns:
        The same shape and dtype. Where everything is covered it is mid grey.
    """
    filled = pixels.copy()
    for patch in patches(mask, ROOM):
        window = (patch.rows, patch.columns)
        known = np.zeros_like(pixels[window])
        put(pixels[window], ~mask[window], known)
        put(_interpolate(known, mask[window]), patch.inside, filled[window])
    return filled


def veil_planes(planes: Sequence[Pixels], masks: Sequence[Mask]) -> tuple[Pixels, ...]:
    """A film frame's planes with the masked samples interpolated from the others, all planes and patches in one go.

    Args:
        planes: luma and two colour planes, (h, w) uint8 each; colour planes are as large as luma or half of that.
        masks: of luma and of each colour plane; a colour sample is masked where it shares a pixel with luma's mask.

    Returns:
        New planes of the same shapes. Where everything is covered they are mid grey.
    """
    height, width = planes[0].shape
    shrink = max(FILM_LEAST_SHRINK, height / FILM_WORK_HEIGHT_PX)
    size = (max(1, round(width / shrink)), max(1, round(height / shrink)))
    # The same samples are read in all planes: those of luma too that share a colour sample with the mask are not.
    clear = (~masks[1]).view(np.uint8) * np.uint8(255)
    weight = _resize(clear, size) / np.float32(255)
    large = (
        clear
        if planes[1].shape == planes[0].shape
        else cv2.resize(clear, (width, height), interpolation=cv2.INTER_NEAREST)
    )
    known = [cv2.bitwise_and(plane, where) for plane, where in zip(planes, (large, clear, clear), strict=True)]
    smooth = _pull_push(np.concatenate([_resize(plane, size) for plane in known], axis=2), weight, 128.0)
    small = np.clip(np.rint(smooth), 0, 255).astype(np.uint8)
    return tuple(_filled(plane, mask, small[..., n]) for n, (plane, mask) in enumerate(zip(planes, masks, strict=True)))


def _filled(plane: Pixels, mask: Mask, small: Pixels) -> Pixels:
    """A plane with its masked samples taken from a small picture of it."""
    smooth = cv2.resize(np.ascontiguousarray(small), plane.shape[::-1], interpolation=cv2.INTER_LINEAR)
    filled = plane.copy()
    cv2.copyTo(smooth, mask.view(np.uint8), filled)
    return filled


def _interpolate(known: Pixels, mask: Mask) -> Pixels:
    """The window with its holes filled, at most WORK_SIDE_PX large on the inside."""
    height, width = mask.shape
    shrink = max(1.0, max(height, width) / WORK_SIDE_PX)
    size = (max(1, round(width / shrink)), max(1, round(height / shrink)))
    weight = _resize((~mask).view(np.uint8) * np.uint8(255), size) / np.float32(255)
    top = float(np.iinfo(known.dtype).max)
    smooth = _pull_push(_resize(known, size), weight, (top + 1) / 2)
    small = np.clip(np.rint(smooth), 0, top).astype(known.dtype)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)).reshape(known.shape)


def _resize(values: Pixels, size: tuple[int, int]) -> NDArray[np.float32]:
    """Area averages as float32 (h, w, channels). Rounding before that costs half a level at most."""
    small = np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)
    return small.reshape(size[1], size[0], -1)


def _pull_push(sums: NDArray[np.float32], weight: NDArray[np.float32], grey: float) -> NDArray[np.float32]:
    """Weighted averages where something is known, filled from the next coarser level elsewhere.

    Args:
        sums: (h, w, c) weighted sums of colours.
        weight: (h, w, 1) weights, 0 where nothing is known.
        grey: colour of a window in which nothing is known.
    """
    height, width = sums.shape[:2]
    average = np.divide(sums, weight, out=np.full_like(sums, grey), where=weight > 0)
    if max(height, width) == 1:
        return average  # however little of it is known
    half = ((width + 1) // 2, (height + 1) // 2)
    below = _pull_push(_resize(sums, half), _resize(weight, half), grey)
    larger = cv2.resize(below, (width, height), interpolation=cv2.INTER_LINEAR)
    coarse = np.asarray(larger, np.float32).reshape(sums.shape)
    trust = np.minimum(weight, 1.0)
    return np.asarray(average * trust + coarse * (1 - trust), np.float32)
