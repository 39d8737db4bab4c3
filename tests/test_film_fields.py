"""Interlaced films come out whole, and what is done to the picture is said."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from films import film
from scenes import Rgb, background

from kerchief import Tools, redact
from kerchief.media.films.film import open_film
from kerchief.media.limits import Limits
from kerchief.plan.model import Cut
from kerchief.ports import YuvFrame

COUNT, HEIGHT, WIDTH = 12, 120, 160
TOP, BOTTOM = 0, 1


def bar(field: int) -> Rgb:
    """A bright bar that moves by 3 pixels from one half picture to the next."""
    picture = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    picture[20:100, 10 + 3 * field : 40 + 3 * field] = 200
    return picture


def woven(number: int, first: int) -> Rgb:
    """A frame of two half pictures, of which that of the first lines is shown first."""
    picture = bar(2 * number + 1)
    picture[first::2] = bar(2 * number)[first::2]
    return picture


#: container, encoder, its options, which lines come first as it writes them.
INTERLACED = {
    "h264": ("a.mp4", "libx264", {"x264-params": "bff=1", "crf": "8"}, BOTTOM),
    "mpeg2": ("a.mpg", "mpeg2video", {"flags": "+ildct+ilme", "b": "6M"}, BOTTOM),
    "mpeg4": ("a.mov", "mpeg4", {"flags": "+ildct+ilme", "b": "6M"}, BOTTOM),
    # Only the container says it: no frame does.
    "top first": ("a.mkv", "ffv1", {"field_order": "tt"}, TOP),
}


def made(folder: Path, coding: str, count: int = COUNT) -> Path:
    name, codec, options, first = INTERLACED[coding]
    pictures = [woven(n, first) for n in range(count)]
    return film(folder / name, pictures, time_base=Fraction(1, 25), codec=codec, **options)


def frames_of(path: Path, cut: Cut | None = None) -> list[YuvFrame]:
    return [frame for frame in open_film(path, Limits()).frames(cut or Cut()) if frame is not None]


def combing(luma: np.ndarray) -> float:
    """How far lines differ from those above and below; bars have no such lines."""
    rows = luma[22:98].astype(float)
    return float(abs(rows[1:-1] - (rows[:-2] + rows[2:]) / 2).mean())


def decoded(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


@pytest.mark.parametrize("coding", INTERLACED)
def test_combs_are_gone_and_every_frame_shows_its_first_half(coding: str, tmp_path: Path) -> None:
    source = made(tmp_path, coding)
    raw, whole = decoded(source), frames_of(source)
    assert combing(raw[5].to_ndarray(format="gray")) > 4, "the test would prove nothing"
    assert [frame.pts for frame in whole] == [frame.pts - raw[0].pts for frame in raw]
    for number, frame in enumerate(whole):
        assert combing(frame.planes[0]) < 0.5
        # Luma of limited range.
        seen, truth = frame.planes[0].astype(float), 16 + bar(2 * number)[..., 0] * (219 / 255)
        assert abs(seen - truth).mean() < 1.5, f"frame {number} shows another time"


@pytest.mark.parametrize("count", [1, 2, 3])
def test_short_interlaced_films(count: int, tmp_path: Path) -> None:
    whole = frames_of(made(tmp_path, "h264", count))
    assert len(whole) == count
    assert max(combing(frame.planes[0]) for frame in whole) < 0.5


def test_a_clip_of_an_interlaced_film_is_what_the_whole_shows_then(tmp_path: Path) -> None:
    pictures = [woven(n % COUNT, BOTTOM) for n in range(48)]
    options = {"x264-params": "bff=1", "g": "12"}
    source = film(tmp_path / "a.mp4", pictures, time_base=Fraction(1, 25), **options)
    whole = frames_of(source)
    unit = whole[1].pts
    for start in (5, 12, 13, 30):
        clip = frames_of(source, Cut(start=start * unit, end=(start + 6) * unit))
        assert len(clip) == 6
        for one, two in zip(clip, whole[start : start + 6], strict=True):
            assert np.array_equal(one.planes[0], two.planes[0])


def test_what_is_not_interlaced_is_not_touched(tmp_path: Path) -> None:
    """Though it looks combed."""
    source = film(tmp_path / "a.mp4", [woven(n, TOP) for n in range(COUNT)], crf="8")
    for raw, frame in zip(decoded(source), frames_of(source), strict=True):
        assert np.array_equal(raw.to_ndarray(format="yuv420p")[:HEIGHT], frame.planes[0])
    assert open_film(source, Limits()).info.changes == ()


@pytest.mark.parametrize("coding", INTERLACED)
def test_it_is_said_that_a_film_was_deinterlaced(coding: str, tmp_path: Path, tools: Tools) -> None:
    outcome = redact(made(tmp_path, coding), tools=tools)
    assert outcome.receipt.applied.changes == ("deinterlaced",)
    assert not decoded(outcome.output)[0].interlaced_frame


def deep(path: Path, transfer: int) -> Path:
    """A film of 10 bits a channel."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx265", rate=25, options={"x265-params": "log-level=none"})
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = WIDTH, HEIGHT, "yuv420p10le"
        context.color_trc, context.color_primaries, context.colorspace = transfer, 9, 9
        for number in range(4):
            picture = background(WIDTH, HEIGHT, number)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p10le")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize(("transfer", "name"), [(1, None), (16, "PQ"), (18, "HLG")])
def test_it_is_said_that_depth_and_range_were_reduced(
    transfer: int, name: str | None, tmp_path: Path, tools: Tools
) -> None:
    outcome = redact(deep(tmp_path / "a.mp4", transfer), tools=tools)
    said = outcome.receipt.applied.changes
    assert "reduced to 8 bits a channel" in said
    assert ("high dynamic range kept with 8 bits only" in said) == (name is not None)
    assert decoded(outcome.output)[0].color_trc == transfer
