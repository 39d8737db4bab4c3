"""Which boxes of two looks can be the same thing; many against many at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kerchief.geometry import Box
from kerchief.ports import Mask

#: Alike: centres nearer than this share of the larger side, and sides that differ by less than this factor.
NEAR, SIZES = 0.6, 1.6


def alike(these: Sequence[Box], those: Sequence[Box], near: float = NEAR) -> Mask:
    """(n, m) bool: whether one of these and one of those can be the same thing in neighbouring looks.

    Args:
        these: n boxes.
        those: m boxes.
        near: how far apart the centres may be, as a share of the larger one's larger side.
    """
    a, b = _arrays(these), _arrays(those)
    ratio = a[:, None, 3] / b[None, :, 3]
    larger = np.maximum(a[:, None, 2:], b[None, :, 2:]).max(axis=2)
    fits: Mask = (_apart(a, b) <= near * larger) & (ratio >= 1 / SIZES) & (ratio <= SIZES)
    return fits


def distances(these: Sequence[Box], those: Sequence[Box]) -> NDArray[np.float64]:
    """(n, m) how far apart the middles are, the larger of x and y, pixels."""
    return _apart(_arrays(these), _arrays(those))


def offset(a: Box, b: Box) -> tuple[float, float]:
    """From the middle of one box to that of another, x and y in pixels."""
    return (b.x0 + b.x1 - a.x0 - a.x1) / 2, (b.y0 + b.y1 - a.y0 - a.y1) / 2


def _arrays(boxes: Sequence[Box]) -> NDArray[np.float64]:
    """(n, 4): middle x and y, width, height."""
    rows = [((b.x0 + b.x1) / 2, (b.y0 + b.y1) / 2, b.width, b.height) for b in boxes]
    return np.array(rows, np.float64).reshape(-1, 4)


def _apart(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, m) how far apart the middles are, the larger of x and y."""
    return np.asarray(np.abs(a[:, None, :2] - b[None, :, :2]).max(axis=2), np.float64)
