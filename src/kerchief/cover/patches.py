"""The connected patches of a mask, so that filling costs what is covered and not what the picture is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from kerchief.ports import Mask, Pixels


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A connected part of a mask with some room around it.

    Attributes:
        rows: window rows, with room around the patch.
        columns: window columns, likewise.
        inside: (rows, columns) bool: pixels of this very patch.
    """

    rows: slice
    columns: slice
    inside: Mask


def patches(mask: Mask, room: float) -> Iterator[Patch]:
    """Each 8-connected patch of a mask.

    Args:
        mask: (height, width) bool.
        room: pixels around a patch that its window takes in, as a share of the patch's longer side; at least 8 px.
    """
    if not mask.any():
        return
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8, ltype=cv2.CV_16U)
    for label in range(1, count):
        x, y, width, height = (int(value) for value in stats[label, :4])
        around = max(8, round(room * max(width, height)))
        rows = slice(max(0, y - around), min(mask.shape[0], y + height + around))
        columns = slice(max(0, x - around), min(mask.shape[1], x + width + around))
        yield Patch(rows, columns, labels[rows, columns] == label)


def put(source: Pixels, where: Mask, target: Pixels) -> None:
    """Copy the pixels of a (height, width, channels) array that a mask chooses over those of another, in place.

    OpenCV does it ten times as fast as numpy's indexing with a mask of fewer dimensions.
    """
    chosen = cv2.copyTo(source, where.view(np.uint8), target.copy())
    target[...] = np.asarray(chosen).reshape(target.shape)
