"""Faces, brought to one place and size by their eyes, as recognisers expect them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kerchief.ports import Landmarks

Point = tuple[float, float]


def upright(
    rgb: NDArray[np.uint8], landmarks: Landmarks, size: tuple[int, int], eyes: tuple[Point, Point]
) -> NDArray[np.uint8]:
    """A crop in which the centres of the eyes lie where they are wanted: turned, scaled and moved, not sheared.

    Args:
        rgb: (height, width, 3) uint8.
        landmarks: of a face in it.
        size: width and height of the crop, pixels.
        eyes: where the eye on the left of the crop goes, and the one on the right.

    Returns:
        (height, width, 3) uint8; what lies beyond the picture repeats its border.
    """
    matrix = transform(landmarks, eyes)
    # A face that becomes much smaller is reduced first: a warp looks at four pixels only.
    shrink = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if shrink < 0.5:
        rgb = np.asarray(cv2.resize(rgb, None, fx=2 * shrink, fy=2 * shrink, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = matrix.copy()
        matrix[:, :2] /= 2 * shrink
    return np.asarray(
        cv2.warpAffine(rgb, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def transform(landmarks: Landmarks, eyes: tuple[Point, Point]) -> NDArray[np.float64]:
    """(2, 3): pixels of the picture → pixels of the crop. The similarity that is fixed by two points."""
    seen = sorted((complex(*landmarks[pair].mean(axis=0)) for pair in ([0, 1], [2, 3])), key=lambda point: point.real)
    wanted = [complex(*eye) for eye in eyes]
    apart = seen[1] - seen[0] or complex(1e-3)
    turn = (wanted[1] - wanted[0]) / apart
    move = wanted[0] - turn * seen[0]
    return np.array([[turn.real, -turn.imag, move.real], [turn.imag, turn.real, move.imag]], np.float64)


def moved(landmarks: Landmarks, eyes: tuple[Point, Point]) -> Landmarks:
    """The landmarks as they lie in the crop."""
    matrix = transform(landmarks, eyes)
    return np.asarray(landmarks @ matrix[:, :2].T + matrix[:, 2], np.float32)
