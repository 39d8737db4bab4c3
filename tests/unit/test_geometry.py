"""Boxes and the coding grid."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scenes import coded

from kerchief.geometry import Box, Grid

numbers = st.floats(-500, 500)
sizes = st.floats(0.5, 300)
boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), numbers, numbers, sizes, sizes)


@pytest.mark.parametrize("ends", [(0, 0, 0, 1), (0, 0, 1, 0), (2, 0, 1, 1), (0, 0, math.nan, 1), (0, 0, 1, math.inf)])
def test_a_box_without_a_positive_finite_area_is_none(ends: tuple[float, ...]) -> None:
    with pytest.raises(ValueError):
        Box(*ends)


@given(boxes, boxes)
def test_overlap_is_symmetric_and_bounded(a: Box, b: Box) -> None:
    assert a.overlap(b) == b.overlap(a)
    assert 0 <= a.overlap(b) <= min(a.area, b.area) * (1 + 1e-9) + 1e-9
    assert 0 <= a.iou(b) <= 1 + 1e-9


@given(boxes)
def test_a_box_is_itself(box: Box) -> None:
    assert box.iou(box) == pytest.approx(1)
    assert box.scaled(2).area == pytest.approx(4 * box.area)
    assert box.moved(3, -4).width == pytest.approx(box.width)


def test_overlap_of_known_boxes() -> None:
    assert Box(0, 0, 10, 10).overlap(Box(5, 5, 15, 15)) == 25
    assert Box(0, 0, 10, 10).iou(Box(5, 0, 15, 10)) == pytest.approx(50 / 150)
    assert Box(0, 0, 10, 10).overlap(Box(10, 0, 20, 10)) == 0
    assert Box(0, 0, 10, 10).grow(1, 2, 3, 4) == Box(-1, -2, 13, 14)


@given(boxes, st.integers(1, 400), st.integers(1, 400))
def test_pixels_are_those_that_the_box_touches(box: Box, width: int, height: int) -> None:
    rows, columns = box.pixels(width, height)
    shown = np.zeros((height, width), bool)
    shown[rows, columns] = True
    y, x = np.arange(height), np.arange(width)
    touched_y, touched_x = (y + 1 > box.y0) & (y < box.y1), (x + 1 > box.x0) & (x < box.x1)
    assert np.array_equal(shown, touched_y[:, None] & touched_x[None, :])


@given(boxes, st.integers(1, 400), st.integers(1, 400))
def test_clipping_keeps_what_is_inside(box: Box, width: int, height: int) -> None:
    clipped = box.clip(width, height)
    inside = box.overlap(Box(0, 0, width, height))
    assert (clipped.area if clipped else 0) == pytest.approx(inside, abs=1e-6)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("size", [(48, 32), (50, 37), (33, 47)])
def test_the_grid_follows_the_coded_blocks(orientation: int, size: tuple[int, int]) -> None:
    """Blocks of 16 px are drawn in the coded picture; where their edges are shown is where the grid must be."""
    width, height = size
    coded_size = (height, width) if orientation < 5 else (width, height)
    rows, columns = np.arange(coded_size[0]) // 16, np.arange(coded_size[1]) // 16
    blocks = rows[:, None] * 100 + columns[None, :]
    # What is shown as the coded numbers: the inverse of coded() is found by numbering the shown pixels.
    places = coded(np.arange(width * height).reshape(height, width), orientation)
    shown = np.empty(width * height, int)
    shown[places.ravel()] = blocks.ravel()
    shown = shown.reshape(height, width)
    grid = Grid.of_coded(16, width, height, orientation)
    x_edges = {x for x in range(1, width) if shown[0, x] != shown[0, x - 1]}
    y_edges = {y for y in range(1, height) if shown[y, 0] != shown[y - 1, 0]}
    assert x_edges == {x for x in range(1, width) if (x - grid.offset_x) % 16 == 0}
    assert y_edges == {y for y in range(1, height) if (y - grid.offset_y) % 16 == 0}


def test_a_grid_needs_a_step() -> None:
    with pytest.raises(ValueError):
        Grid(0)
