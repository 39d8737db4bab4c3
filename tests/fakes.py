"""Stand-ins for what is slow or real: a network that finds what a test drew."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kerchief.ports import Boxes, RegionKind


class DrawnFaceNetwork:
    """Finds patches of skin as ``selftest`` draws it: where much of an array has just about that colour."""

    name = "drawn"
    kind = RegionKind.FACE

    def __init__(self, skin: tuple[int, int, int] = (224, 180, 150), score: float = 0.9) -> None:
        self._skin = np.array(skin)
        self._score = score

    def detect(self, rgb: NDArray[np.uint8], threshold: float) -> Boxes:
        """See ``ports.Network``."""
        hit = (abs(rgb.astype(int) - self._skin).max(axis=2) < 40).astype(np.uint8)
        count, _, stats, _ = cv2.connectedComponentsWithStats(hit)
        rows = [(x, y, x + w, y + h, self._score) for x, y, w, h, area in stats[1:count] if area >= 50]
        found = np.array(rows, np.float32).reshape(-1, 5)
        return found[found[:, 4] >= threshold]
