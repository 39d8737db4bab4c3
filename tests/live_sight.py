"""What kerchief's own detector sees in a frame, as it looks at films."""

from __future__ import annotations

import numpy as np
from live_film import Luma

from kerchief.find.detect import detect
from kerchief.find.merge import FILM_SAME_IOU
from kerchief.find.pyramid import FILM_THRESHOLD, film_looks
from kerchief.geometry import Box
from kerchief.models.load import Networks
from kerchief.ports import Detection, Pixels

#: From here on a face is sure.
SURE = 0.5


def faces_in(rgb: Pixels, networks: Networks) -> list[Detection]:
    """What is seen in a picture, (height, width, 3) uint8."""
    looks = film_looks(rgb.shape[1], rgb.shape[0])
    return detect(rgb, looks, networks.by_name, FILM_THRESHOLD, networks.threads, same_iou=FILM_SAME_IOU)


def sure_faces(luma: Luma, networks: Networks) -> list[Box]:
    """What surely looks like a face in a luma, (height, width)."""
    return [face.box for face in faces_in(np.repeat(luma[..., None], 3, axis=2), networks) if face.score >= SURE]
