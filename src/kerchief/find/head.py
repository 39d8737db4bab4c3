"""From a face to the head that has to be hidden: hair, ears and the line of the jaw identify too."""

from __future__ import annotations

from kerchief.geometry import Box
from kerchief.plan.model import Region, Shape
from kerchief.ports import Detection, RegionKind

#: Growth of a face box on each side, and on top, as shares of its width and height (PRIVACY.md section 2).
SIDE, TOP = 0.3, 0.5


def head_of(face: Box) -> Box:
    """The box of the head around the box of a face; the ellipse inscribed in it holds the whole face box."""
    return face.grow(SIDE * face.width, TOP * face.height, SIDE * face.width, SIDE * face.height)


def region_for(detection: Detection) -> Region:
    """What has to be hidden for a detection: the head's ellipse for a face or a head, the box for all else."""
    if detection.kind in (RegionKind.FACE, RegionKind.HEAD):
        box = head_of(detection.box) if detection.kind is RegionKind.FACE else detection.box
        return Region.from_box(box, Shape.ELLIPSE)
    return Region.from_box(detection.box, Shape.BOX)
