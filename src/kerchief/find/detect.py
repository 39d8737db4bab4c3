"""Looks at one picture by a list of looks, and fuses what was seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kerchief.find.dark import least_scores
from kerchief.find.light import brightened
from kerchief.find.merge import APART_IOU, Seen, fuse, suppress
from kerchief.find.pyramid import OVERLAP_PX, Look, tiles
from kerchief.geometry import Box
from kerchief.ports import Boxes, Detection, Network, Pixels, YuvFrame

#: Within one look, boxes that overlap by this much are one thing.
SAME_IOU = 0.3
#: A box that reaches so near an inner edge of its tile is cut there: the neighbouring tile sees it whole. Two cells of
#: CenterFace's output, for a faint half of a face is not placed to the pixel.
CUT_PX = 8
#: What a cut box is worth.
CUT_WEIGHT = 0.5
#: Centres this far outside the picture belong to the padding.
OUTSIDE_PX = 2


@dataclass(frozen=True, slots=True, eq=False)
class _Tile:
    """A part of the picture at the scale of a look.

    Attributes:
        look: what it is a part of.
        x: its left edge, in pixels of the look.
        y: its top edge.
        rgb: (height, width, 3) uint8.
        inner: whether there is more picture beyond its left, top, right and bottom edge.
    """

    look: Look
    x: int
    y: int
    rgb: NDArray[np.uint8]
    inner: tuple[bool, bool, bool, bool]


def detect(
    pixels: Pixels,
    looks: Sequence[Look],
    networks: Mapping[str, Network],
    threshold: float,
    workers: int = 1,
    same_iou: float = APART_IOU,
    dark_threshold: float | None = None,
) -> list[Detection]:
    """What the looks together see, best first.

    Args:
        pixels: (height, width, 1 or 3) uint8 or uint16.
        looks: scales and networks.
        networks: by name.
        threshold: least fused score.
        workers: threads that look at tiles at the same time.
        same_iou: boxes that overlap a better one by more than this are the same face.
        dark_threshold: least fused score of small things in the dark; as everywhere if not given.
    """
    rgb = as_rgb8(pixels)

    def run(tile: _Tile) -> Boxes:
        return _in_look(networks[tile.look.network].detect(tile.rgb, tile.look.threshold), tile)

    def needed(boxes: Boxes) -> NDArray[np.floating]:
        if dark_threshold is None:
            return np.full(len(boxes), threshold)
        return least_scores(rgb, boxes, threshold, dark_threshold)

    with ThreadPoolExecutor(workers) as pool:
        # Handed over one by one: the first tiles are looked at while the next are cut.
        running = [(look, pool.submit(run, tile)) for look in looks for tile in _tiles(rgb, look)]
        found = [(look, future.result()) for look, future in running]
    kinds = dict.fromkeys(networks[look.network].kind for look in looks)
    detections = []
    for kind in kinds:
        group = [look for look in looks if networks[look.network].kind is kind]
        whole = [(look, _whole(look, [boxes for of, boxes in found if of is look], rgb)) for look in group]
        seen = [Seen(boxes, look, needed(boxes)) for look, boxes in whole]
        detections += [
            Detection(Box(*map(float, row[:4])), float(min(1.0, row[4])), kind, int(row[5]))
            for row in fuse(seen, same_iou)
        ]
    return sorted(detections, key=lambda detection: -detection.score)


def as_rgb8(pixels: Pixels) -> NDArray[np.uint8]:
    """What the networks look at: (height, width, 3) uint8."""
    eight = (pixels >> 8).astype(np.uint8) if pixels.dtype == np.uint16 else pixels.astype(np.uint8, copy=False)
    return np.repeat(eight, 3, axis=2) if eight.shape[2] == 1 else eight


def rgb_of(frame: YuvFrame) -> NDArray[np.uint8]:
    """What the networks look at in a frame of a film, (height, width, 3) uint8; the exact matrix does not matter."""
    y, u, v = frame.planes
    if u.shape == y.shape:
        whole = cv2.merge([y, v, u])
        return np.asarray(cv2.cvtColor(whole, cv2.COLOR_YCrCb2RGB), np.uint8)
    packed = np.concatenate([y.reshape(-1), u.reshape(-1), v.reshape(-1)]).reshape(-1, y.shape[1])
    return np.asarray(cv2.cvtColor(packed, cv2.COLOR_YUV2RGB_I420), np.uint8)


def _tiles(rgb: NDArray[np.uint8], look: Look) -> Iterator[_Tile]:
    """The picture as a look sees it, cut into tiles; the last ones are filled up with black."""
    width, height = _size(rgb, look)
    image = rgb
    if (height, width) != rgb.shape[:2]:
        way = cv2.INTER_AREA if look.scale < 1 else cv2.INTER_LINEAR
        image = np.asarray(cv2.resize(rgb, (width, height), interpolation=way), np.uint8)
    if look.is_brightened:
        image = brightened(image)
    for y, rows in tiles(height, look.tile_px):
        for x, columns in tiles(width, look.tile_px):
            part = image[y : y + rows, x : x + columns]
            bottom, right = rows - part.shape[0], columns - part.shape[1]
            if bottom or right:
                part = np.asarray(cv2.copyMakeBorder(part, 0, bottom, 0, right, cv2.BORDER_CONSTANT), np.uint8)
            yield _Tile(look, x, y, part, inner=(x > 0, y > 0, x + columns < width, y + rows < height))


def _in_look(boxes: Boxes, tile: _Tile) -> Boxes:
    """Boxes of a tile in pixels of the look; what the tile's edge cuts, and a neighbour sees whole, counts for less."""
    height, width = tile.rgb.shape[:2]
    x0, y0, x1, y1 = boxes[:, :4].T
    room = OVERLAP_PX - CUT_PX
    left, top, right, bottom = tile.inner
    cut = (left & (x0 < CUT_PX) & (x1 < room)) | (right & (x1 > width - CUT_PX) & (x0 > width - room))
    cut |= (top & (y0 < CUT_PX) & (y1 < room)) | (bottom & (y1 > height - CUT_PX) & (y0 > height - room))
    moved = boxes + np.array([tile.x, tile.y, tile.x, tile.y, 0], boxes.dtype)
    moved[:, 4] *= np.where(cut, CUT_WEIGHT, 1)
    # What is too faint now must not count as agreeing with what the neighbour saw.
    return moved[moved[:, 4] >= tile.look.threshold]


def _size(rgb: NDArray[np.uint8], look: Look) -> tuple[int, int]:
    return max(1, round(rgb.shape[1] * look.scale)), max(1, round(rgb.shape[0] * look.scale))


def _whole(look: Look, found: Sequence[Boxes], rgb: NDArray[np.uint8]) -> Boxes:
    """What a look saw in all its tiles, in pixels of the picture, each thing once."""
    height, width = rgb.shape[:2]
    columns, rows = _size(rgb, look)
    boxes = np.concatenate(found) * np.array([width / columns, height / rows] * 2 + [look.weight])
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    near = (x >= -OUTSIDE_PX) & (y >= -OUTSIDE_PX) & (x <= width + OUTSIDE_PX) & (y <= height + OUTSIDE_PX)
    boxes = boxes[near]
    return np.asarray(boxes[suppress(boxes[:, :4], boxes[:, 4], SAME_IOU)])
