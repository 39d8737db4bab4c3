"""What a page shows of a picture: JPEG from bare pixels, for the user's own eyes and never published.

OpenCV lets go of Python's lock while it encodes, and Pillow does not: a live stream's other threads go on.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray


def jpeg(rgb: NDArray[np.uint8], quality: int = 85) -> bytes:
    """The bytes of a JPEG.

    Args:
        rgb: (height, width, 3) uint8, sRGB.
        quality: 1 to 100.
    """
    _, coded = cv2.imencode(".jpg", cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return coded.tobytes()
