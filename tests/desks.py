"""Made files to review, whose truth is known: who is in them, and whom no network finds."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from films import film, walk
from scenes import Rgb, saved, scene

from kerchief import Tools
from kerchief.geometry import Box
from kerchief.pipeline import make_plan
from kerchief.plan.codec import decode, encode
from kerchief.plan.model import Keyframe, Looked, MediaRef, NetworkRef, Plan, Region, Track
from kerchief.ports import MediaKind

WIDTH, HEIGHT = 640, 480
#: Two faces that are found, and one that is not: it is drawn over.
FACES = [(90, 110, 90), (440, 70, 100), (270, 300, 80)]
#: So coarse that no network takes it for a face, and people still see that somebody is there.
CELLS = 7
#: What a plan says of its making that was made by hand.
LOOKED = Looked(frames=1, networks=(NetworkRef(name="none", sha256="0" * 64, threshold=0.5),))


def picture() -> tuple[Rgb, list[Box]]:
    """(480, 640, 3) with three faces; the last one is drawn over, so that it is missed. And where they are."""
    pixels, boxes = scene(WIDTH, HEIGHT, FACES)
    return drawn_over(pixels, boxes[-1]), boxes


def drawn_over(pixels: Rgb, face: Box) -> Rgb:
    """The picture with coarse squares in place of one head."""
    pixels = pixels.copy()
    height, width = pixels.shape[:2]
    x0, y0 = max(0, round(face.x0) - 40), max(0, round(face.y0) - 50)
    x1, y1 = min(width, round(face.x1) + 40), min(height, round(face.y1) + 35)
    head = pixels[y0:y1, x0:x1]
    coarse = cv2.resize(head, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    pixels[y0:y1, x0:x1] = cv2.resize(coarse, head.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    return pixels


def photo(path: Path, pixels: Rgb | None = None) -> Path:
    """A photo as PNG: what is not covered stays what it was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(saved(picture()[0] if pixels is None else pixels, "PNG"))
    return path


def planned(path: Path, tools: Tools, **changed: Any) -> Path:
    """The file, with its plan beside it. ``changed``: of the first track."""
    plan = make_plan(path, tools=tools)
    if changed:
        first, *others = plan.tracks
        plan = plan.model_copy(update={"tracks": (first.model_copy(update=changed), *others)})
    plan_of(path).write_bytes(encode(plan))
    return path


def plan_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.plan.json")


def read(path: Path) -> Plan:
    """The plan that lies beside a file."""
    return decode(plan_of(path).read_bytes())


def clip(path: Path, frames: int = 24) -> tuple[Path, list[Rgb], list[Box]]:
    """A film in which someone who is not found walks past; its pictures, and where the head is in each."""
    at = [(60 + 4.0 * n, 90 + 0.8 * n) for n in range(frames)]
    pictures, boxes = walk(320, 240, at, 60)
    pictures = [drawn_over(one, box) for one, box in zip(pictures, boxes, strict=True)]
    path.parent.mkdir(parents=True, exist_ok=True)
    return film(path, pictures), pictures, boxes


def inside(pixels: Rgb, box: Box, inset: float = 0.0) -> np.ndarray:
    """The pixels in a box, without a share of its sides."""
    dx, dy = inset * box.width, inset * box.height
    rows = slice(round(box.y0 + dy), round(box.y1 - dy))
    return pixels[rows, round(box.x0 + dx) : round(box.x1 - dx)].astype(np.int16)


def many_photos(folder: Path, count: int, size: tuple[int, int] = (1200, 800)) -> Path:
    """A folder of photos with plans beside them: twelve pictures, each file one of its own."""
    width, height = size
    folder.mkdir(parents=True)
    faces = [(width * 0.2, height * 0.2, height * 0.2), (width * 0.6, height * 0.4, height * 0.25)]
    made = [saved(scene(width, height, faces, seed)[0], "JPEG", quality=85) for seed in range(12)]
    for n in range(count):
        data = made[n % len(made)] + n.to_bytes(4, "big")  # after the end of the picture: only the digest differs
        path = folder / f"photo-{n:04}.jpg"
        path.write_bytes(data)
        media = MediaRef(
            sha256=hashlib.sha256(data).hexdigest(),
            size_bytes=len(data),
            kind=MediaKind.PHOTO,
            width=width,
            height=height,
        )
        tracks = tuple(
            Track(id=f"face-{i}", score=0.4, seen=2, keyframes=(Keyframe(pts=0, region=_head(x, y, side)),))
            for i, (x, y, side) in enumerate(faces, 1)
        )
        plan_of(path).write_bytes(encode(Plan(media=media, looked=LOOKED, tracks=tracks)))
    return folder


def long_film(path: Path, frames: int, rate: int, size: tuple[int, int] = (640, 360)) -> Path:
    """A film of so many frames, so many a second; fifty pictures again and again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    width, height = size
    cycle = [scene(width, height, [(0.05 * width + n * width / 80, 0.3 * height, 0.2 * height)])[0] for n in range(50)]
    return film(path, [cycle[n % 50] for n in range(frames)], time_base=Fraction(1, rate))


def crowded(path: Path, frames: int, rate: int, size: tuple[int, int], tracks: int, keyframes: int) -> Path:
    """A long film, with a plan beside it: so many tracks of so many keyframes, half of them doubtful or more."""
    width, height = size
    media = MediaRef(
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        size_bytes=path.stat().st_size,
        kind=MediaKind.VIDEO,
        width=width,
        height=height,
        frames=frames,
        time_base=(1, rate),
        length=frames,
    )
    random = np.random.default_rng(5)
    made = []
    for n in range(tracks):
        first = int(random.integers(0, frames - keyframes))
        x, y = random.uniform(0, 0.9 * width), random.uniform(0, 0.8 * height)
        steps = np.cumsum(random.normal(0, 1, (keyframes, 2)), axis=0)
        places = [_head(x + dx, y + dy, 0.1 * height + 30) for dx, dy in steps.round(2)]
        made.append(
            Track(
                id=f"face-{n + 1}",
                score=0.3 if n % 2 else 0.9,
                seen=9,
                keyframes=tuple(Keyframe(pts=first + i, region=place) for i, place in enumerate(places)),
            )
        )
    plan_of(path).write_bytes(encode(Plan(media=media, looked=LOOKED, tracks=tuple(made))))
    return path


def _head(x: float, y: float, side: float) -> Region:
    return Region(x=round(x - 0.3 * side, 2), y=round(y - 0.5 * side, 2), width=1.4 * side, height=1.8 * side)
