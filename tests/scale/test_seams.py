"""Where a film is cut into pieces: they tile it, begin at looks, and are put together only if they are its frames."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerchief.find.motion import Camera
from kerchief.find.watch import Watched
from kerchief.geometry import Box
from kerchief.plan.model import Cut
from kerchief.ports import Detection
from kerchief.scale.films.seams import LEAST_SECONDS, NEAR_FRAMES, Part, Survey, Unlike, clipped, joined, parts_of

TIME_BASE = (1, 1000)


@st.composite
def surveys(draw: st.DrawFn) -> Survey:
    """Uneven frames, some of them keyframes; a minute or several."""
    lengths = draw(st.lists(st.integers(1, 400), min_size=1, max_size=8))
    times, at = [], 0
    for number in range(draw(st.integers(1, 3000))):
        times.append(at)
        at += lengths[number % len(lengths)]
    every = draw(st.integers(1, 300))
    return Survey(times, times[::every])


@given(surveys(), st.integers(1, 12), st.integers(1, 9))
def test_pieces_tile_the_film_and_begin_at_looks(survey: Survey, step: int, workers: int) -> None:
    parts = parts_of(survey, TIME_BASE, step, workers)
    assert (parts[0].own.first, parts[-1].own.last) == (0, len(survey.times))
    assert all(a.own.last == b.own.first for a, b in pairwise(parts))
    assert all(a.own.end == b.own.start for a, b in pairwise(parts))
    assert parts[-1].own.end is None
    for part in parts:
        assert part.own.first % step == part.read.first % step == 0
        assert part.read.first <= part.own.first < part.own.last <= part.read.last
        assert part.own.start == survey.times[part.own.first]
        assert part.read.end == (survey.times[part.read.last] if part.read.last < len(survey.times) else None)
    assert all(b.own.start - a.own.start >= 1000 * LEAST_SECONDS for a, b in pairwise(parts)), (
        "what is read twice stays small"
    )


@given(surveys(), st.integers(1, 12))
def test_what_was_seen_of_parts_is_put_together(survey: Survey, step: int) -> None:
    parts = parts_of(survey, TIME_BASE, step, 9)
    whole = joined(survey.times, [(part, _seen(survey, part, step)) for part in parts])
    count = len(survey.times)
    assert whole.times == list(survey.times)
    assert sorted(whole.looks) == list(range(0, count, step))
    assert all(whole.camera.moved(0, n) == (n, -n) for n in range(count))
    assert whole.camera.shot == [n // 100 for n in range(count)]
    assert whole.length == survey.times[-1] + 7


def test_other_frames_than_the_survey_counted_are_not_put_together() -> None:
    survey = Survey(range(0, 300_000, 40), range(0, 300_000, 4000))
    parts = parts_of(survey, TIME_BASE, 7, 2)
    assert len(parts) > 2
    seen = [(part, _seen(survey, part, 7)) for part in parts]
    joined(survey.times, seen)
    for spoilt in (1, len(seen) - 1):
        part, watched = seen[spoilt]
        own = part.own.last - part.read.first
        fewer = replace(watched, times=watched.times[: own - 1])
        with pytest.raises(Unlike):
            joined(survey.times, [*seen[:spoilt], (part, fewer), *seen[spoilt + 1 :]])
    part, watched = seen[-1]
    more = replace(watched, times=[*watched.times, watched.length])
    with pytest.raises(Unlike):
        joined(survey.times, [*seen[:-1], (part, more)])
    part, watched = seen[1]
    late = replace(watched, times=[time + 1 for time in watched.times])
    with pytest.raises(Unlike):
        joined(survey.times, [seen[0], (part, late), *seen[2:]])


def test_neighbours_that_saw_their_seam_otherwise_are_not_put_together() -> None:
    survey = Survey(range(0, 300_000, 40), range(0, 300_000, 4000))
    parts = parts_of(survey, TIME_BASE, 7, 2)
    seen = [(part, _seen(survey, part, 7)) for part in parts]
    part, watched = seen[1]
    at = part.own.first - part.read.first
    camera = Camera()
    camera.at, camera.shot = watched.camera.at, [n + (place >= at + 2) for place, n in enumerate(watched.camera.shot)]
    looks = watched.looks | {at: [Detection(Box(0, 0, 9, 9), 0.9)]}
    for other in (replace(watched, camera=camera), replace(watched, looks=looks)):
        with pytest.raises(Unlike):
            joined(survey.times, [seen[0], (part, other), *seen[2:]])


def test_no_piece_begins_far_from_a_keyframe() -> None:
    times = range(0, 40 * 9000, 40)
    assert len(parts_of(Survey(times, times[::250]), TIME_BASE, 7, 4)) > 2
    sparse = Survey(times, times[::1100])
    for part in parts_of(sparse, TIME_BASE, 7, 4)[1:]:
        before = max(time for time in sparse.keyframes if time <= part.read.start)
        assert part.read.first - before // 40 <= NEAR_FRAMES


def test_without_keyframes_a_film_is_one_piece() -> None:
    assert len(parts_of(Survey(range(0, 90_000, 40), []), TIME_BASE, 7, 2)) == 1


def test_of_a_clip_the_frame_on_screen_at_its_start_is_the_first() -> None:
    survey = Survey([0, 40, 80, 120, 160], [0, 80, 160])
    assert clipped(survey, Cut(start=50, end=160)) == Survey([0, 30, 70], [30, 110])
    assert clipped(survey, Cut(start=80)) == Survey([0, 40, 80], [0, 80])
    assert clipped(survey, None) == survey


def _seen(survey: Survey, part: Part, step: int) -> Watched:
    """What a look at a part would be in which the picture moves by (1, −1) a frame and cuts every 100 frames."""
    numbers = range(part.read.first, part.read.last)
    camera = Camera()
    camera.at = [(n - numbers[0], numbers[0] - n) for n in numbers]
    camera.shot = [n // 100 - numbers[0] // 100 for n in numbers]
    looks: dict[int, list[Detection]] = {n - numbers[0]: [] for n in numbers[::step]}
    times = [survey.times[n] for n in numbers]
    return Watched(times, looks, camera, times[-1] + 7, step)
