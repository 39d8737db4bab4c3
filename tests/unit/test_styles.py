"""What each style leaves under the mask, and what it does not touch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import background, photograph

from kerchief.choices import Margin
from kerchief.cover.marks import RIM, mark_film
from kerchief.cover.paint import paint
from kerchief.cover.veil import veil, veil_planes
from kerchief.geometry import Grid
from kerchief.plan.model import MOST_PX, Region, Shape, Style, StyleName
from kerchief.ports import Frame

HEAD = Region(x=150, y=20, width=150, height=190)
STYLES = [Style(name=name) for name in StyleName]


def painted(pixels: np.ndarray, style: Style, region: Region = HEAD, alpha: np.ndarray | None = None):
    frame = Frame(3, 4, pixels, alpha)
    return paint(frame, {"a": region}, Grid(16), Margin.STANDARD, style)


@pytest.mark.parametrize("style", STYLES, ids=str)
def test_only_what_is_under_the_mask_changes(style: Style) -> None:
    before = photograph().copy()
    frame, mask = painted(before, style)
    assert np.array_equal(before, photograph()), "the input was painted on"
    assert np.array_equal(frame.pixels[~mask], before[~mask])
    assert (frame.pixels[mask] != before[mask]).any(axis=1).mean() > 0.9
    assert (frame.pts, frame.duration, frame.alpha) == (3, 4, None)
    assert frame.pixels.dtype == np.uint8


@pytest.mark.parametrize("style", STYLES, ids=str)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_kind_of_array_keeps_its_form(style: Style, channels: int, dtype: type) -> None:
    pixels = background(90, 70)[..., :channels].astype(dtype) * (257 if dtype is np.uint16 else 1)
    pixels = pixels.astype(dtype)
    frame, mask = painted(pixels, style, Region(x=20, y=10, width=30, height=40))
    assert frame.pixels.shape == pixels.shape
    assert frame.pixels.dtype == dtype
    assert np.array_equal(frame.pixels[~mask], pixels[~mask])


@pytest.mark.parametrize("style", STYLES, ids=str)
def test_nothing_to_cover_changes_nothing(style: Style) -> None:
    frame, mask = paint(Frame(0, 0, photograph()), {}, Grid(16), Margin.STANDARD, style)
    assert not mask.any()
    assert np.array_equal(frame.pixels, photograph())


@settings(max_examples=25)
@given(
    low=st.integers(0, 250),
    spread=st.integers(0, 80),
    side=st.integers(12, 330),
    seed=st.integers(0, 99),
)
def test_a_veil_holds_only_colours_of_its_surroundings(low: int, spread: int, side: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    high = min(255, low + spread)
    pixels = random.integers(low, high + 1, (side + 60, side + 40, 3)).astype(np.uint8)
    mask = np.zeros(pixels.shape[:2], bool)
    mask[20 : 20 + side, 20 : 20 + side] = True
    pixels[mask] = random.integers(0, 256, (side * side, 3))
    filled = veil(pixels, mask).astype(int)[mask]
    assert filled.min() >= low - 1
    assert filled.max() <= high + 1


@settings(max_examples=25)
@given(
    low=st.integers(1, 250),
    spread=st.integers(0, 80),
    half=st.integers(6, 165),
    is_subsampled=st.booleans(),
    seed=st.integers(0, 99),
)
def test_a_veil_of_planes_holds_only_colours_of_its_surroundings(
    low: int, spread: int, half: int, is_subsampled: bool, seed: int
) -> None:
    random = np.random.default_rng(seed)
    high = min(255, low + spread)
    masks, planes = [], []
    for step in (1, 2, 2) if is_subsampled else (1, 1, 1):
        mask = np.zeros(((2 * half + 60) // step, (2 * half + 44) // step), bool)
        mask[20 // step : (20 + 2 * half) // step, 22 // step : (22 + 2 * half) // step] = True
        plane = random.integers(low, high + 1, mask.shape).astype(np.uint8)
        plane[mask] = random.choice([0, 255])
        masks.append(mask)
        planes.append(plane)
    filled = veil_planes(planes, masks)
    for before, after, mask in zip(planes, filled, masks, strict=True):
        assert np.array_equal(after[~mask], before[~mask])
        assert after[mask].min() >= low - 2
        assert after[mask].max() <= min(255, high + 2)


def test_where_all_is_covered_a_veil_of_planes_is_grey() -> None:
    planes = [np.full(shape, 9, np.uint8) for shape in ((64, 48), (32, 24), (32, 24))]
    for plane in veil_planes(planes, [np.ones(plane.shape, bool) for plane in planes]):
        assert np.unique(plane).tolist() == [128]


@pytest.mark.parametrize("colour", [0, 60, 255])
def test_a_veil_at_the_border_is_not_greyer_than_what_is_left_beside_it(colour: int) -> None:
    plain = np.full((260, 260, 3), colour, np.uint8)
    mask = np.zeros((260, 260), bool)
    mask[:250, :255] = True
    assert np.unique(veil(plain, mask)).tolist() == [colour]


def test_a_veil_over_one_colour_is_that_colour_and_can_be_seen() -> None:
    plain = np.full((260, 460, 3), 128, np.uint8)
    frame, mask = painted(plain, Style())
    change = frame.pixels.astype(int) - plain
    assert (change[mask] != 0).any(axis=1).mean() > 0.3, "the picture must not lie: a patch is seen to be one"
    assert abs(change).max() <= round(RIM * 255) + 1


def test_where_all_is_covered_a_veil_is_grey() -> None:
    filled = veil(photograph()[:64, :64], np.ones((64, 64), bool))
    assert np.unique(filled).tolist() == [128]


@pytest.mark.parametrize("side", [60, 150, 330])
def test_pixelate_has_at_most_4_by_4_colours_on_any_head(side: int) -> None:
    frame, mask = painted(photograph(), Style(name=StyleName.PIXELATE), Region(x=100, y=40, width=side, height=side))
    assert 1 < len(np.unique(frame.pixels[mask], axis=0)) <= 16


def test_blur_is_smoother_than_its_blocks() -> None:
    def steps(name: StyleName) -> int:
        frame, _ = painted(photograph(), Style(name=name), Region(shape=Shape.BOX, x=120, y=20, width=180, height=200))
        inner = frame.pixels[40:200, 140:280].astype(int)
        return int(max(abs(np.diff(inner, axis=0)).max(), abs(np.diff(inner, axis=1)).max()))

    assert steps(StyleName.BLUR) <= 4 < 10 < steps(StyleName.PIXELATE)


def test_solid_is_one_colour() -> None:
    style = Style(name=StyleName.SOLID, colour="#10a0ff")
    colour, mask = painted(photograph(), style)
    assert np.unique(colour.pixels[mask], axis=0).tolist() == [[16, 160, 255]]
    deep, mask = painted(photograph().astype(np.uint16) * 257, style)
    assert np.unique(deep.pixels[mask], axis=0).tolist() == [[16 * 257, 160 * 257, 65535]]
    grey, mask = painted(photograph()[..., :1], style)
    assert np.unique(grey.pixels[mask]).tolist() == [round(16 * 0.299 + 160 * 0.587 + 255 * 0.114)]


@pytest.mark.parametrize("style", STYLES, ids=str)
def test_alpha_is_opaque_under_the_mask_and_hidden_colours_are_gone(style: Style) -> None:
    alpha = np.full((512, 512), 200, np.uint8)
    alpha[300:] = 0
    alpha[:100, 200:250] = 0  # the outline of something in the head
    frame, mask = painted(photograph(), style, alpha=alpha)
    assert frame.alpha is not None
    assert (frame.alpha[mask] == 255).all()
    assert np.array_equal(frame.alpha[~mask], alpha[~mask])
    assert not frame.pixels[(frame.alpha == 0)].any()


@pytest.mark.parametrize("angle", [0.0, 37.0])
@pytest.mark.parametrize("shape", Shape)
def test_marks_of_the_largest_region_there_is_are_drawn(shape: Shape, angle: float) -> None:
    """Somebody may have written it into the plan by hand."""
    luma = np.full((90, 120), 100, np.uint8)
    for at in (-MOST_PX, -MOST_PX / 2, 0):
        region = Region(shape=shape, x=at, y=at, width=MOST_PX, height=MOST_PX, angle=angle)
        drawn = mark_film(luma, np.ones(luma.shape, bool), [region])
        assert drawn.shape == luma.shape
        assert abs(drawn.astype(int) - luma).max() <= round(RIM * 255)
