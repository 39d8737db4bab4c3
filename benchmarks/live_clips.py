"""Clips with known truth, as something that can be filmed (tests/live_film.py)."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import av
import cv2
import numpy as np
from live_barcode import strip_height
from live_crowd import Seen
from scenes import Rgb

from kerchief.geometry import Box

#: Pixels of height from which a face counts.
LEAST_PX = 16.0


@dataclass
class Clips:
    """Clips one after the other, again and again, each at its own rate; 16:9, or they are stretched.

    Attributes:
        paths: CLIP.mp4, each with CLIP.tracks.json beside it: {"fps", "width", "tracks": [{"id", "doubtful"?,
            "boxes": {"frame": [x, y, width, height]}}]}.
    """

    paths: list[Path]
    _frames: list[tuple[Rgb, list[tuple[int, Box]], float]] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        for number, path in enumerate(self.paths):
            truth = json.loads(path.with_suffix(".tracks.json").read_text(encoding="utf-8"))
            faces: dict[int, list[tuple[int, Box]]] = defaultdict(list)
            for track in truth["tracks"]:
                for frame, (x, y, w, h) in track["boxes"].items():
                    if not track.get("doubtful"):
                        faces[int(frame)].append((1000 * number + track["id"], Box(x, y, x + w, y + h)))
            with av.open(str(path)) as clip:
                for index, frame in enumerate(clip.decode(video=0)):
                    if index < truth["frames"]:
                        self._frames.append((frame.to_ndarray(format="rgb24"), faces[index], 1 / truth["fps"]))
        self._starts = np.cumsum([0.0, *(seconds for *_, seconds in self._frames)])

    def picture(self, seconds: float, width: int) -> tuple[Rgb, tuple[Seen, ...]]:
        """See ``live_film.Scene``."""
        since = seconds % float(self._starts[-1])
        rgb, faces, _ = self._frames[int(np.searchsorted(self._starts, since + 1e-6)) - 1]
        height = width * 9 // 16
        across, down = width / rgb.shape[1], height / rgb.shape[0]
        way = cv2.INTER_AREA if across < 1 else cv2.INTER_CUBIC
        picture = np.asarray(cv2.resize(rgb, (width, height), interpolation=way), np.uint8)
        boxes = [(who, Box(b.x0 * across, b.y0 * down, b.x1 * across, b.y1 * down)) for who, b in faces]
        lowest = height - strip_height(width)
        seen = [(who, b) for who, b in boxes if b.height >= LEAST_PX and b.y1 <= lowest]
        return picture, tuple(Seen(who, b, 1.0) for who, b in seen)
