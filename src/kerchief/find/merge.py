"""One face seen several times becomes one detection."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def suppress(boxes: NDArray[np.floating], scores: NDArray[np.floating], iou: float) -> list[int]:
    """Indices of the boxes that remain, best first (greedy non-maximum suppression).

    Args:
        boxes: (n, 4) x0, y0, x1, y1.
        scores: (n,).
        iou: boxes that overlap a better one by at least this are the same thing.
    """
    order = np.argsort(-scores, kind="stable")
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    kept: list[int] = []
    while order.size:
        best, rest = int(order[0]), order[1:]
        kept.append(best)
        low = np.maximum(boxes[best, :2], boxes[rest, :2])
        high = np.minimum(boxes[best, 2:], boxes[rest, 2:])
        shared = np.clip(high - low, 0, None).prod(axis=1)
        order = rest[shared < iou * (area[best] + area[rest] - shared)]
    return kept
