"""The plainest recogniser: faces are alike when their pixels are.

Weak on clear faces, and with no idea of what a face is. But what a mosaic leaves are colours of large blocks, which a
network that was trained on faces may overlook and this one can't.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from kerchief.models.align import Point, upright
from kerchief.ports import Embeddings, Landmarks

SIDE_PX = 96
#: Where the eyes lie in a crop of the face, and in one of the face and what is around it.
FACE_EYES = ((32.0, 40.0), (64.0, 40.0))
WIDE_EYES = ((41.6, 40.0), (54.4, 40.0))
#: Cells of a face that are compared.
CELLS = 24


class Pixelwise:
    """Aligned pixels, without their mean and with unit length, behind the Embedder port."""

    #: Lets one in 1,000 clear faces of other people through (150 people of LFW, docs/leaks.md).
    threshold = 0.6

    def __init__(self, name: str = "pixels", eyes: tuple[Point, Point] = FACE_EYES) -> None:
        self.name = name
        self._eyes = eyes

    def embed(self, rgb: NDArray[np.uint8], faces: Sequence[Landmarks]) -> Embeddings:
        """See ``ports.Embedder``: (n, 24 · 24 · 3)."""
        rows = [_row(upright(rgb, face, (SIDE_PX, SIDE_PX), self._eyes)) for face in faces]
        return np.array(rows, np.float32).reshape(len(faces), CELLS * CELLS * 3)


def _row(crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    cells = np.asarray(cv2.resize(crop, (CELLS, CELLS), interpolation=cv2.INTER_AREA), np.float32)
    centred = cells - cells.mean(axis=(0, 1))
    # The light of the day is no part of a face, and one colour everywhere is nothing at all.
    return np.asarray(centred / max(float(np.linalg.norm(centred)), 1.0), np.float32).reshape(-1)


def surroundings() -> Pixelwise:
    """The same for a face and what is around it, two and a half times as wide: what no cover of a face hides."""
    return Pixelwise("surroundings", WIDE_EYES)
