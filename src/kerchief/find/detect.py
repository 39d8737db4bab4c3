"""Looks at one picture by a list of looks and merges what was seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kerchief.find.merge import suppress
from kerchief.find.pyramid import Look
from kerchief.ports import Detection, Network, Pixels


def detect(pixels: Pixels, looks: Sequence[Look], networks: Mapping[str, Network]) -> list[Detection]:
    rgb = as_rgb8(pixels)
    found = []
    for look in looks:
        h, w = rgb.shape[:2]
        small = cv2.resize(rgb, (round(w * look.scale), round(h * look.scale)), interpolation=cv2.INTER_AREA if look.scale < 1 else cv2.INTER_LINEAR)
        for d in networks[look.network].detect(small, look.threshold):
            found.append(Detection(d.box.scaled(1 / look.scale), d.score, d.kind, d.source))
    if not found:
        return []
    boxes = np.array([[d.box.x0, d.box.y0, d.box.x1, d.box.y1] for d in found])
    return [found[k] for k in suppress(boxes, np.array([d.score for d in found]), 0.3)]


def as_rgb8(pixels: Pixels) -> NDArray[np.uint8]:
    """What the networks look at: (height, width, 3) uint8."""
    eight = (pixels >> 8).astype(np.uint8) if pixels.dtype == np.uint16 else pixels.astype(np.uint8, copy=False)
    return np.repeat(eight, 3, axis=2) if eight.shape[2] == 1 else eight
