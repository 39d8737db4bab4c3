"""CenterFace (Xu, Yan, Yang, Sun 2019, arXiv 1911.03599): a heat map of face centres at a quarter of the size.

Input: RGB 0 to 255, sides multiples of 32. Outputs, each a map of cells of 4 px: heat (1), log size (2: height, width),
offset of the centre within the cell (2: y, x); the landmarks (10) are not used.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kerchief.models.session import Session
from kerchief.ports import Boxes, RegionKind

STRIDE = 32
CELL_PX = 4


class CenterFace:
    """The network behind the Network port."""

    name = "centerface"
    kind = RegionKind.FACE

    def __init__(self, data: bytes) -> None:
        self._session = Session(self.name, data)
        self._outputs = list(self._session.outputs)[:3]

    def detect(self, rgb: NDArray[np.uint8], threshold: float) -> Boxes:
        """See ``ports.Network``."""
        heat, size, offset = self._session.run(tensor(rgb, STRIDE), self._outputs)
        rows, columns = np.nonzero(heat[0, 0] >= threshold)
        height, width = np.exp(size[0][:, rows, columns]) * CELL_PX
        down, across = offset[0][:, rows, columns]
        # A cell's own middle is half a cell in (as in the authors' decoding).
        y = (rows + down + 0.5) * CELL_PX
        x = (columns + across + 0.5) * CELL_PX
        corners = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        return boxes_of(*corners, heat[0, 0, rows, columns])


def tensor(rgb: NDArray[np.uint8], stride: int, *, is_bgr: bool = False) -> NDArray[np.float32]:
    """The picture as (1, 3, h, w) float32, filled up with black to multiples of the stride at the right and bottom."""
    height, width = rgb.shape[:2]
    bottom, right = -height % stride, -width % stride
    if bottom or right:
        rgb = np.asarray(cv2.copyMakeBorder(rgb, 0, bottom, 0, right, cv2.BORDER_CONSTANT), np.uint8)
    return np.asarray(cv2.dnn.blobFromImage(rgb, swapRB=is_bgr), np.float32)


def boxes_of(*columns: NDArray[np.floating]) -> Boxes:
    """(n, 5) from x0, y0, x1, y1 and scores of (n,) each; what is empty or not finite is dropped."""
    boxes = np.stack(columns, axis=1)
    real = np.isfinite(boxes).all(axis=1) & (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    return boxes[real]
