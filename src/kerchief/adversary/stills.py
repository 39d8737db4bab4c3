"""Attacks the copy of a photo, or of pages: each face by itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerchief.adversary.arms import Arms
from kerchief.adversary.faces import LEAST_PX, ByRecogniser, Face, embedded, is_among, placed, sure_faces
from kerchief.find.detect import as_rgb8
from kerchief.ports import Landmarks
from kerchief.prove.attack import Attacker
from kerchief.prove.matches import Attacked
from kerchief.tools import Source, Tools

#: Mirrored, one eye's corners are the other's.
MIRRORED = (2, 3, 0, 1, 4)

Rgb = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class _Enrolled:
    """A face of the original, and what recognisers make of it."""

    face: Face
    clear: ByRecogniser


def attack_stills(
    original: Source, copy: Source, tools: Tools, beside: Tools, arms: Arms
) -> tuple[list[Attacked], int]:
    """Every face of every picture in a file.

    Args:
        original: opened with ``tools``.
        copy: opened with ``beside``.
        tools: decoder and networks.
        beside: another decoder.
        arms: the adversary's networks.

    Returns:
        The faces, and how many more are too small.
    """
    attacked: list[Attacked] = []
    too_small = 0
    for before, after in zip(tools.frames(original), beside.frames(copy), strict=False):
        rgb = as_rgb8(before.pixels)
        boxes = [one.box for one in sure_faces(rgb, tools)]
        large = [box for box in boxes if box.height >= LEAST_PX]
        too_small += len(boxes) - len(large)
        faces = [placed(rgb, box, arms) for box in large]
        enrolled = [_Enrolled(face, embedded(rgb, face, arms.recognisers)) for face in faces]
        attacked += _attack(rgb, as_rgb8(after.pixels), enrolled, tools, arms)
    return attacked, too_small


def _attack(before: Rgb, after: Rgb, enrolled: list[_Enrolled], tools: Tools, arms: Arms) -> list[Attacked]:
    """Every enrolled face of one picture."""
    if not enrolled:
        return []
    seen = [one.box for one in sure_faces(after, tools)]
    found = list(arms.opponent.detect(after))
    in_copy = [embedded(after, placed(after, box, arms), arms.recognisers) for box in seen]
    mirrored = np.ascontiguousarray(before[:, ::-1])
    attacked = []
    for one in enrolled:
        informed = embedded(after, one.face, arms.recognisers)
        control = embedded(mirrored, Face(one.face.box, _mirrored(one.face.landmarks, before)), arms.recognisers)
        others = [other.clear for other in enrolled if other is not one]
        matched: dict[tuple[Attacker, str], bool] = {}
        strangers: dict[str, tuple[int, int]] = {}
        for recogniser in arms.recognisers:
            name, limit = recogniser.name, recogniser.threshold
            matched[Attacker.CLEAR, name] = _nearer(one.clear, control, name, limit)
            matched[Attacker.NAIVE, name] = any(_nearer(one.clear, row, name, limit) for row in in_copy)
            matched[Attacker.INFORMED, name] = _nearer(one.clear, informed, name, limit)
            strangers[name] = (sum(_nearer(row, informed, name, limit) for row in others), len(others))
        attacked.append(Attacked(matched, strangers, is_among(one.face.box, seen), is_among(one.face.box, found)))
    return attacked


def _nearer(a: ByRecogniser, b: ByRecogniser, name: str, limit: float) -> bool:
    return float(np.linalg.norm(a[name] - b[name])) < limit


def _mirrored(landmarks: Landmarks, rgb: Rgb) -> Landmarks:
    """Where the landmarks lie in the mirrored picture."""
    turned = landmarks[list(MIRRORED)].copy()
    turned[:, 0] = rgb.shape[1] - 1 - turned[:, 0]
    return turned
