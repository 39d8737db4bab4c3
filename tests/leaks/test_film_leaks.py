"""Law 2 and law 3 for films: what was covered takes no part in the output, and nothing but the picture is in it."""

from __future__ import annotations

from pathlib import Path

import av
import pytest
from films import Extras, film
from hypothesis import given, settings
from hypothesis import strategies as st
from planes import noise, other_under
from scenes import background

from kerchief import Tools, redact
from kerchief.choices import Margin
from kerchief.cover.mask import film_mask
from kerchief.cover.mosaic import Mosaics
from kerchief.cover.planes import paint_planes
from kerchief.geometry import Grid
from kerchief.media.films.record import write_film
from kerchief.metadata import inspect
from kerchief.plan.model import Region, Style, StyleName
from kerchief.ports import Colour, MediaInfo, MediaKind, YuvFrame

ERASING = (Style(), Style(name=StyleName.SOLID, colour="#c04080"))
COSMETIC = (Style(name=StyleName.PIXELATE), Style(name=StyleName.BLUR))
GRID = Grid(16)


def info_of(width: int, height: int) -> MediaInfo:
    return MediaInfo(
        "film", MediaKind.VIDEO, width, height, 3, (1, 600), 1, None, "0" * 64, 1, has_alpha=False, bits=8, rate=(30, 1)
    )


def clip(width: int, height: int, seed: int) -> list[YuvFrame]:
    """Three frames of noise that moves."""
    return [noise(width, height, 3 * seed + number, 20 * number) for number in range(3)]


def others_under(frames: list[YuvFrame], region: Region) -> list[YuvFrame]:
    """The frames with everything under the mask replaced."""
    mask = film_mask([region], frames[0].width, frames[0].height, GRID, Margin.STANDARD)
    return [other_under(frame, mask, 50 + number) for number, frame in enumerate(frames)]


def written(frames: list[YuvFrame], region: Region, style: Style, path: Path) -> bytes:
    mosaics = Mosaics()
    painted = (paint_planes(frame, {"a": region}, GRID, Margin.STANDARD, style, Colour(), mosaics) for frame in frames)
    write_film(path, painted, info_of(frames[0].width, frames[0].height), 90)
    return path.read_bytes()


@pytest.mark.parametrize("style", ERASING, ids=str)
@settings(max_examples=8)
@given(
    size=st.sampled_from([(160, 128), (161, 127), (128, 130)]),
    at=st.tuples(st.floats(-20, 120), st.floats(-20, 90)),
    head=st.tuples(st.floats(10, 90), st.floats(10, 90)),
)
def test_what_is_under_the_mask_does_not_change_a_byte(style, size, at, head, tmp_path_factory) -> None:
    folder = tmp_path_factory.mktemp("films")
    region = Region(x=at[0], y=at[1], width=head[0], height=head[1])
    frames = clip(*size, seed=1)
    others = others_under(frames, region)
    assert written(frames, region, style, folder / "a.mp4") == written(others, region, style, folder / "b.mp4")


@pytest.mark.parametrize("style", COSMETIC, ids=str)
def test_the_cosmetic_styles_do_tell(style: Style, tmp_path: Path) -> None:
    region = Region(x=40, y=30, width=60, height=70)
    frames = clip(160, 128, seed=1)
    others = others_under(frames, region)
    assert written(frames, region, style, tmp_path / "a.mp4") != written(others, region, style, tmp_path / "b.mp4")


def test_two_runs_write_the_same_bytes(tmp_path: Path) -> None:
    region, frames = Region(x=40, y=30, width=60, height=70), clip(160, 128, seed=2)
    assert written(frames, region, Style(), tmp_path / "a.mp4") == written(frames, region, Style(), tmp_path / "b.mp4")


def test_nothing_but_the_picture_is_in_the_copy(tmp_path: Path, tools: Tools) -> None:
    extras = Extras(
        sound=True,
        subtitles=True,
        tags=(("title", "at Jane's"), ("location", "+48.2-016.3/"), ("comment", "x")),
        chapters=("home", "street"),
    )
    source = film(tmp_path / "a.mp4", [background(160, 120, seed) for seed in range(8)], extras=extras)
    assert inspect(source.read_bytes())
    outcome = redact(source, tools=tools)
    data = outcome.output.read_bytes()
    assert inspect(data) == ()
    for secret in (b"x264", b"Jane", b"+48.2", b"Lavf6", b"Lavc"):
        assert secret not in data
    with av.open(str(outcome.output)) as copy:
        assert [stream.type for stream in copy.streams] == ["video"]
        assert not copy.metadata.keys() - {"major_brand", "minor_version", "compatible_brands"}
        assert not copy.chapters()
    said = " ".join(outcome.receipt.applied.removed)
    assert "sound" in said
    assert "tags" in said


def test_an_encoders_message_is_found(tmp_path: Path) -> None:
    source = film(tmp_path / "a.mp4", [background(160, 120, seed) for seed in range(3)])
    assert b"x264" in source.read_bytes()
    assert any(finding.where == "AVC message" for finding in inspect(source.read_bytes()))
