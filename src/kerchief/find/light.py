"""Brings dark parts of a picture to the light that the networks were trained in.

A network's scores are lower where contrast is low, in bad light and on dark skin in it, by no fault of the face.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

#: Local mean luma (of 255) that dark places are brought to, and the most by which they are multiplied. Of the values
#: tried on made scenes (docs/bias.md) the ones with the fewest exposed faces at the same over-cover.
TARGET, MOST_GAIN = 140.0, 6.0
#: "Local": standard deviation in pixels of the Gaussian that weighs the mean. Narrow, so that a dark face before a
#: bright wall is brightened too.
LOCAL_PX = 14.0
#: The mean is taken in a picture reduced by this: it is smooth anyway.
REDUCED = 4
#: Gains are whole numbers of this share of 1, so that multiplying stays within bytes.
GAIN_STEPS = 40


def brightened(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture with each place multiplied so that its surroundings' mean luma (BT.601) reaches TARGET.

    Nothing is darkened, and all three channels of a pixel are multiplied alike.

    Args:
        rgb: (height, width, 3) uint8.

    Returns:
        The same shape; what would be above 255 is 255.
    """
    height, width = rgb.shape[:2]
    small = (max(1, width // REDUCED), max(1, height // REDUCED))
    luma = cv2.cvtColor(cv2.resize(rgb, small, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    mean = cv2.GaussianBlur(luma.astype(np.float32), (0, 0), LOCAL_PX / REDUCED)
    gain = np.clip(TARGET / np.maximum(mean, 1), 1, MOST_GAIN)
    steps = cv2.resize(np.rint(gain * GAIN_STEPS).astype(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(rgb, cv2.merge([steps] * 3), scale=1 / GAIN_STEPS), np.uint8)
