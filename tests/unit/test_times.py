"""Stretches of time of tracks, and how they are written."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerchief.batch.times import APART_SECONDS, said, spans
from kerchief.plan.model import Keyframe, Region, Track

REGION = Region(x=0, y=0, width=9, height=9)


def track(number: int, first: int, last: int) -> Track:
    times = sorted({first, last})
    return Track(id=f"face-{number}", keyframes=tuple(Keyframe(pts=pts, region=REGION) for pts in times))


@given(ends=st.lists(st.tuples(st.integers(0, 9000), st.integers(0, 900)), max_size=8))
def test_every_track_is_in_one_stretch_and_stretches_are_apart(ends: list[tuple[int, int]]) -> None:
    tracks = [track(number, first, first + length) for number, (first, length) in enumerate(ends)]
    found = spans(tracks, (1, 100))
    for first, length in ends:
        assert sum(a <= first / 100 and (first + length) / 100 <= b for a, b in found) == 1
    assert all(b[0] - a[1] >= APART_SECONDS for a, b in pairwise(found))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([(0, 0)], "0:00 to 0:00"),
        ([(7.9, 12.1)], "0:07 to 0:13"),
        ([(59.2, 61.0), (3723.5, 3724.0)], "0:59 to 1:01, 1:02:03 to 1:02:04"),
        ([(10 * n, 10 * n + 1) for n in range(7)], "0:00 to 0:01, 0:10 to 0:11, 0:20 to 0:21, 0:30 to 0:31, "
         "0:40 to 0:41 and 2 more times"),
    ],
)  # fmt: skip
def test_they_are_written_as_a_player_shows_them(found: list[tuple[float, float]], words: str) -> None:
    assert said(found) == words
