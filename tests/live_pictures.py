"""Pictures of bare faces, for somebody to see what happened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from live_examiner import Bare
from live_film import Film
from live_recording import Received

WHITE = 255


def save_bare(folder: Path, film: Film, received: Sequence[Received], bare: Sequence[Bare], most: int = 40) -> None:
    """Original and received frame side by side, the face that was seen in a box."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, seen in enumerate(bare[:most]):
        original, frame = film.frames[seen.number], received[seen.index]
        size = (original.luma.shape[1], original.luma.shape[0])
        both = [original.luma.copy(), np.asarray(cv2.resize(frame.luma, size), np.uint8)]
        for box in (face.box for face in original.faces if face.person == seen.person):
            for picture in both:
                cv2.rectangle(picture, (int(box.x0), int(box.y0)), (int(box.x1), int(box.y1)), WHITE, 1)
        name = f"{number:03}-frame{seen.number}-person{seen.person}-{seen.score:.2f}-since{seen.since:.2f}.png"
        (folder / name).write_bytes(cv2.imencode(".png", np.hstack(both))[1].tobytes())
