"""Law 2: what was under the mask can't be told from the output, for it takes no part in it.

Two pictures that differ only under the mask give the same bytes. Through a JPEG source the difference is put in before
the JPEG is made, so that the margin has to hold what the codec spreads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scenes import background, coded, saved, with_orientation
from strategies import numbered

from kerchief import Tools, render
from kerchief.choices import Margin
from kerchief.cover.mask import touched
from kerchief.cover.paint import paint
from kerchief.geometry import Box, Grid
from kerchief.media.limits import Limits
from kerchief.media.photos.encode import SUFFIX, encode
from kerchief.media.photos.still import open_still
from kerchief.plan.model import Keyframe, Looked, MediaRef, Plan, Region, Shape, Style, StyleName, Track
from kerchief.ports import Frame, MediaInfo, MediaKind, Pixels

FORMATS = tuple(SUFFIX)
ERASING = (Style(), Style(name=StyleName.SOLID), Style(name=StyleName.SOLID, colour="#c04080"))
COSMETIC = (Style(name=StyleName.PIXELATE), Style(name=StyleName.BLUR))


def info_of(frame: Frame, form: str) -> MediaInfo:
    bits = frame.pixels.dtype.itemsize * 8
    has_alpha = frame.alpha is not None
    size = (frame.width, frame.height)
    return MediaInfo(form, MediaKind.PHOTO, *size, 1, (1, 1), 1, None, "0" * 64, 1, has_alpha, bits)


def noise(shape: tuple[int, ...], dtype: np.dtype, seed: int) -> Pixels:
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)


def noisy_under(frame: Frame, mask: np.ndarray, seed: int) -> Frame:
    """The frame with all that lies under the mask replaced, transparency too."""
    pixels = np.where(mask[..., None], noise(frame.pixels.shape, frame.pixels.dtype, seed), frame.pixels)
    alpha = frame.alpha
    if alpha is not None:
        alpha = np.where(mask, noise(alpha.shape, alpha.dtype, seed + 1), alpha)
    return replace(frame, pixels=pixels, alpha=alpha)


@st.composite
def regions(draw: st.DrawFn, width: int, height: int) -> list[Region]:
    shapes = st.sampled_from(Shape)
    found = []
    for _ in range(draw(st.integers(1, 3))):
        w, h = draw(st.floats(2, 1.2 * width)), draw(st.floats(2, 1.2 * height))
        x, y = draw(st.floats(-w / 2, width - 2)), draw(st.floats(-h / 2, height - 2))
        angle = draw(st.just(0.0) | st.floats(-180, 180))
        found.append(Region(shape=draw(shapes), x=x, y=y, width=w, height=h, angle=angle))
    return found


@st.composite
def scenes(draw: st.DrawFn) -> tuple[Frame, list[Region], Grid, Margin]:
    width, height = draw(st.integers(8, 190)), draw(st.integers(8, 150))
    seed = draw(st.integers(0, 1000))
    # The decoder gives grey only to what has no alpha.
    channels, has_alpha = draw(st.sampled_from([(1, False), (3, False), (3, True)]))
    pixels = background(width, height, seed)[..., :channels]
    alpha = noise((height, width), np.dtype(np.uint8), seed) if has_alpha else None
    grid = Grid.of_coded(16, width, height, draw(st.integers(1, 8)))
    margin = draw(st.sampled_from(Margin))
    return Frame(0, 0, pixels, alpha), draw(regions(width, height)), grid, margin


@pytest.mark.parametrize("style", ERASING, ids=str)
@settings(max_examples=25)
@given(scene=scenes(), seed=st.integers(0, 1000))
def test_what_lies_under_the_mask_takes_no_part_in_the_output(style: Style, scene, seed: int) -> None:
    frame, hidden, grid, margin = scene
    first, mask = paint(frame, numbered(hidden), grid, margin, style)
    other = noisy_under(frame, mask, seed)
    second, other_mask = paint(other, numbered(hidden), grid, margin, style)

    assert np.array_equal(mask, other_mask)
    for form in FORMATS:
        if form == "jpeg" and frame.alpha is not None:
            continue  # it has no alpha
        one = encode([first], info_of(frame, form))
        two = encode([second], info_of(other, form))
        assert one == two, f"{form} tells what was covered"


@pytest.mark.parametrize("style", ERASING, ids=str)
@pytest.mark.parametrize("form", ["png", "tiff"])
def test_16_bit_output_tells_nothing_either(style: Style, form: str) -> None:
    deep = noise((90, 120, 3), np.dtype(np.uint16), 3)
    frame = Frame(0, 0, deep, noise((90, 120), np.dtype(np.uint16), 4))
    hidden = [Region(x=30.5, y=10, width=55, height=70)]
    first, mask = paint(frame, numbered(hidden), Grid(16), Margin.STANDARD, style)
    second, _ = paint(noisy_under(frame, mask, 9), numbered(hidden), Grid(16), Margin.STANDARD, style)
    assert first.pixels.dtype == np.uint16
    assert encode([first], info_of(frame, form)) == encode([second], info_of(frame, form))


@pytest.mark.parametrize("style", COSMETIC, ids=str)
def test_the_cosmetic_styles_do_tell(style: Style) -> None:
    """So the test above can fail, and so the label is right."""
    frame = Frame(0, 0, background(160, 140))
    hidden = [Region(x=40, y=30, width=70, height=80)]
    first, mask = paint(frame, numbered(hidden), Grid(16), Margin.STANDARD, style)
    second, _ = paint(noisy_under(frame, mask, 5), numbered(hidden), Grid(16), Margin.STANDARD, style)
    assert not style.name.erases
    assert encode([first], info_of(frame, "png")) != encode([second], info_of(frame, "png"))


def jpegs(
    width: int, height: int, region: Region, subsampling: str, orientation: int, quality: int = 90
) -> tuple[bytes, bytes]:
    """Two JPEGs whose pictures differed only within the outline of a region before they were made."""
    plain = background(width, height, 11)
    rows, columns = slice(0, height), slice(0, width)
    inside = touched(region.box, region.shape, rows, columns)
    strange = np.where(inside[..., None], noise(plain.shape, plain.dtype, 12), plain)
    options = {"quality": quality, "subsampling": subsampling, "exif": with_orientation(orientation)}
    one, two = (saved(coded(shown, orientation), "JPEG", **options) for shown in (plain, strange))
    return one, two


def covered(
    data: bytes, hidden: Sequence[Region], margin: Margin, style: Style, step: int | None = None
) -> list[bytes]:
    """What comes out of a JPEG, in a lossless and in its own format. Only a test gives another step of the grid."""
    still = open_still(data, Limits())
    (frame,) = still.frames()
    info = still.info
    media = MediaRef(
        sha256=info.sha256,
        size_bytes=info.size_bytes,
        kind=info.kind,
        width=info.width,
        height=info.height,
        orientation=info.orientation,
    )
    grid = media.grid(frame.width, frame.height) if step is None else Grid(step)
    painted, _ = paint(frame, numbered(hidden), grid, margin, style)
    return [encode([painted], replace(info, format=form)) for form in ("png", "jpeg")]


SOURCES = [(s, o) for s in ("4:2:0", "4:2:2", "4:4:4") for o in (1, 3, 6)]


@pytest.mark.parametrize(("subsampling", "orientation"), SOURCES)
@settings(max_examples=8)
@given(
    size=st.tuples(st.integers(150, 230), st.integers(150, 230)),
    at=st.tuples(st.floats(-20, 110), st.floats(-20, 90)),
    head=st.tuples(st.floats(48, 100), st.floats(48, 120)),
    style=st.sampled_from(ERASING),
)
@example(size=(201, 187), at=(51.0, 44.0), head=(48.0, 60.0), style=ERASING[0])
def test_what_a_jpeg_spread_around_a_head_is_covered_too(
    subsampling: str, orientation: int, size, at, head, style
) -> None:
    region = Region.from_box(Box(*at, at[0] + head[0], at[1] + head[1]))
    if region.width < 48:
        region = region.model_copy(update={"width": 48.0})
    one, two = jpegs(*size, region, subsampling, orientation)
    assert one != two
    assert covered(one, [region], Margin.STANDARD, style) == covered(two, [region], Margin.STANDARD, style)


@pytest.mark.parametrize(("subsampling", "orientation"), SOURCES)
def test_strict_covers_what_a_jpeg_spread_around_a_small_head(subsampling: str, orientation: int) -> None:
    region = Region(x=70.3, y=61.8, width=20, height=26)
    one, two = jpegs(203, 181, region, subsampling, orientation)
    assert covered(one, [region], Margin.STRICT, Style()) == covered(two, [region], Margin.STRICT, Style())


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_without_snapping_a_jpeg_tells(orientation: int) -> None:
    """So the two tests above can fail: the same noise shows where the mask is not snapped to the right grid."""
    small = Region(x=70, y=62, width=30, height=36)
    one, two = jpegs(203, 181, small, "4:2:0", orientation)
    assert covered(one, [small], Margin.STANDARD, Style()) != covered(two, [small], Margin.STANDARD, Style())
    large = Region(x=49, y=49, width=50, height=60)
    one, two = jpegs(203, 181, large, "4:2:0", orientation)
    assert covered(one, [large], Margin.STANDARD, Style(), step=1) != covered(
        two, [large], Margin.STANDARD, Style(), step=1
    )


@pytest.mark.parametrize("style", ERASING, ids=str)
def test_published_files_are_equal_too(style: Style, tmp_path: Path, tools: Tools) -> None:
    """Decoder process, renderer, the look at the output and the disk: nothing on the way looks under the mask."""
    region = Region(x=60.4, y=50.9, width=64, height=80)
    outputs = []
    for name, data in zip(("one", "two"), jpegs(330, 260, region, "4:2:0", 6), strict=True):
        source = tmp_path / f"{name}.jpg"
        source.write_bytes(data)
        info = tools.open(source).info
        media = MediaRef(
            sha256=info.sha256,
            size_bytes=info.size_bytes,
            kind=info.kind,
            width=info.width,
            height=info.height,
            orientation=info.orientation,
        )
        track = Track(id="manual-1", keyframes=(Keyframe(pts=0, region=region),))
        plan = Plan(media=media, looked=Looked(frames=0, networks=()), style=style, tracks=(track,))
        outputs.append(render(source, plan, tools=tools).output.read_bytes())
    assert outputs[0] == outputs[1]
