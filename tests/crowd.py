"""Made people: one real face, bent into many that a recogniser takes for different ones; several photos of each."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from scenes import FACE_IN_CROP, HEAD_COLUMNS, HEAD_ROWS, Rgb, background, photograph, saved

from kerchief.geometry import Box

SIZE_PX = 260


def head_of_person(person: int) -> Rgb:
    """The astronaut's head with a face of its own: smooth displacements, other proportions, another tone.

    Hair and all else around the face are the same for everyone, so that only a face tells who it is.
    """
    random = np.random.default_rng(100 + person)
    head = photograph()[HEAD_ROWS, HEAD_COLUMNS]
    height, width = head.shape[:2]
    bent = random.normal(0, 9, (2, 5, 4)).astype(np.float32)
    dx, dy = (cv2.resize(field, (width, height), interpolation=cv2.INTER_CUBIC) for field in bent)
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    face = FACE_IN_CROP
    middle_x, middle_y = (face.x0 + face.x1) / 2, (face.y0 + face.y1) / 2
    wide, tall = random.uniform(0.8, 1.25), random.uniform(0.85, 1.2)
    moved_x = middle_x + (x - middle_x) / wide + dx
    moved_y = middle_y + (y - middle_y) / tall + dy
    warped = cv2.remap(head, moved_x, moved_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    toned = np.clip(warped * random.uniform(0.6, 1.3, 3), 0, 255)
    away = ((x - middle_x) / (0.56 * face.width)) ** 2 + ((y - middle_y) / (0.56 * face.height)) ** 2
    own = np.clip((1 - away) / 0.25, 0, 1)[..., None]
    return np.rint(toned * own + head * (1 - own)).astype(np.uint8)


def photo_of(person: int, number: int) -> tuple[Rgb, Box]:
    """A photo: turned a little, in other light, elsewhere, in front of something else. (260, 260, 3), and the face."""
    random = np.random.default_rng(10_000 * person + number)
    picture = background(SIZE_PX, SIZE_PX, seed=1000 * person + number)
    head = head_of_person(person)
    height, width = head.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), random.uniform(-6, 6), 1.0)
    lit = np.clip(
        cv2.warpAffine(head, turn, (width, height), borderMode=cv2.BORDER_REFLECT) * random.uniform(0.8, 1.15), 0, 255
    )
    left, top = (int(v) for v in random.integers(5, 25, 2))
    picture[top : top + height, left : left + width] = lit.astype(np.uint8)[: SIZE_PX - top]
    return picture, FACE_IN_CROP.moved(left, top)


def album(folder: Path, people: int, photos: int) -> Path:
    """A folder with a folder for each person."""
    for person in range(people):
        place = folder / f"p{person:02}"
        place.mkdir(parents=True)
        for number in range(photos):
            (place / f"{number}.jpg").write_bytes(saved(photo_of(person, number)[0], "JPEG", quality=92))
    return folder
