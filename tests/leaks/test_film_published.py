"""Two films that differ only under the mask become the same published file, through everything on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from films import shown
from planes import on_plane, same
from scenes import background

from kerchief import Tools, render
from kerchief.choices import Codec, Margin
from kerchief.cover.mask import film_mask
from kerchief.plan.model import Keyframe, Looked, MediaRef, Plan, Region, Style, StyleName, Track
from kerchief.plan.query import regions_at
from kerchief.ports import Mask
from kerchief.settings import Settings

COUNT, LAST = 12, 11
#: Where a head goes, by pts: across the picture, growing, and gone in the last frames.
WAY = ((0, Region(x=20.3, y=40.7, width=50, height=61)), (400, Region(x=170, y=70.2, width=72.6, height=90)))
STYLES = [Style(), Style(name=StyleName.SOLID, colour="#c04080")]


def lossless(path: Path, masks: list[Mask], seed: int | None) -> Path:
    """A film that no codec smears, with noise under the masks if there is a seed."""
    height, width = masks[0].shape
    with av.open(str(path), "w", format="matroska") as container:
        stream = container.add_stream("ffv1", rate=25)
        context = stream.codec_context
        context.width, context.height = width, height
        context.pix_fmt = "yuv420p" if width % 2 == 0 and height % 2 == 0 else "yuv444p"
        context.time_base = stream.time_base = Fraction(1, 1000)
        for number, mask in enumerate(masks):
            picture = background(width, height, number)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24").reformat(format=context.pix_fmt)
            if seed is not None:
                random = np.random.default_rng(seed + number)
                for plane in frame.planes:
                    rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
                    step = width // plane.width
                    hidden = on_plane(mask, (height // step, width // step))
                    rows[hidden] ^= random.integers(1, 256, int(hidden.sum()), np.uint8)
            frame.pts, frame.time_base = 40 * number, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def plan_for(source: Path, style: Style, tools: Tools) -> Plan:
    opened = tools.open(source)
    frames = list(tools.film(opened))
    info = opened.info
    media = MediaRef(
        sha256=info.sha256,
        size_bytes=info.size_bytes,
        kind=info.kind,
        width=info.width,
        height=info.height,
        orientation=info.orientation,
        frames=len(frames),
        time_base=info.time_base,
        length=frames[-1].pts + frames[-1].duration,
    )
    keyframes = tuple(Keyframe(pts=pts, region=region) for pts, region in WAY)
    track = Track(id="manual-1", keyframes=keyframes)
    return Plan(media=media, looked=Looked(frames=0, networks=()), style=style, tracks=(track,))


def masks_of(width: int, height: int, plan: Plan) -> list[Mask]:
    grid = plan.media.grid(width, height)
    return [film_mask(regions_at(plan, 40 * n), width, height, grid, Margin.STANDARD) for n in range(COUNT)]


@contextmanager
def coding(codec: Codec, tools: Tools) -> Iterator[Tools]:
    with Tools(Settings(codec=codec), beside=tools) as made:
        yield made


@pytest.mark.parametrize("codec", Codec)
@pytest.mark.parametrize("size", [(320, 240), (321, 241)], ids=["even", "odd"])
@pytest.mark.parametrize("style", STYLES, ids=str)
def test_published_films_are_equal(
    style: Style, size: tuple[int, int], codec: Codec, tmp_path: Path, tools: Tools
) -> None:
    nothing = [np.zeros(size[::-1], bool)] * COUNT
    plain = lossless(tmp_path / "plain.mkv", nothing, None)
    masks = masks_of(*size, plan_for(plain, style, tools))
    assert [mask.any() for mask in masks] == [True] * LAST + [False] * (COUNT - LAST)

    noisy = lossless(tmp_path / "noisy.mkv", masks, 5)
    read = [list(tools.film(tools.open(path))) for path in (plain, noisy)]
    for n, (one, two) in enumerate(zip(*read, strict=True)):
        assert same(one, two) == [not masks[n].any()] * 3, "the test would prove nothing"
        assert masks[n].mean() < 0.6, "there is a picture beside the mask"
    with coding(codec, tools) as coder:
        outputs = [render(path, plan_for(path, style, tools), tools=coder).output for path in (plain, noisy)]
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    written = [frame.rgb for frame in shown(outputs[0])]
    assert len(written) == COUNT
    for n, frame in enumerate(shown(plain)):
        beside = ~masks[n]
        assert abs(written[n][beside].astype(int) - frame.rgb[beside]).mean() < 6, "it is this film that was written"


def test_a_film_of_another_mask_is_another_file(tmp_path: Path, tools: Tools) -> None:
    """So the test above can fail: noise 16 px beyond the mask does show."""
    nothing = [np.zeros((240, 320), bool)] * COUNT
    plain = lossless(tmp_path / "plain.mkv", nothing, None)
    masks = masks_of(320, 240, plan_for(plain, Style(), tools))
    wider = [np.roll(mask, 16, axis=1) | mask for mask in masks]
    noisy = lossless(tmp_path / "noisy.mkv", wider, 5)
    outputs = [render(path, plan_for(path, Style(), tools), tools=tools).output for path in (plain, noisy)]
    assert outputs[0].read_bytes() != outputs[1].read_bytes()
