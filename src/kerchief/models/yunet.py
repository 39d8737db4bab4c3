"""YuNet, the 2023 release (Wu, Peng, Yu 2023): anchor-free, three strides.

Input: BGR 0 to 255, sides multiples of 32. For each stride: class and object scores (the score is the root of their
product), box as centre offset in cells and log size; the landmarks are not used.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kerchief.models.centerface import detections, tensor
from kerchief.models.session import Session
from kerchief.ports import Detection

STRIDES = (8, 16, 32)
OUTPUTS = tuple(f"{part}_{stride}" for stride in STRIDES for part in ("cls", "obj", "bbox"))


class YuNet:
    """The network behind the Network port."""

    name = "yunet"

    def __init__(self, data: bytes) -> None:
        self._session = Session(self.name, data)

    def detect(self, rgb: NDArray[np.uint8], threshold: float) -> list[Detection]:
        """See ``ports.Network``."""
        image = tensor(np.ascontiguousarray(rgb[..., ::-1]), STRIDES[-1])
        outputs = self._session.run(image, OUTPUTS)
        columns = image.shape[3]
        levels = [_level(*outputs[3 * k : 3 * k + 3], columns // s, s, threshold) for k, s in enumerate(STRIDES)]
        boxes = np.concatenate([boxes for boxes, _ in levels])
        scores = np.concatenate([scores for _, scores in levels])
        return detections(boxes, scores, self.name)


def _level(
    classes: NDArray[np.float32],
    objects: NDArray[np.float32],
    boxes: NDArray[np.float32],
    columns: int,
    stride: int,
    threshold: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(n, 4) boxes x0, y0, x1, y1 and (n,) scores of one stride."""
    scores = np.sqrt(np.clip(classes[0, :, 0], 0, 1) * np.clip(objects[0, :, 0], 0, 1))
    cells = np.flatnonzero(scores >= threshold)
    row, column = np.divmod(cells, columns)
    across, down, log_width, log_height = boxes[0, cells].T
    x, y = (column + across) * stride, (row + down) * stride
    width, height = np.exp(log_width) * stride, np.exp(log_height) * stride
    corners = np.stack([x - width / 2, y - height / 2, x + width / 2, y + height / 2], axis=1)
    return corners.astype(np.float32), scores[cells]
