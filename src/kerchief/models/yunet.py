"""YuNet, the 2023 release (Wu, Peng, Yu 2023): anchor-free, three strides.

Input: BGR 0 to 255, sides multiples of 32. For each stride: class and object scores (the score is the root of their
product), box as centre offset in cells and log size; the landmarks are not used.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kerchief.models.centerface import boxes_of, tensor
from kerchief.models.session import Session
from kerchief.ports import Boxes, RegionKind

STRIDES = (8, 16, 32)
OUTPUTS = tuple(f"{part}_{stride}" for stride in STRIDES for part in ("cls", "obj", "bbox"))


class YuNet:
    """The network behind the Network port."""

    name = "yunet"
    kind = RegionKind.FACE

    def __init__(self, data: bytes) -> None:
        self._session = Session(self.name, data)

    def detect(self, rgb: NDArray[np.uint8], threshold: float) -> Boxes:
        """See ``ports.Network``."""
        image = tensor(rgb, STRIDES[-1], is_bgr=True)
        outputs = self._session.run(image, OUTPUTS)
        width = image.shape[3]
        levels = [_level(outputs[3 * k : 3 * k + 3], width // s, s, threshold) for k, s in enumerate(STRIDES)]
        return np.concatenate(levels)


def _level(
    outputs: Sequence[NDArray[np.float32]],
    columns: int,
    stride: int,
    threshold: float,
) -> Boxes:
    """Candidates of one stride, from its (class, object, box) outputs; ``columns`` is the number of cells in a row."""
    classes, objects, boxes = outputs
    scores = np.sqrt(np.clip(classes[0, :, 0], 0, 1) * np.clip(objects[0, :, 0], 0, 1))
    cells = np.flatnonzero(scores >= threshold)
    row, column = np.divmod(cells, columns)
    across, down, log_width, log_height = boxes[0, cells].T
    x, y = (column + across) * stride, (row + down) * stride
    width, height = np.exp(log_width) * stride, np.exp(log_height) * stride
    return boxes_of(x - width / 2, y - height / 2, x + width / 2, y + height / 2, scores[cells])
