"""Times, lengths and kinds of coding that cameras write and a simple film does not have."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from films import Extras, film, shown, walk
from scenes import background, scene

from kerchief import Tools, make_plan, redact
from kerchief.cover.mask import film_mask
from kerchief.geometry import Box
from kerchief.pipeline import Outcome
from kerchief.plan.query import regions_at
from kerchief.ports import Detection
from kerchief.prove.verify import covered_share

WIDTH, HEIGHT, SIDE = 400, 300, 64
AT_SIDE = (WIDTH + 100, 0)  # the face is beyond the picture


def least_covered(outcome: Outcome, faces: list[Box]) -> float:
    """The share of the face under the mask in the frame in which it is least; frames without a face do not count."""
    plan, frames = outcome.plan, shown(outcome.output)
    assert len(frames) == len(faces)
    grid = plan.media.grid(WIDTH, HEIGHT)
    shares = []
    for frame, face in zip(frames, faces, strict=True):
        mask = film_mask(regions_at(plan, frame.pts), WIDTH, HEIGHT, grid, plan.margin)
        if face.clip(WIDTH, HEIGHT):
            shares.append(covered_share(Detection(face, 1.0), mask))
    return min(shares)


def numbered(count: int) -> list[np.ndarray]:
    """Pictures that can be told apart: each is brighter than the one before."""
    return [np.full((48, 64, 3), 20 + 9 * number, np.uint8) for number in range(count)]


def brightness(path: Path) -> list[float]:
    return [float(frame.rgb.mean()) for frame in shown(path)]


def test_frames_that_are_coded_out_of_order_come_out_in_order(tmp_path: Path, tools: Tools) -> None:
    """B-frames: the film starts with an edit list, and with times below zero."""
    source = film(tmp_path / "a.mp4", numbered(24), bf="3", preset="medium", **{"x264-params": "b-adapt=0"})
    with av.open(str(source)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.pts is not None]
    assert any(b.pts < a.pts for a, b in pairwise(packets)), "the test would prove nothing"
    output = redact(source, tools=tools).output
    levels = brightness(output)
    assert len(levels) == 24
    assert levels == sorted(levels)
    assert np.allclose(levels, brightness(source), atol=3)
    old, new = shown(source), shown(output)
    assert [f.pts for f in new] == [f.pts - old[0].pts for f in old]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_film_that_starts_late_starts_at_once(name: str, tmp_path: Path, tools: Tools) -> None:
    pts = [5000 + 40 * n for n in range(10)]
    source = film(tmp_path / name, numbered(10), pts, Fraction(1, 1000), 40)
    assert [frame.pts for frame in shown(redact(source, tools=tools).output)] == [40 * n for n in range(10)]


@pytest.mark.parametrize("codec", ["mpeg1video", "mpeg2video"])
@pytest.mark.parametrize("options", [{}, {"bf": "2"}], ids=["in order", "out of order"])
def test_a_stream_that_does_not_time_every_frame_is_read(
    codec: str, options: dict, tmp_path: Path, tools: Tools
) -> None:
    """Packs of 2 kB carry the times, and FFmpeg makes up the others: at times one frame early, or two at once."""
    pictures = [background(160, 120, seed) for seed in range(24)]
    source = film(tmp_path / "a.mpg", pictures, time_base=Fraction(1, 25), codec=codec, **options)
    outcome = redact(source, tools=tools)
    times = [frame.pts for frame in shown(outcome.output)]
    assert len(times) == 24
    assert all(b > a for a, b in pairwise(times))
    assert max(abs(pts - 3600 * n) for n, pts in enumerate(times)) <= 3600


def test_a_long_pause_in_the_film_stays_one(tmp_path: Path, tools: Tools) -> None:
    """Two seconds in which nothing new comes, as screen recorders and phones in the dark write it."""
    pts = [0, 33, 67, 2100, 2133, 2167]
    source = film(tmp_path / "a.mp4", numbered(6), pts, Fraction(1, 1000), 33)
    new = shown(redact(source, tools=tools).output)
    assert [frame.pts for frame in new] == pts
    assert new[-1].duration == 33


def test_uneven_times_do_not_move_the_cover_off_the_face(tmp_path: Path, tools: Tools) -> None:
    """Keyframes are interpolated over time and a face that moves evenly from frame to frame is not even in time."""
    at = [(30 + 10 * n, 110) for n in range(24)]
    steps = np.random.default_rng(1).integers(1, 30, 24)
    pts = [int(t) for t in np.concatenate([[0], np.cumsum(steps[:-1])])]
    pictures, faces = walk(WIDTH, HEIGHT, at, SIDE)
    outcome = redact(film(tmp_path / "a.mp4", pictures, pts, Fraction(1, 600), 20), tools=tools)
    assert [frame.pts for frame in shown(outcome.output)] == pts
    assert least_covered(outcome, faces) >= 0.9


@pytest.mark.parametrize("count", [1, 2, 5])
def test_very_short_films_are_covered_to_the_last_frame(count: int, tmp_path: Path, tools: Tools) -> None:
    pictures, faces = walk(WIDTH, HEIGHT, [(150 + 4 * n, 110) for n in range(count)], SIDE)
    outcome = redact(film(tmp_path / "a.mp4", pictures), tools=tools)
    assert least_covered(outcome, faces) >= 0.9


@pytest.mark.parametrize("first", [1, 3, 4])
def test_who_is_there_from_a_cut_on_is_covered_from_the_cut_on(first: int, tmp_path: Path, tools: Tools) -> None:
    """Wherever the cut lies between two looks."""
    bright = np.clip(background(WIDTH, HEIGHT, 3).astype(int) // 3, 0, 255).astype(np.uint8)
    with_face, (face,) = scene(WIDTH, HEIGHT, [(150, 110, SIDE)])
    pictures = [bright] * (4 + first) + [with_face] * 6
    faces = [Box(*AT_SIDE, AT_SIDE[0] + 1, 1)] * (4 + first) + [face] * 6
    outcome = redact(film(tmp_path / "a.mp4", pictures), tools=tools)
    assert least_covered(outcome, faces) >= 0.9


def test_who_passes_through_quickly_is_covered(tmp_path: Path, tools: Tools) -> None:
    """In view for ten frames; neither at the start nor at the end."""
    at = [AT_SIDE] * 7 + [(-40 + 48 * n, 110) for n in range(10)] + [AT_SIDE] * 7
    pictures, faces = walk(WIDTH, HEIGHT, at, SIDE)
    outcome = redact(film(tmp_path / "a.mp4", pictures), tools=tools)
    seen = [face for face in faces if face.x0 > -SIDE / 3 and face.x1 < WIDTH + SIDE / 3]
    assert len(seen) >= 7
    faces = [face if face in seen else Box(*AT_SIDE, AT_SIDE[0] + 1, 1) for face in faces]
    assert least_covered(outcome, faces) >= 0.9


def test_two_who_cross_are_both_covered(tmp_path: Path, tools: Tools) -> None:
    pictures, one, two = [], [], []
    for n in range(24):
        picture, (a, b) = scene(WIDTH, HEIGHT, [(20 + 12 * n, 30, 56), (310 - 12 * n, 190, 56)])
        pictures.append(picture)
        one.append(a)
        two.append(b)
    outcome = redact(film(tmp_path / "a.mp4", pictures), tools=tools)
    assert least_covered(outcome, one) >= 0.9
    assert least_covered(outcome, two) >= 0.9


@pytest.mark.parametrize(
    ("codec", "name"), [("libx265", "a.mp4"), ("libvpx-vp9", "a.webm"), ("mjpeg", "a.avi"), ("ffv1", "a.mkv")]
)
def test_other_codings_are_covered_too(codec: str, name: str, tmp_path: Path, tools: Tools) -> None:
    pictures, faces = walk(WIDTH, HEIGHT, [(100 + 8 * n, 110) for n in range(8)], SIDE)
    options = {
        "libx265": {"x265-params": "log-level=none"},
        "libvpx-vp9": {"cpu-used": "8", "deadline": "realtime"},
        "mjpeg": {"strict": "unofficial"},  # colours of limited range in a JPEG
    }
    source = film(tmp_path / name, pictures, codec=codec, **options.get(codec, {}))
    outcome = redact(source, tools=tools)
    assert least_covered(outcome, faces) >= 0.9


def test_sound_and_subtitles_are_said_to_be_left_out(tmp_path: Path, tools: Tools) -> None:
    source = film(tmp_path / "a.mp4", numbered(8), extras=Extras(sound=True, subtitles=True, chapters=("one",)))
    said = redact(source, tools=tools).receipt.applied.removed
    assert {"sound", "subtitles", "chapters"} <= set(said)


def test_a_plan_says_when_by_the_films_own_times(tmp_path: Path, tools: Tools) -> None:
    pictures, _ = walk(WIDTH, HEIGHT, [(150, 110)] * 8, SIDE)
    media = make_plan(
        film(tmp_path / "a.mp4", pictures, [100 * n for n in range(8)], Fraction(1, 2500), 250), tools=tools
    ).media
    assert (media.frames, media.time_base, media.length) == (8, (1, 2500), 950)
