"""Looks at one picture by a list of looks, and fuses what was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kerchief.find.merge import Seen, fuse, suppress
from kerchief.find.pyramid import Look, tiles
from kerchief.geometry import Box
from kerchief.ports import Boxes, Detection, Network, Pixels

#: Within one look, boxes that overlap by this much are one thing.
SAME_IOU = 0.3
#: Centres this far outside the picture belong to the padding.
OUTSIDE_PX = 2


@dataclass(frozen=True, slots=True, eq=False)
class _Tile:
    """A part of the picture at the scale of a look."""

    look: Look
    x: int
    y: int
    rgb: NDArray[np.uint8]


def detect(
    pixels: Pixels, looks: Sequence[Look], networks: Mapping[str, Network], threshold: float, workers: int = 1
) -> list[Detection]:
    """What the looks together see, best first.

    Args:
        pixels: (height, width, 1 or 3) uint8 or uint16.
        looks: scales and networks.
        networks: by name.
        threshold: least fused score.
        workers: threads that look at tiles at the same time.
    """
    rgb = as_rgb8(pixels)
    parts = [tile for look in looks for tile in _tiles(rgb, look)]

    def run(tile: _Tile) -> Boxes:
        found = networks[tile.look.network].detect(tile.rgb, tile.look.threshold)
        return found + np.array([tile.x, tile.y, tile.x, tile.y, 0], np.float32)

    with ThreadPoolExecutor(workers) as pool:
        found = list(pool.map(run, parts))
    kinds = dict.fromkeys(networks[look.network].kind for look in looks)
    detections = []
    for kind in kinds:
        group = [look for look in looks if networks[look.network].kind is kind]
        seen = [_seen(look, [f for t, f in zip(parts, found, strict=True) if t.look is look], rgb) for look in group]
        detections += [
            Detection(Box(*map(float, row[:4])), float(min(1.0, row[4])), kind) for row in fuse(seen, threshold)
        ]
    return sorted(detections, key=lambda detection: -detection.score)


def as_rgb8(pixels: Pixels) -> NDArray[np.uint8]:
    """What the networks look at: (height, width, 3) uint8."""
    eight = (pixels >> 8).astype(np.uint8) if pixels.dtype == np.uint16 else pixels.astype(np.uint8, copy=False)
    return np.repeat(eight, 3, axis=2) if eight.shape[2] == 1 else eight


def _tiles(rgb: NDArray[np.uint8], look: Look) -> list[_Tile]:
    """The picture at the scale of a look, cut into tiles; the last ones are filled up with black."""
    width, height = _size(rgb, look)
    image = rgb
    if (height, width) != rgb.shape[:2]:
        way = cv2.INTER_AREA if look.scale < 1 else cv2.INTER_LINEAR
        image = np.asarray(cv2.resize(rgb, (width, height), interpolation=way), np.uint8)
    cut = []
    for y, rows in tiles(height, look.tile_px):
        for x, columns in tiles(width, look.tile_px):
            part = image[y : y + rows, x : x + columns]
            bottom, right = rows - part.shape[0], columns - part.shape[1]
            padded = cv2.copyMakeBorder(part, 0, bottom, 0, right, cv2.BORDER_CONSTANT)
            cut.append(_Tile(look, x, y, np.asarray(padded, np.uint8)))
    return cut


def _size(rgb: NDArray[np.uint8], look: Look) -> tuple[int, int]:
    return max(1, round(rgb.shape[1] * look.scale)), max(1, round(rgb.shape[0] * look.scale))


def _seen(look: Look, found: Sequence[Boxes], rgb: NDArray[np.uint8]) -> Seen:
    """What a look saw in all its tiles, in pixels of the picture, each thing once."""
    height, width = rgb.shape[:2]
    columns, rows = _size(rgb, look)
    boxes = np.concatenate(found) * np.array([width / columns, height / rows] * 2 + [look.weight])
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    near = (x >= -OUTSIDE_PX) & (y >= -OUTSIDE_PX) & (x <= width + OUTSIDE_PX) & (y <= height + OUTSIDE_PX)
    boxes = boxes[near]
    return Seen(boxes[suppress(boxes[:, :4], boxes[:, 4], SAME_IOU)], look)
