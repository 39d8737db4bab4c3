"""Made pictures: a real face at known places on a textured background without any, in any format."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import Any

import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray
from PIL import Image

from kerchief.geometry import Box

Rgb = NDArray[np.uint8]

#: The head in the photograph (rows, columns), and the face in it from brow to chin.
HEAD_ROWS, HEAD_COLUMNS = slice(10, 240), slice(120, 330)
FACE_IN_PHOTOGRAPH = Box(180, 62, 268, 182)
FACE_HEIGHT = 120.0
#: The face within the head's crop.
FACE_IN_CROP = FACE_IN_PHOTOGRAPH.moved(-HEAD_COLUMNS.start, -HEAD_ROWS.start)


@cache
def photograph() -> Rgb:
    """The astronaut, (512, 512, 3) uint8."""
    return np.asarray(skimage.data.astronaut(), np.uint8)


def background(width: int, height: int, seed: int = 7) -> Rgb:
    """Smooth coloured noise: texture, and nothing that looks like a face."""
    random = np.random.default_rng(seed)
    coarse = random.integers(70, 180, (height // 64 + 2, width // 64 + 2, 3), np.uint8)
    smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC).astype(np.int16)
    grain = random.integers(-4, 5, (height, width, 1), np.int16)
    return np.clip(smooth + grain, 0, 255).astype(np.uint8)


def scene(
    width: int, height: int, faces: Sequence[tuple[float, float, float]] = (), seed: int = 7
) -> tuple[Rgb, list[Box]]:
    """A picture with the same real face at several places.

    Args:
        width: picture width in pixels.
        height: picture height in pixels.
        faces: (x, y, side): top left corner of each face and its height from brow to chin, in pixels; the head may
            reach beyond the picture.
        seed: of the background.

    Returns:
        (height, width, 3) uint8 RGB, and the box of each face.
    """
    picture = background(width, height, seed)
    boxes = []
    for x, y, side in faces:
        scale = side / FACE_HEIGHT
        left, top = round(x - FACE_IN_CROP.x0 * scale), round(y - FACE_IN_CROP.y0 * scale)
        head = photograph()[HEAD_ROWS, HEAD_COLUMNS]
        size = (max(1, round(head.shape[1] * scale)), max(1, round(head.shape[0] * scale)))
        _paste(
            picture, cv2.resize(head, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC), left, top
        )
        boxes.append(FACE_IN_CROP.scaled(scale).moved(left, top))
    return picture, boxes


def _paste(picture: Rgb, patch: NDArray[Any], left: int, top: int) -> None:
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(picture.shape[1], left + patch.shape[1]), min(picture.shape[0], top + patch.shape[0])
    if x1 > x0 and y1 > y0:
        picture[y0:y1, x0:x1] = patch[y0 - top : y1 - top, x0 - left : x1 - left]


def saved(array: NDArray[Any] | Image.Image, form: str, **options: Any) -> bytes:
    """A picture as the bytes of a file.

    Args:
        array: (height, width) or (height, width, channels) uint8, or a Pillow image.
        form: Pillow's name of the format.
        options: for Pillow's writer.
    """
    image = array if isinstance(array, Image.Image) else Image.fromarray(array)
    buffer = BytesIO()
    image.save(buffer, format=form, **options)
    return buffer.getvalue()


def with_orientation(orientation: int) -> bytes:
    """An EXIF block that holds nothing but an orientation."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


def coded(shown: NDArray[Any], orientation: int) -> NDArray[Any]:
    """The coded array that is shown as this one by an EXIF orientation (written apart from the library's own)."""
    turns = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
        8: lambda a: np.rot90(a, -1),
    }
    return np.ascontiguousarray(turns[orientation](shown))
