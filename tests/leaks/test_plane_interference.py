"""Law 2 on the planes of a film: what lies under the mask can't be told from what is painted.

For the luma that is every pixel of the mask; for the colour planes every sample that shares a pixel with it.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from planes import noise, on_plane, other_under, same
from strategies import numbered

from kerchief.choices import Margin
from kerchief.cover.mask import film_mask
from kerchief.cover.mosaic import Mosaics
from kerchief.cover.planes import paint_planes
from kerchief.geometry import Grid
from kerchief.plan.model import Region, Shape, Style, StyleName
from kerchief.ports import Colour, YuvFrame

ERASING = (Style(), Style(name=StyleName.SOLID), Style(name=StyleName.SOLID, colour="#ff0000"))
COSMETIC = (Style(name=StyleName.PIXELATE), Style(name=StyleName.BLUR))
#: 4:2:0 where both sides are even, 4:4:4 elsewhere.
SIZES = ((96, 80), (130, 94), (97, 64), (64, 97), (101, 99))
COLOURS = (Colour(), Colour(matrix=6), Colour(matrix=9, is_full_range=True))


@st.composite
def heads(draw: st.DrawFn) -> list[Region]:
    """Up to four regions that may be tiny or larger than the picture, cross its border, and lie over each other."""
    floats = st.floats
    return [
        Region(
            shape=draw(st.sampled_from(Shape)),
            x=draw(floats(-150, 130)),
            y=draw(floats(-120, 100)),
            width=draw(floats(0.5, 200)),
            height=draw(floats(0.5, 160)),
            angle=draw(st.just(0.0) | floats(-180, 180)),
        )
        for _ in range(draw(st.integers(1, 4)))
    ]


def pair(
    frame: YuvFrame, regions: list[Region], grid: Grid, margin: Margin, style: Style, colour: Colour, seed: int
) -> tuple[YuvFrame, YuvFrame]:
    """A frame and another that differs only under the mask, painted."""
    mask = film_mask(regions, frame.width, frame.height, grid, margin)
    other = other_under(frame, mask, seed)
    assert same(frame, other) == [not mask.any()] * 3, "the test would prove nothing"
    one, two = (paint_planes(f, numbered(regions), grid, margin, style, colour, Mosaics()) for f in (frame, other))
    return one, two


@pytest.mark.parametrize("style", ERASING, ids=str)
@settings(max_examples=80)
@given(
    size=st.sampled_from(SIZES),
    regions=heads(),
    orientation=st.integers(1, 8),
    margin=st.sampled_from(Margin),
    colour=st.sampled_from(COLOURS),
    seed=st.integers(0, 1000),
)
@example((96, 80), [Region(x=31, y=21, width=20, height=20)], 1, Margin.STANDARD, Colour(), 1)  # an odd edge
@example((96, 80), [Region(x=-9, y=-9, width=400, height=400)], 1, Margin.STANDARD, Colour(), 1)  # all of it
def test_what_lies_under_the_mask_takes_no_part_in_any_plane(
    style: Style, size, regions, orientation: int, margin: Margin, colour: Colour, seed: int
) -> None:
    grid = Grid.of_coded(16, *size, orientation)
    one, two = pair(noise(*size, seed), regions, grid, margin, style, colour, seed + 1)
    assert same(one, two) == [True] * 3


@pytest.mark.parametrize("style", [*ERASING, *COSMETIC], ids=str)
@settings(max_examples=30)
@given(size=st.sampled_from(SIZES), regions=heads(), margin=st.sampled_from(Margin), seed=st.integers(0, 1000))
def test_what_lies_beside_the_mask_keeps_its_very_numbers(style: Style, size, regions, margin, seed: int) -> None:
    frame, grid = noise(*size, seed), Grid(16)
    mask = film_mask(regions, *size, grid, margin)
    painted = paint_planes(frame, numbered(regions), grid, margin, style, Colour(), Mosaics())
    for before, after in zip(frame.planes, painted.planes, strict=True):
        beside = ~on_plane(mask, before.shape)
        assert (before[beside] == after[beside]).all()


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("style", COSMETIC, ids=str)
def test_the_cosmetic_styles_do_tell_on_every_plane(style: Style, size: tuple[int, int]) -> None:
    """So the first test can fail, and so the label is right."""
    regions = [Region(x=20, y=15, width=40, height=44)]
    one, two = pair(noise(*size, 1), regions, Grid(16), Margin.STANDARD, style, Colour(), 2)
    assert same(one, two) == [False] * 3
