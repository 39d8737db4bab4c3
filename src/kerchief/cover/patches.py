"""The connected patches of a mask, so that filling costs what is covered and not what the picture is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from kerchief.ports import Mask, Pixels

#: The mask is cut into patches in cells of this side: a 64th of the work, and what lies so near is one patch.
CELL_PX = 8


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
    """The patches of a mask; each masked pixel is in exactly one. What is less than a cell apart may be one patch.

    Args:
        mask: (height, width) bool.
        room: pixels around a patch that its window takes in, as a share of the patch's longer side; at least 8 px.
    """
    height, width = mask.shape
    padded = np.pad(mask, ((0, -height % CELL_PX), (0, -width % CELL_PX)))
    shape = (padded.shape[0] // CELL_PX, CELL_PX, padded.shape[1] // CELL_PX, CELL_PX)
    cells = np.asarray(padded.reshape(shape).any(axis=(1, 3)), np.uint8)
    if not cells.any():
        return
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cells, connectivity=8, ltype=cv2.CV_16U)
    for label in range(1, count):
        x, y, across, down = (int(value) for value in stats[label, :4])
        around = max(1, round(room * max(across, down)))
        y0, x0 = max(0, y - around), max(0, x - around)
        chosen = labels[y0 : y + down + around, x0 : x + across + around] == label
        rows = slice(y0 * CELL_PX, min(height, (y0 + chosen.shape[0]) * CELL_PX))
        columns = slice(x0 * CELL_PX, min(width, (x0 + chosen.shape[1]) * CELL_PX))
        whole = np.repeat(np.repeat(chosen, CELL_PX, axis=0), CELL_PX, axis=1)
        inside = mask[rows, columns] & whole[: rows.stop - rows.start, : columns.stop - columns.start]
        yield Patch(rows, columns, inside)


def put(source: Pixels, where: Mask, target: Pixels) -> None:
    """Copy the pixels of a (height, width, channels) array that a mask chooses over those of another, in place.

    OpenCV does it ten times as fast as numpy's indexing with a mask of fewer dimensions.
    """
    mask = where.view(np.uint8)
    if source.shape[2] == 1:
        cv2.copyTo(source[..., 0], mask, target[..., 0])
    else:
        cv2.copyTo(source, mask, target)
