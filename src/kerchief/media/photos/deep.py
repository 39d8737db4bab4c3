"""16 bits a channel in colour: Pillow reads and writes such pictures with 8, OpenCV keeps them."""

from __future__ import annotations

import struct

import numpy as np
from PIL import Image
from PIL.TiffTags import TAGS_V2

from kerchief.ports import Pixels

BITS_PER_SAMPLE = next(tag for tag, info in TAGS_V2.items() if info.name == "BitsPerSample")
PHOTOMETRIC = next(tag for tag, info in TAGS_V2.items() if info.name == "PhotometricInterpretation")
RGB = 2
PNG_HEADER = struct.Struct(">8s4x4sII2B")  # signature, IHDR, width, height, depth, colour type
PNG_COLOUR_16 = (2, 4, 6)


def is_deep(image: Image.Image, data: bytes) -> bool:
    """Whether the file holds 16 bits a channel in colour (or grey with alpha) that OpenCV can read."""
    if image.format == "PNG" and len(data) >= PNG_HEADER.size:
        *_, depth, colour = PNG_HEADER.unpack_from(data)
        return depth == 16 and colour in PNG_COLOUR_16
    if image.format == "TIFF":
        tags = image.tag_v2  # type: ignore[attr-defined]
        return set(tags.get(BITS_PER_SAMPLE, ())) == {16} and tags.get(PHOTOMETRIC) == RGB
    return False


def read_deep(data: bytes) -> tuple[Pixels, Pixels | None] | None:
    """Pixels (height, width, 3) uint16 and alpha, in coded orientation; None where OpenCV can't read the file."""
    import cv2  # only here and when writing: most files never need it, and it takes a while to load

    array = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    if array is None or array.dtype != np.uint16 or array.ndim != 3 or array.shape[2] not in (3, 4):
        return None
    alpha = np.ascontiguousarray(array[..., 3]) if array.shape[2] == 4 else None
    return np.ascontiguousarray(array[..., 2::-1]), alpha


def write_deep(pixels: Pixels, alpha: Pixels | None, suffix: str) -> bytes:
    """A PNG or TIFF with 16 bits a channel and nothing but the picture.

    Args:
        pixels: (height, width, 1 or 3) uint16.
        alpha: (height, width) uint16 or None.
        suffix: ".png" or ".tiff".

    Raises:
        ValueError: OpenCV could not encode it.
    """
    import cv2

    colour = pixels
    if alpha is not None:
        colour = np.dstack([np.repeat(pixels, 3, axis=2) if pixels.shape[2] == 1 else pixels, alpha])
    order = {1: [0], 3: [2, 1, 0], 4: [2, 1, 0, 3]}[colour.shape[2]]
    done, data = cv2.imencode(suffix, np.ascontiguousarray(colour[..., order]))
    if not done:
        raise ValueError("the 16-bit encoder failed")
    return bytes(data)
