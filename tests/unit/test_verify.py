"""What the look at a copy lets through: what was decided to be shown, and nothing beside it."""

from __future__ import annotations

import numpy as np
import pytest

from kerchief.find.head import region_for
from kerchief.geometry import Box
from kerchief.plan.model import Region, Shape
from kerchief.ports import Detection, RegionKind
from kerchief.prove.verify import bare

WIDTH, HEIGHT = 640, 480


def face(x: float, y: float, side: float = 60, score: float = 0.9) -> Detection:
    return Detection(Box(x, y, x + side, y + 1.3 * side), score)


def around(detection: Detection, by: float) -> Region:
    """A region around the head of a detection, its sides so many times as long."""
    box = region_for(detection).box
    dx, dy = (by - 1) / 2 * box.width, (by - 1) / 2 * box.height
    return Region.from_box(box.grow(dx, dy, dx, dy))


def flagged(found: list[Detection], shown: list[Region], covered: Box | None = None) -> list[Detection]:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    if covered is not None:
        mask[covered.pixels(WIDTH, HEIGHT)] = True
    return list(bare(found, mask, shown))


def test_a_region_that_was_enlarged_shows_nobody() -> None:
    one, two = face(100, 100), face(400, 200)
    everything = Region(shape=Shape.BOX, x=0, y=0, width=WIDTH, height=HEIGHT)
    assert flagged([one, two], [everything]) == [one, two]
    assert flagged([one], [around(one, 2.5)]) == [one]
    assert flagged([one], [around(one, 0.4)]) == [one]


@pytest.mark.parametrize("by", [0.7, 1.0, 1.3, 1.7, 2.0])
def test_a_region_of_about_the_size_of_the_head_shows_it(by: float) -> None:
    one, other = face(100, 100), face(400, 200)
    assert flagged([one, other], [around(one, by)]) == [other]


@pytest.mark.parametrize("shape", Shape)
def test_a_region_that_was_drawn_tight_around_the_face_shows_it(shape: Shape) -> None:
    one = face(100, 100)
    assert flagged([one], [Region.from_box(one.box, shape)]) == []
    turned = Region(shape=shape, x=one.box.x0, y=one.box.y0, width=60, height=78, angle=40)
    assert flagged([one], [turned]) == []


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_in_one_shown_region_the_one_that_fits_it_best_is_shown(first: int) -> None:
    """However sure the network is of each, and whichever comes first."""
    one, beside = face(200, 150, score=0.3), face(255, 150, score=0.99)
    region = around(one, 1.6)
    assert region.hull.overlap(beside.box) >= 0.5 * beside.box.area, "it lies inside too"
    found = [one, beside][first:] + [one, beside][:first]
    assert flagged(found, [region]) == [beside]
    assert flagged(found, [region, around(beside, 1.0)]) == []
    assert flagged([*found, face(500, 300)], [region, around(beside, 1.0)]) == [face(500, 300)]


def test_a_small_face_in_the_region_of_a_large_head_is_not_the_one_that_is_shown() -> None:
    adult, child = face(200, 100, 120), face(250, 180, 25)
    assert flagged([adult, child], [around(adult, 1.0)]) == [child]
    assert flagged([child], [around(adult, 1.0)]) == [child]


def test_two_regions_over_one_head_show_no_neighbour() -> None:
    one, beside = face(200, 150), face(255, 150)
    assert flagged([one, beside], [around(one, 1.0), around(one, 1.1)]) == [beside]


def test_a_head_that_two_looks_saw_is_one() -> None:
    """An own network may see the head where kerchief's own see the face, or the same face a little elsewhere."""
    one = face(200, 150)
    head = Detection(region_for(one).box, 0.8, RegionKind.HEAD)
    for found in ([one, head], [head, one], [one, face(206, 156)]):
        assert flagged(found, [around(one, 1.0)]) == []


def test_what_is_covered_uses_up_no_shown_region() -> None:
    one, beside = face(200, 150), face(255, 150)
    region = around(beside, 1.6)
    assert flagged([one, beside], [region], beside.box.grow(5, 5, 5, 5)) == []


def test_where_nothing_is_shown_all_that_is_uncovered_is_flagged() -> None:
    one, two = face(100, 100), face(400, 200)
    assert flagged([one, two], []) == [one, two]
    assert flagged([one, two], [], two.box) == [one]
