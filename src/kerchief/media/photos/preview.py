"""What a page shows of a picture: JPEG from bare pixels, for the user's own eyes and never published."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def jpeg(rgb: NDArray[np.uint8], quality: int = 85) -> bytes:
    """The bytes of a JPEG.

    Args:
        rgb: (height, width, 3) uint8, sRGB.
        quality: 1 to 100.
    """
    buffer = BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()
