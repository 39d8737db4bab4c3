"""From a face to the head that has to be hidden: hair, ears and the line of the jaw identify too."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, sin

from kerchief.geometry import Box
from kerchief.plan.model import Region, Shape
from kerchief.ports import Detection, RegionKind

#: Growth of a face box at the sides, on top and at the bottom, as shares of its width and height (PRIVACY.md section
#: 2; a little more at the bottom, where a mask pulled down makes networks end the face at the mouth).
SIDE, TOP, BOTTOM = 0.3, 0.5, 0.35


def head_of(face: Box) -> Box:
    """The box of the head around the box of a face; the ellipse inscribed in it holds the whole face box."""
    return face.grow(SIDE * face.width, TOP * face.height, SIDE * face.width, BOTTOM * face.height)


def region_for(detection: Detection) -> Region:
    """What has to be hidden for a detection: the head's ellipse for a face or a head, the box for all else."""
    if detection.kind in (RegionKind.FACE, RegionKind.HEAD):
        box = head_of(detection.box) if detection.kind is RegionKind.FACE else detection.box
        return Region.from_box(box, Shape.ELLIPSE)
    return Region.from_box(detection.box, Shape.BOX)


def outermost(detections: Sequence[Detection]) -> list[Detection]:
    """The detections less those whose head lies wholly inside a larger head: the same person, half seen."""
    heads = [region_for(detection).box for detection in detections]
    by_size = sorted(range(len(heads)), key=lambda k: -heads[k].area)
    kept: list[int] = []
    for k in by_size:
        if not any(_is_inside(heads[k], heads[j]) and detections[k].kind is detections[j].kind for j in kept):
            kept.append(k)
    return [detections[k] for k in sorted(kept)]


def _is_inside(inner: Box, outer: Box) -> bool:
    """Whether the ellipse inscribed in one box lies inside that of another (asked at 16 points of its outline)."""
    for step in range(16):
        angle = step * pi / 8
        x = (inner.x0 + inner.x1 + inner.width * cos(angle)) / 2 - (outer.x0 + outer.x1) / 2
        y = (inner.y0 + inner.y1 + inner.height * sin(angle)) / 2 - (outer.y0 + outer.y1) / 2
        if (2 * x / outer.width) ** 2 + (2 * y / outer.height) ** 2 > 1:
            return False
    return True
