"""pixelate and blur in films: cosmetic, and all the frames of a track tell no more than its first one."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from films import Shown, film, shown, walk
from hypothesis import given, settings
from hypothesis import strategies as st
from planes import noise, on_plane, other_under, same, under
from strategies import numbered

from kerchief import Plan, Settings, Tools, redact
from kerchief.choices import Margin
from kerchief.cover.mask import film_mask
from kerchief.cover.mosaic import Mosaics
from kerchief.cover.paint import paint
from kerchief.cover.planes import paint_planes
from kerchief.geometry import Grid
from kerchief.plan.model import Region, Style, StyleName
from kerchief.plan.query import regions_at
from kerchief.ports import Colour, Frame, Mask, YuvFrame

COSMETIC = (Style(name=StyleName.PIXELATE), Style(name=StyleName.BLUR))
PIXELATE = COSMETIC[0]
GRID = Grid(16)
Regions = dict[str, Region]


def painted(frames: list[YuvFrame], regions: list[Regions], style: Style = PIXELATE) -> list[YuvFrame]:
    mosaics = Mosaics()
    return [
        paint_planes(frame, here, GRID, Margin.STANDARD, style, Colour(), mosaics)
        for frame, here in zip(frames, regions, strict=True)
    ]


def mask_in(frame: YuvFrame, regions: Regions) -> Mask:
    return film_mask(regions.values(), frame.width, frame.height, GRID, Margin.STANDARD)


def moved(region: Region, dx: float, dy: float, scale: float) -> Region:
    return Region(
        shape=region.shape,
        x=region.x + dx,
        y=region.y + dy,
        width=region.width * scale,
        height=region.height * scale,
        angle=region.angle,
    )


@st.composite
def ways(draw: st.DrawFn) -> list[Regions]:
    """Where up to three heads are in six frames; they come, go, grow, cross each other and the border."""
    frames: list[Regions] = [{} for _ in range(6)]
    for number in range(draw(st.integers(1, 3))):
        first = draw(st.integers(0, 3))
        region = Region(
            x=draw(st.floats(-90, 120)),
            y=draw(st.floats(-60, 90)),
            width=draw(st.floats(3, 90)),
            height=draw(st.floats(3, 90)),
            angle=draw(st.just(0.0) | st.floats(-180, 180)),
        )
        for n in range(first, draw(st.integers(first + 1, 6))):
            frames[n][f"head-{number}"] = region
            region = moved(region, draw(st.floats(-20, 20)), draw(st.floats(-9, 9)), draw(st.floats(0.8, 1.25)))
    return frames


def begun_before(frames: list[YuvFrame], regions: list[Regions]) -> list[Regions]:
    """For each frame, its regions of tracks that were painted in an earlier one."""
    begun: set[str] = set()
    found = []
    for frame, here in zip(frames, regions, strict=True):
        found.append({track: region for track, region in here.items() if track in begun})
        begun |= {track for track, region in here.items() if mask_in(frame, {track: region}).any()}
    return found


@pytest.mark.parametrize("style", COSMETIC, ids=str)
@settings(max_examples=60)
@given(regions=ways(), size=st.sampled_from([(128, 96), (127, 97), (130, 94)]), seed=st.integers(10, 99))
def test_what_a_track_covers_after_its_first_frame_takes_no_part(style, regions, size, seed) -> None:
    frames = [noise(*size, number) for number in range(6)]
    later = begun_before(frames, regions)
    others = [
        other_under(f, mask_in(f, known), seed + n) for n, (f, known) in enumerate(zip(frames, later, strict=True))
    ]
    for one, two in zip(painted(frames, regions, style), painted(others, regions, style), strict=True):
        assert all(same(one, two))


@pytest.mark.parametrize("style", COSMETIC, ids=str)
def test_the_first_frame_does_tell(style: Style) -> None:
    """So the test above can fail, and so the label is right."""
    frames, region = [noise(128, 96, number) for number in range(2)], {"a": Region(x=30, y=20, width=50, height=60)}
    dark = [YuvFrame(f.pts, f.duration, (np.zeros_like(f.planes[0]), *f.planes[1:])) for f in frames[:1]]
    one, two = (painted(f, [region] * 2, style) for f in (frames, [*dark, frames[1]]))
    assert not np.array_equal(one[1].planes[0], two[1].planes[0])


def test_a_head_that_moves_grows_and_changes_keeps_its_colours() -> None:
    frames = [noise(320, 240, number) for number in range(8)]
    regions = [{"a": moved(Region(x=20, y=30, width=80, height=100), 11.3 * n, 3 * n, 1.03**n)} for n in range(8)]
    results = painted(frames, regions)
    for number in range(3):
        seen = [
            np.unique(under(result, number, mask_in(result, here)))
            for result, here in zip(results, regions, strict=True)
        ]
        assert 1 < len(seen[0]) <= 16
        assert all(np.array_equal(a, b) for a, b in pairwise(seen))


def test_a_head_that_comes_in_keeps_the_colours_of_its_first_strip() -> None:
    frames = [noise(128, 96, number) for number in range(5)]
    regions = [{"a": Region(x=-58 + 20 * n, y=10, width=60, height=70)} for n in range(5)]
    for result in painted(frames, regions):
        assert len(np.unique(result.planes[0][mask_in(result, regions[-1]) & mask_in(result, regions[0])])) <= 4
    whole = painted(frames, regions)[-1]
    assert len(np.unique(whole.planes[0][mask_in(whole, regions[-1])])) <= 4, "a column of blocks was in the picture"


def test_a_track_that_begins_over_a_covered_head_learns_nothing_of_it() -> None:
    head, inside = Region(x=30, y=15, width=64, height=70), Region(x=45, y=30, width=20, height=24)
    regions = [{"a": head}, {"a": head, "b": inside}]
    frames = [noise(128, 96, number) for number in range(2)]
    results = painted(frames, regions)
    colours = set(np.unique(results[0].planes[0][mask_in(frames[0], regions[0])]))
    assert len(set(np.unique(results[1].planes[0][mask_in(frames[1], regions[1])])) - colours) <= 16
    others = [frames[0], other_under(frames[1], mask_in(frames[1], {"a": head}), 9)]
    assert np.array_equal(results[1].planes[0], painted(others, regions)[1].planes[0])


@pytest.mark.parametrize("margin", Margin)
@pytest.mark.parametrize("width", [5.0, 47.0, 48.0, 80.0])
def test_the_blocks_reach_as_far_as_the_mask(width: float, margin: Margin) -> None:
    """A rim between blocks and mask would show what it covers."""
    for offset in range(16):
        region = {"a": Region(x=90.4 + offset, y=80.7 + offset, width=width, height=width * 1.2)}
        frame = noise(300, 280, 1)
        bright = [
            np.where(on_plane(mask_in_with(frame, region, margin), p.shape), 200, 10).astype(np.uint8)
            for p in frame.planes
        ]
        frame = YuvFrame(0, 1, (bright[0], bright[1], bright[2]))
        mosaics = Mosaics()
        for number in range(3):
            mosaics._colours[number, "a"] = np.full((4, 4, 1), 50, np.uint8)
        result = paint_planes(frame, region, GRID, margin, PIXELATE, Colour(), mosaics)
        assert all(set(np.unique(plane)) == {10, 50} for plane in result.planes)


def mask_in_with(frame: YuvFrame, regions: Regions, margin: Margin) -> Mask:
    return film_mask(regions.values(), frame.width, frame.height, GRID, margin)


@pytest.mark.parametrize("style", COSMETIC, ids=str)
def test_animations_keep_the_colours_too(style: Style) -> None:
    random = np.random.default_rng(3)
    frames = [Frame(n, 1, random.integers(0, 256, (96, 128, 3), np.uint8)) for n in range(2)]
    regions, mosaics = numbered([Region(x=30, y=20, width=50, height=60)]), Mosaics()
    (one, mask), (two, _) = (paint(f, regions, GRID, Margin.STANDARD, style, mosaics) for f in frames)
    inner = np.zeros_like(mask)
    inner[44:56, 48:62] = True  # where a blur takes nothing from what is beside the mask
    if style is PIXELATE:
        assert np.array_equal(one.pixels[mask], two.pixels[mask])
    alone, _ = paint(frames[1], regions, GRID, Margin.STANDARD, style)
    assert not np.array_equal(two.pixels[inner], alone.pixels[inner])


def test_a_published_film_shows_one_mosaic(tmp_path: Path) -> None:
    """A face that moves and gets darker from frame to frame, found, covered and written as users get it."""
    pictures, faces = walk(480, 320, [(60 + 11 * n, 120) for n in range(24)], 70)
    for n, (picture, face) in enumerate(zip(pictures, faces, strict=True)):
        rows, columns = face.pixels(480, 320)
        picture[rows, columns] = (picture[rows, columns] * (1 - 0.02 * n)).astype(np.uint8)
    source = film(tmp_path / "a.mp4", pictures)
    with Tools(Settings(style=PIXELATE)) as tools:
        outcome = redact(source, tools=tools)
    assert len(outcome.plan.tracks) == 1, "the test would prove nothing"
    assert not outcome.receipt.applied.erases
    before, after = (
        np.array([inner_blocks(f, outcome.plan) for f in shown(path)]) for path in (source, outcome.output)
    )
    assert np.ptp(before, axis=0).max() > 50, "the face itself changes"
    assert np.ptp(after, axis=0).max() <= 8


def inner_blocks(frame: Shown, plan: Plan) -> list[float]:
    """Mean luminance in the middle of the four blocks around the middle of the only head."""
    (region,) = regions_at(plan, frame.pts)
    places = [(region.y + region.height * r / 8, region.x + region.width * c / 8) for r in (3, 5) for c in (3, 5)]
    return [frame.rgb[round(y) - 3 : round(y) + 3, round(x) - 3 : round(x) + 3].mean() for y, x in places]
