"""pixelate and blur: COSMETIC. They disguise; a trained attacker sees through them (PRIVACY.md 3.1, 3.3).

Both keep block means of the covered pixels, so both fail law 2 and are labelled so wherever they appear. Strength
scales with the head, never with the picture: at most 4 × 4 blocks across a head, and a blur of at least 0.35 head
widths on top of those blocks.

Block means that follow a moving head sample it anew in every frame, and enough of them give the head back (PRIVACY.md
section 2, item 7). So the blocks of a track move and scale with it, and their colours are taken once (``Mosaics``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from kerchief.choices import Margin
from kerchief.cover.mask import reach
from kerchief.plan.model import Region
from kerchief.ports import Mask, Pixels

BLOCKS = 4
BLUR_SIGMA_HEADS = 0.35
#: A mask reaches so far beyond a grown region at most: a cell of the coding grid and a pixel.
SNAP_PX = 17


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """One head's mosaic in one picture or plane.

    Attributes:
        region: where it is, in the pixels of that picture or plane.
        colours: (4, 4, channels), of its blocks.
    """

    region: Region
    colours: Pixels


class Mosaics:
    """What is remembered from frame to frame while one file is rendered: the colours of each track's blocks.

    They are taken in the first frame of the track and never again, so that all its frames tell no more than one.
    """

    def __init__(self) -> None:
        self._colours: dict[tuple[int, str], Pixels] = {}

    def known(self, regions: Mapping[str, Region], plane: int = 0) -> dict[str, Region]:
        """Those of a frame's regions whose tracks have their colours."""
        return {track: region for track, region in regions.items() if (plane, track) in self._colours}

    def heads(self, regions: Mapping[str, Region], plane: int = 0) -> list[Head]:
        """Those regions with their colours in one plane (0: luma, or a picture with all its channels)."""
        return [Head(region, self._colours[plane, t]) for t, region in self.known(regions, plane).items()]

    def take(self, seen: Pixels, regions: Mapping[str, Region], margin: Margin, plane: int = 0) -> None:
        """Take the colours of those tracks that have none yet and lie in the picture.

        Args:
            seen: (height, width, channels): the frame as the mosaics of the other tracks leave it. Were it the frame
                itself, each track that begins over a covered head would tell of that head once more.
            regions: in pixels of ``seen``, by track.
            margin: how far the mask reaches.
            plane: 0: luma, or a picture with all its channels; 1 and 2: colour planes.
        """
        for track in regions.keys() - self.known(regions, plane).keys():
            colours = _block_means(seen, regions[track], margin)
            if colours is not None:
                self._colours[plane, track] = colours


def pixelate(pixels: Pixels, mask: Mask, heads: Sequence[Head], margin: Margin) -> Pixels:
    """A copy of the picture with 4 × 4 blocks over each head, under the mask.

    Args:
        pixels: (height, width, channels) uint8 or uint16; nothing under the mask is read.
        mask: (height, width) bool, True = covered.
        heads: what the mask covers; it reaches a little beyond each.
        margin: how far the mask reaches.
    """
    painted = pixels.copy()
    painted[mask] = np.iinfo(pixels.dtype).max // 2 + 1  # whatever no block reaches is at least not shown
    for head in heads:
        _paint(painted, head, reach(head.region, margin) + SNAP_PX)
    return np.where(mask[..., None], painted, pixels)


def blur(pixels: Pixels, mask: Mask, heads: Sequence[Head], margin: Margin) -> Pixels:
    """A copy of the picture with each head pixelated and then blurred, under the mask. Arguments as pixelate."""
    painted = pixelate(pixels, mask, heads, margin)
    blurred = painted.copy()
    for region in (head.region for head in heads):
        sigma = BLUR_SIGMA_HEADS * region.width
        room = 3 * sigma + reach(region, margin) + 16
        window = region.hull.grow(room, room, room, room).pixels(pixels.shape[1], pixels.shape[0])
        if painted[window].size:
            blurred[window] = _gaussian(painted[window], sigma)
    return np.where(mask[..., None], blurred, pixels)


def _block_means(pixels: Pixels, region: Region, margin: Margin) -> Pixels | None:
    """(4, 4, channels): the colours of a head's blocks; None where nothing of it lies in the picture.

    A block outside the picture, as when a head comes in at the border, has the colour of its nearest block inside.
    """
    by = reach(region, margin) + SNAP_PX
    y, x = _edges(pixels, region, by)
    rows, columns = _inside(y), _inside(x)
    if not rows or not columns:
        return None
    means = [[pixels[y[r] : y[r + 1], x[c] : x[c + 1]].mean(axis=(0, 1)) for c in columns] for r in rows]
    nearest = np.ix_(_nearest(rows), _nearest(columns))
    return np.rint(np.array(means)[nearest]).astype(pixels.dtype)


def _paint(painted: Pixels, head: Head, by: float) -> None:
    """Paint one head's blocks, in place; the outer ones are grown so far that the mask is full."""
    y, x = _edges(painted, head.region, by)
    for row, (y0, y1) in enumerate(pairwise(y)):
        for column, (x0, x1) in enumerate(pairwise(x)):
            painted[y0:y1, x0:x1] = head.colours[row, column]


def _edges(pixels: Pixels, region: Region, by: float) -> tuple[list[int], list[int]]:
    """Where the rows and the columns of a head's blocks begin and end in the picture; the outer ones are grown."""
    rows, columns = region.hull.grow(by, by, by, by).pixels(pixels.shape[1], pixels.shape[0])
    return _split(rows, region.hull.y0, region.hull.height), _split(columns, region.hull.x0, region.hull.width)


def _split(window: slice, start: float, length: float) -> list[int]:
    inner = [round(start + length * k / BLOCKS) for k in range(1, BLOCKS)]
    stop = max(window.start, window.stop)
    return [window.start, *(min(stop, max(window.start, edge)) for edge in inner), stop]


def _inside(edges: Sequence[int]) -> list[int]:
    """The numbers of the blocks that have pixels."""
    return [number for number, (a, b) in enumerate(pairwise(edges)) if b > a]


def _nearest(inside: Sequence[int]) -> list[int]:
    """For each block, at which place in the list its nearest one inside is."""
    return [min(range(len(inside)), key=lambda place: abs(inside[place] - number)) for number in range(BLOCKS)]


def _gaussian(pixels: Pixels, sigma: float) -> Pixels:
    """Gaussian blur done on a reduced copy where it is wide: the result is smooth, so nothing is lost."""
    shrink = max(1.0, sigma / 4)
    height, width = pixels.shape[:2]
    size = (max(1, round(width / shrink)), max(1, round(height / shrink)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), sigma / shrink, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR)).reshape(pixels.shape)
