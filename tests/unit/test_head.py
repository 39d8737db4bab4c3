"""One person is one head, and nobody's head is lost in somebody else's."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kerchief.cover.mask import touched
from kerchief.find.head import head_of, outermost, region_for
from kerchief.geometry import Box
from kerchief.plan.model import Shape
from kerchief.ports import Detection

numbers = st.integers(0, 60)
sizes = st.integers(4, 60)


def covered(detections: list[Detection]) -> np.ndarray:
    window = slice(-40, 200)
    mask = np.zeros((240, 240), bool)
    for detection in detections:
        mask |= touched(region_for(detection).box, Shape.ELLIPSE, window, window)
    return mask


@given(st.lists(st.builds(lambda x, y, w, h: Detection(Box(x, y, x + w, y + h), 0.9), numbers, numbers, sizes, sizes)))
def test_what_is_covered_does_not_shrink(detections: list[Detection]) -> None:
    lost = covered(detections) & ~covered(outermost(detections))
    assert lost.sum() <= 8  # pixels between the points of an outline that is asked


def test_half_a_face_inside_a_face_is_one_head_and_neighbours_are_two() -> None:
    face, half = Detection(Box(100, 100, 180, 200), 0.9), Detection(Box(130, 115, 165, 185), 0.95)
    neighbour = Detection(Box(170, 100, 250, 200), 0.5)
    assert outermost([half, face, neighbour]) == [face, neighbour]


def test_a_head_holds_the_whole_face_box() -> None:
    face = Box(10, 20, 50, 80)
    head = head_of(face)
    centre_x, centre_y = (head.x0 + head.x1) / 2, (head.y0 + head.y1) / 2
    for x, y in ((10, 20), (50, 20), (10, 80), (50, 80)):
        assert (2 * (x - centre_x) / head.width) ** 2 + (2 * (y - centre_y) / head.height) ** 2 <= 1
