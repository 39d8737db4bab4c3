"""Pictures for the page: they show the file as it is, or covered exactly as rendering covers it."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scenes import background, coded, saved, scene, with_orientation

from kerchief import Tools
from kerchief.choices import Margin
from kerchief.errors import InputRefused
from kerchief.pipeline import covered
from kerchief.plan.model import Cut, Keyframe, Looked, MediaRef, Plan, Region, Shape, Style, StyleName, Track
from kerchief.ports import Frame, MediaKind, RegionKind, YuvFrame
from kerchief.settings import Settings
from kerchief.studio.pictures import Pictures
from kerchief.studio.zoom import Window
from kerchief.tools import Source

WHOLE = (10_000, 10_000)


@pytest.fixture
def pictures() -> Iterator[Pictures]:
    with Pictures() as made:
        yield made


def track(name: str, *keys: tuple[int, float, float, float]) -> Track:
    """A head of a width at a place at each time."""
    frames = tuple(
        Keyframe(pts=pts, region=Region(shape=Shape.ELLIPSE, x=x, y=y, width=side, height=side * 1.25))
        for pts, x, y, side in keys
    )
    return Track(id=name, kind=RegionKind.HEAD, keyframes=frames, score=0.9)


def plan_for(
    source: Source,
    *tracks: Track,
    style: StyleName = StyleName.VEIL,
    frames: int = 1,
    length: int = 0,
    cut: Cut | None = None,
) -> Plan:
    info = source.info
    media = MediaRef(
        sha256=info.sha256, size_bytes=info.size_bytes, kind=info.kind, width=info.width, height=info.height,
        orientation=info.orientation, frames=frames, time_base=info.time_base, length=length, cut=cut,
    )  # fmt: skip
    looked = Looked(frames=frames, networks=())
    return Plan(media=media, looked=looked, style=Style(name=style), margin=Margin.STANDARD, tracks=tracks)


def rgb(jpeg: bytes) -> NDArray[np.int16]:
    with Image.open(BytesIO(jpeg)) as image:
        assert image.format == "JPEG"
        return np.asarray(image).astype(np.int16)


def are_like(jpeg: bytes, picture: NDArray[np.uint8], most: float = 2.5) -> bool:
    """Whether a JPEG shows a picture: it is off by little on average."""
    seen = rgb(jpeg)
    return seen.shape == picture.shape and float(abs(seen - picture).mean()) < most


def rendered(source: Source, plan: Plan, tools: Tools) -> list[Frame | YuvFrame]:
    """What rendering paints, frame by frame."""
    is_film = source.info.kind is MediaKind.VIDEO
    parts = tools.film(source, plan.media.cut) if is_film else tools.frames(source)
    return [part for part in covered(parts, source, plan, Settings()) if isinstance(part, Frame | YuvFrame)]


def test_a_photo_is_shown_as_it_is_and_covered_as_it_will_be(pictures: Pictures, tools: Tools, tmp_path: Path) -> None:
    picture, _ = scene(640, 480, [(250, 150, 120)])
    path = tmp_path / "a.png"
    path.write_bytes(saved(picture, "PNG"))
    source = tools.open(path)
    plan = plan_for(source, track("a", (0, 230, 100, 160)))
    as_it_is = pictures.frame(path, plan, "1", 0, "original", None, WHOLE)
    assert are_like(as_it_is.jpeg, picture)
    assert (as_it_is.width, as_it_is.height, as_it_is.pts) == (640, 480, 0)
    (frame,) = rendered(source, plan, tools)
    assert isinstance(frame, Frame)
    result = pictures.frame(path, plan, "1", 0, "covered", None, WHOLE)
    assert are_like(result.jpeg, frame.pixels)
    assert not are_like(result.jpeg, picture)


@pytest.mark.parametrize("style", StyleName)
def test_what_is_painted_are_the_very_pixels_of_rendering(
    style: StyleName, pictures: Pictures, tools: Tools, tmp_path: Path
) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(saved(coded(scene(644, 482, [(250, 150, 120)])[0], 6), "JPEG", exif=with_orientation(6)))
    source = tools.open(path)
    assert source.info.orientation == 6
    plan = plan_for(source, track("a", (0, 230, 100, 160)), track("b", (0, 20, 20, 60)), style=style)
    (frame,) = rendered(source, plan, tools)
    assert isinstance(frame, Frame)
    still = pictures._still(path, plan, 0)
    assert np.array_equal(pictures._covered_still(path, plan, "1", still).frame.pixels, frame.pixels)


def test_another_revision_is_another_picture(pictures: Pictures, tools: Tools, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(saved(background(320, 240), "PNG"))
    source = tools.open(path)
    one, two = plan_for(source, track("a", (0, 20, 20, 80))), plan_for(source, track("a", (0, 200, 100, 80)))
    first = pictures.frame(path, one, "1", 0, "covered", None, WHOLE).jpeg
    assert pictures.frame(path, one, "1", 0, "covered", None, WHOLE).jpeg == first
    assert pictures.frame(path, two, "2", 0, "covered", None, WHOLE).jpeg != first


@pytest.mark.parametrize("form", ["RGB", "L", "RGBA", "LA", "P", "I;16"])
def test_every_kind_of_pixels_is_shown(form: str, pictures: Pictures, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    picture = Image.fromarray(background(200, 150))
    if form == "I;16":
        grey = np.asarray(picture.convert("L")).astype(np.uint16) * 257
        picture, expected = Image.fromarray(grey), np.asarray(picture.convert("L").convert("RGB"))
    else:
        picture = picture.quantize(256) if form == "P" else picture.convert(form)
        expected = np.asarray(picture.convert("RGB")).copy()
    if form in ("RGBA", "LA"):
        alpha = np.full((150, 200), 255, np.uint8)
        alpha[:, :50], alpha[:, 50:100] = 0, 128
        picture.putalpha(Image.fromarray(alpha))
        share = alpha[..., None] / 255
        expected = np.rint(expected * share + 255 * (1 - share)).astype(np.uint8)
    picture.save(path)
    assert are_like(pictures.frame(path, None, "", 0, "original", None, WHOLE).jpeg, expected, 3)


@pytest.mark.parametrize(
    "window", [(0, 0, 100, 80), (1000.5, 700.25, 300, 200), (1900, 1400, 400, 400), (0, 0, 2003, 1501)]
)
def test_a_window_shows_its_place_in_its_size(window: tuple[float, ...], pictures: Pictures, tmp_path: Path) -> None:
    picture = np.asarray(Image.fromarray(background(250, 188)).resize((2003, 1501), Image.Resampling.BICUBIC))
    path = tmp_path / "a.png"
    path.write_bytes(saved(picture, "PNG"))
    left, top, width, height = window
    shown = pictures.frame(path, None, "", 0, "original", Window(*window), WHOLE)
    right, bottom = min(2003, int(np.ceil(left + width))), min(1501, int(np.ceil(top + height)))
    assert are_like(shown.jpeg, picture[int(top) : bottom, int(left) : right])
    for across, down in ((50, 1000), (1000, 41), (333, 333)):
        small = pictures.frame(path, None, "", 0, "original", Window(*window), (across, down))
        assert small.width <= across
        assert small.height <= down
        assert abs(small.width / small.height - shown.width / shown.height) < 0.05 * shown.width / shown.height
        part = Image.fromarray(picture[int(top) : bottom, int(left) : right])
        reduced = np.asarray(part.resize((small.width, small.height), Image.Resampling.BOX))
        assert are_like(small.jpeg, reduced, 4)


def test_a_window_outside_is_the_whole(pictures: Pictures, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(saved(background(100, 80), "PNG"))
    shown = pictures.frame(path, None, "", 0, "original", Window(500, 0, 10, 10), WHOLE)
    assert (shown.width, shown.height) == (100, 80)


def test_a_photo_that_changes_is_refused_and_not_another_picture(
    pictures: Pictures, tools: Tools, tmp_path: Path
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(saved(background(100, 80), "PNG"))
    plan = plan_for(tools.open(path), track("a", (0, 20, 20, 30)))
    pictures.frame(path, plan, "1", 0, "original", None, WHOLE)
    thumbnail = pictures.thumbnail(path, plan)
    path.write_bytes(saved(background(100, 80, 9), "PNG"))
    for _ in range(2):
        with pytest.raises(InputRefused, match="changed"):
            pictures.frame(path, plan, "1", 0, "covered", None, WHOLE)
        with pytest.raises(InputRefused, match="changed"):
            pictures.thumbnail(path, plan)
        with pytest.raises(InputRefused, match="changed"):
            pictures.face(path, plan, "a")
    path.unlink()
    with pytest.raises(InputRefused, match="can't be read"):
        pictures.frame(path, plan, "1", 0, "original", None, WHOLE)
    path.write_bytes(saved(background(100, 80), "PNG"))
    assert pictures.thumbnail(path, plan) == thumbnail, "the very file is back"


def test_what_is_no_picture_is_refused(pictures: Pictures, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"no picture")
    for _ in range(2):
        with pytest.raises(InputRefused):
            pictures.frame(path, None, "", 0, "original", None, WHOLE)
        with pytest.raises(InputRefused):
            pictures.thumbnail(path, None)
