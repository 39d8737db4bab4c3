"""A face that is always at hand: can the networks see on this very machine?

A runtime or an instruction set that computes wrongly finds nothing and says nothing (PRIVACY.md section 7 has a case
with an average precision of 0). So every start looks at this drawing, whose place is known, before any photo.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kerchief.errors import WeightsError
from kerchief.geometry import Box
from kerchief.ports import Network

#: The drawing is placed here in a picture of this size.
PICTURE_PX, FACE_PX, AT_PX = 192, 64, 56
#: The face within the drawing, brow to chin and ear to ear, as shares of its side.
FACE = Box(0.27, 0.30, 0.73, 0.86)
LEAST_SCORE, LEAST_IOU = 0.5, 0.4
BACKGROUND, SKIN, HAIR, LIPS = (120, 130, 125), (224, 180, 150), (60, 42, 30), (165, 80, 80)


def picture() -> tuple[NDArray[np.uint8], Box]:
    """The test picture, (192, 192, 3) uint8 RGB, and where its face is."""
    rgb = np.full((PICTURE_PX, PICTURE_PX, 3), BACKGROUND, np.uint8)
    rgb[AT_PX : AT_PX + FACE_PX, AT_PX : AT_PX + FACE_PX] = drawn_face(FACE_PX)
    return rgb, FACE.scaled(FACE_PX).moved(AT_PX, AT_PX)


def check(network: Network) -> float:
    """The score of the drawn face.

    Raises:
        WeightsError: it is not found where it is, or not with confidence.
    """
    rgb, face = picture()
    found = [row[4] for row in network.detect(rgb, LEAST_SCORE) if Box(*map(float, row[:4])).iou(face) >= LEAST_IOU]
    if not found:
        problem = "the network does not find the test face on this machine"
        raise WeightsError(network.name, problem, "Run `kerchief doctor`, and try another version of onnxruntime.")
    return float(max(found))


def drawn_face(side_px: int) -> NDArray[np.uint8]:
    """A frontal face with hair and neck, (side, side, 3) uint8 RGB; drawn large and scaled down."""
    large = 512
    canvas = np.full((large, large, 3), BACKGROUND, np.uint8)

    def at(x: float, y: float) -> tuple[int, int]:
        return int(x * large), int(y * large)

    cv2.ellipse(canvas, at(0.5, 0.48), at(0.31, 0.40), 0, 0, 360, HAIR, -1)
    cv2.rectangle(canvas, at(0.40, 0.75), at(0.60, 0.95), (200, 155, 128), -1)
    cv2.ellipse(canvas, at(0.5, 0.54), at(0.25, 0.34), 0, 0, 360, SKIN, -1)
    for x in (0.395, 0.605):
        cv2.ellipse(canvas, at(x, 0.47), at(0.055, 0.028), 0, 0, 360, (245, 245, 245), -1)
        cv2.circle(canvas, at(x, 0.47), 13, HAIR, -1)
        cv2.ellipse(canvas, at(x, 0.415), at(0.07, 0.018), 0, 180, 360, HAIR, 9)
    cv2.line(canvas, at(0.5, 0.49), at(0.485, 0.60), (190, 140, 112), 8)
    cv2.ellipse(canvas, at(0.5, 0.61), at(0.04, 0.018), 0, 0, 180, (170, 118, 95), 7)
    cv2.ellipse(canvas, at(0.5, 0.71), at(0.095, 0.035), 0, 0, 180, LIPS, -1)
    cv2.line(canvas, at(0.405, 0.71), at(0.595, 0.71), (120, 50, 50), 5)
    y, x = np.mgrid[0:large, 0:large] / large
    light = 1.1 - 0.35 * np.abs(x - 0.42) - 0.25 * np.abs(y - 0.5)
    shaded = np.clip(canvas * light[..., None], 0, 255).astype(np.uint8)
    soft = cv2.GaussianBlur(shaded, (0, 0), 4)
    return np.asarray(cv2.resize(soft, (side_px, side_px), interpolation=cv2.INTER_AREA), np.uint8)
