"""CenterFace (Xu, Yan, Yang, Sun 2019, arXiv 1911.03599): a heat map of face centres at a quarter of the size.

Input: RGB 0 to 255, sides multiples of 32. Outputs, each a map of cells of 4 px: heat (1), log size (2: height, width),
offset of the centre within the cell (2: y, x); the landmarks (10) are not used.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kerchief.find.merge import suppress
from kerchief.geometry import Box
from kerchief.models.session import Session
from kerchief.ports import Detection

STRIDE = 32
CELL_PX = 4
SAME_FACE_IOU = 0.3


class CenterFace:
    """The network behind the Network port."""

    name = "centerface"

    def __init__(self, data: bytes) -> None:
        self._session = Session(self.name, data)
        self._outputs = list(self._session.outputs)[:3]

    def detect(self, rgb: NDArray[np.uint8], threshold: float) -> list[Detection]:
        """See ``ports.Network``."""
        heat, size, offset = self._session.run(tensor(rgb, STRIDE), self._outputs)
        rows, columns = np.nonzero(heat[0, 0] >= threshold)
        height, width = np.exp(size[0, :, rows, columns].T) * CELL_PX
        down, across = offset[0, :, rows, columns].T
        # A cell's own middle is half a cell in (as in the authors' decoding).
        y = (rows + down + 0.5) * CELL_PX
        x = (columns + across + 0.5) * CELL_PX
        scores = heat[0, 0, rows, columns]
        boxes = np.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=1)
        return detections(boxes, scores, self.name)


def tensor(rgb: NDArray[np.uint8], stride: int) -> NDArray[np.float32]:
    """The picture as (1, 3, h, w) float32, filled up with black to multiples of the stride at the right and bottom."""
    height, width = rgb.shape[:2]
    bottom, right = -height % stride, -width % stride
    if bottom or right:
        rgb = cv2.copyMakeBorder(rgb, 0, bottom, 0, right, cv2.BORDER_CONSTANT).astype(np.uint8)
    return np.ascontiguousarray(rgb.transpose(2, 0, 1)[None], np.float32)


def detections(boxes: NDArray[np.floating], scores: NDArray[np.floating], name: str) -> list[Detection]:
    """Non-maximum suppression over (n, 4) boxes and (n,) scores, as values of the port; empty boxes are dropped."""
    real = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1]) & np.isfinite(boxes).all(axis=1)
    boxes, scores = boxes[real], scores[real]
    kept = suppress(boxes, scores, SAME_FACE_IOU)
    return [Detection(Box(*map(float, boxes[k])), float(min(1.0, scores[k])), source=name) for k in kept]
