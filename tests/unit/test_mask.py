"""Regions → mask: nothing of a region stays out, to the last row and column, on the grid of the coded picture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerchief.choices import Margin
from kerchief.cover.mask import CHROMA_PX, FILM_STEP, SNAP_FROM_PX, SPREAD_PX, film_mask, is_snapped, mask_of, reach
from kerchief.geometry import Grid
from kerchief.plan.model import Region, Shape


def inside(region: Region, width: int, height: int) -> np.ndarray:
    """Pixels of which a point lies in the region's outline, by sampling 5 × 5 points in each."""
    points = (np.arange(5) + 0.5) / 5
    y = (np.arange(height)[:, None] + points).ravel()
    x = (np.arange(width)[:, None] + points).ravel()
    x, y = (x - region.x - region.width / 2)[None, :], (y - region.y - region.height / 2)[:, None]
    turn = np.radians(region.angle)
    u = (x * np.cos(turn) + y * np.sin(turn)) / (region.width / 2)
    v = (y * np.cos(turn) - x * np.sin(turn)) / (region.height / 2)
    hit = (abs(v) <= 1) & (abs(u) <= 1) if region.shape is Shape.BOX else v**2 + u**2 <= 1
    return hit.reshape(height, 5, width, 5).any(axis=(1, 3))


def snapped(hit: np.ndarray, grid: Grid) -> np.ndarray:
    """Every cell of the grid that holds a hit, whole, and one pixel around it."""
    height, width = hit.shape
    row = (np.arange(height) - grid.offset_y) // grid.step
    column = (np.arange(width) - grid.offset_x) // grid.step
    full = np.zeros_like(hit)
    for y, x in {(row[y], column[x]) for y, x in zip(*np.nonzero(hit), strict=True)}:
        ys, xs = np.flatnonzero(row == y), np.flatnonzero(column == x)
        full[max(0, ys[0] - CHROMA_PX) : ys[-1] + 1 + CHROMA_PX, max(0, xs[0] - CHROMA_PX) : xs[-1] + 1 + CHROMA_PX] = 1
    return full


regions = st.builds(
    Region,
    shape=st.sampled_from(Shape),
    x=st.floats(-90, 150),
    y=st.floats(-90, 150),
    width=st.floats(1, 160),
    height=st.floats(1, 160),
    angle=st.just(0.0) | st.floats(-180, 180),
)
sides = st.integers(1, 150)
grids = st.builds(Grid, st.just(16), st.integers(0, 15), st.integers(0, 15))


@settings(max_examples=100)
@given(regions, sides, sides, grids, st.sampled_from(Margin))
def test_a_mask_holds_its_region_and_its_cells(
    region: Region, width: int, height: int, grid: Grid, margin: Margin
) -> None:
    mask = mask_of([region], width, height, grid, margin)
    hit = inside(region, width, height)
    assert mask.shape == (height, width)
    assert not (hit & ~mask).any(), "a part of the region is bare"
    if is_snapped(region, margin):
        assert not (snapped(hit, grid) & ~mask).any(), "a part of a cell of the coded picture is bare"
    far = reach(region, margin) + 16 + CHROMA_PX + 1
    rows, columns = region.hull.grow(far, far, far, far).pixels(width, height)
    mask[rows, columns] = False
    assert not mask.any(), "the mask reaches further than its rule says"


def test_a_region_is_covered_where_it_is_turned_to() -> None:
    lying = Region(shape=Shape.BOX, x=20, y=45, width=60, height=10)
    standing = lying.model_copy(update={"angle": 90.0})
    masks = [mask_of([one], 100, 100, Grid(16), Margin.STANDARD) for one in (lying, standing)]
    assert not masks[0][22, 50]
    assert masks[1][22, 50]
    assert masks[0][50, 22]
    assert not masks[1][50, 22]


@settings(max_examples=60)
@given(st.lists(regions, max_size=3), sides, sides, grids)
def test_masks_add_up(several: list[Region], width: int, height: int, grid: Grid) -> None:
    together = mask_of(several, width, height, grid, Margin.STANDARD)
    apart = np.zeros((height, width), bool)
    for region in several:
        apart |= mask_of([region], width, height, grid, Margin.STANDARD)
    assert np.array_equal(together, apart)


@settings(max_examples=60)
@given(sides, sides, st.integers(1, 8), st.sampled_from(Margin))
def test_the_last_row_and_column_are_covered(width: int, height: int, orientation: int, margin: Margin) -> None:
    grid = Grid.of_coded(16, width, height, orientation)
    whole = Region(shape=Shape.BOX, x=0, y=0, width=width, height=height)
    assert mask_of([whole], width, height, grid, margin).all()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("x", "y"), [(-40, -40), (150, -40), (-40, 110), (150, 110)])
def test_a_head_cut_by_the_border_is_covered_to_the_border(orientation: int, x: float, y: float) -> None:
    width, height = 201, 163
    region = Region(x=x, y=y, width=90, height=100)
    mask = mask_of([region], width, height, Grid.of_coded(16, width, height, orientation), Margin.STANDARD)
    assert not (inside(region, width, height) & ~mask).any()
    row, column = (0 if y < 0 else height - 1), (0 if x < 0 else width - 1)
    assert mask[row, column]
    assert not mask[height - 1 - row, width - 1 - column]


def test_what_lies_outside_covers_nothing() -> None:
    far = [Region(x=x, y=y, width=80, height=80) for x, y in ((-200, 10), (300, 10), (10, -200), (10, 300))]
    assert not mask_of(far, 100, 100, Grid(16), Margin.STANDARD).any()
    assert not mask_of([], 100, 100, Grid(16), Margin.STANDARD).any()


def test_the_rule_of_the_margin() -> None:
    small, large = (Region(x=0, y=0, width=w, height=9) for w in (SNAP_FROM_PX - 0.01, SNAP_FROM_PX))
    wide = Region(x=0, y=0, width=500, height=9)
    assert not is_snapped(small, Margin.STANDARD)
    assert is_snapped(large, Margin.STANDARD)
    assert is_snapped(small, Margin.STRICT)
    assert reach(small, Margin.STANDARD) == pytest.approx(0.15 * small.width)
    assert reach(wide, Margin.STANDARD) == SPREAD_PX == reach(small, Margin.STRICT)


@settings(max_examples=50)
@given(regions, grids)
def test_strict_covers_at_least_as_much(region: Region, grid: Grid) -> None:
    standard, strict = (mask_of([region], 150, 140, grid, margin) for margin in Margin)
    assert not (standard & ~strict).any()


@settings(max_examples=60)
@given(region=regions, margin=st.sampled_from(Margin), offset=st.integers(0, 15))
def test_in_a_film_what_lies_within_8_px_of_a_region_is_covered(region: Region, margin: Margin, offset: int) -> None:
    width, height = 200, 160
    mask = film_mask([region], width, height, Grid(16, offset, offset), margin)
    by = SPREAD_PX if margin is Margin.STRICT else 8
    width_near, height_near = region.width + 2 * by, region.height + 2 * by
    near = Region(
        shape=region.shape,
        x=region.x - by,
        y=region.y - by,
        width=width_near,
        height=height_near,
        angle=region.angle,
    )
    wanted = inside(near, width, height)
    assert mask[wanted].all()
    if is_snapped(region, margin):
        cells = mask[offset % FILM_STEP :, offset % FILM_STEP :]
        rows, columns = (side // FILM_STEP * FILM_STEP for side in cells.shape)
        whole = cells[:rows, :columns].reshape(rows // FILM_STEP, FILM_STEP, columns // FILM_STEP, FILM_STEP)
        assert (whole.any(axis=(1, 3)) == whole.all(axis=(1, 3))).all(), "a cell of the codec is covered in part"
