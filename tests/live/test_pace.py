"""Quality falls when looks are late, rises when there is room, and does not swing."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest

from kerchief.find.pyramid import FILM_PIXELS, film_looks
from kerchief.live.covered import Form
from kerchief.live.pace import Pace, ladder

FORM = Form(1280, 720, Fraction(30))


def test_the_rate_falls_first_and_then_the_size() -> None:
    small = int(FILM_PIXELS)
    levels = ladder(FORM)
    assert [(level.pixels, level.rate) for level in levels] == [
        (1280 * 720, 30),
        (1280 * 720, 15),
        *((small, rate) for rate in (15, 10, 7, 5, 3, 2)),
    ]
    levels = ladder(Form(320, 240, Fraction(10)))
    assert [(level.pixels, level.rate) for level in levels] == [(320 * 240, rate) for rate in (10, 7, 5, 3, 2)]


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (3840, 2160), (720, 1280), (640, 360), (1000, 1000)])
def test_smaller_frames_are_looked_at_as_finely(size: tuple[int, int]) -> None:
    """What the looks see of a face is no smaller than it is at the best level."""
    form = Form(*size, Fraction(30))
    fine = max(look.scale for look in film_looks(*size))
    for level in ladder(form):
        shrink = min(1.0, (level.pixels / (size[0] * size[1])) ** 0.5)
        working = round(size[0] * shrink), round(size[1] * shrink)
        assert shrink * max(look.scale for look in film_looks(*working)) >= 0.99 * min(fine, 1.0)


def test_it_falls_while_frames_are_late_and_no_faster_than_that_shows() -> None:
    pace = Pace(ladder(FORM), -2)
    changes = [second for second in range(10) if pace.told(second, late=10, left=30, busy=1.0)]
    assert changes == [0, 2, 4, 6, 8]


@pytest.mark.parametrize(("late", "falls"), [(6, False), (7, True)])
def test_a_few_late_frames_are_no_reason(late: int, falls: bool) -> None:
    pace = Pace(ladder(FORM), -2)
    assert any(pace.told(second, late=late, left=30, busy=0.8) for second in range(10)) == falls


def test_few_late_frames_are_one_where_few_leave() -> None:
    """Without a delay frames that nobody had time for are passed over, and one is told of now and then."""
    pace = Pace(ladder(FORM), -2)
    assert any(pace.told(second, late=2, left=4, busy=0.8) for second in range(10))


def test_one_bad_second_is_no_reason_while_there_is_room() -> None:
    pace = Pace(ladder(FORM), -2)
    assert not any(pace.told(second, late=20 * (second % 2), left=30, busy=0.9) for second in range(20))


def test_it_rises_when_there_is_room_and_more_seldom_where_that_failed() -> None:
    pace = Pace(ladder(FORM), -2)
    pace.told(0, late=10, left=30, busy=1.0)
    rises = []
    for second in range(1, 200):
        is_high = pace.level == ladder(FORM)[0]
        if pace.told(second, late=10 if is_high else 0, left=30, busy=1.0 if is_high else 0.3) and not is_high:
            rises.append(second)
    gaps = [b - a for a, b in itertools.pairwise(rises)]
    assert 5 <= rises[0] <= 7
    assert gaps == sorted(gaps)
    assert gaps[-1] >= 4 * gaps[0] * 0.9


def test_a_busy_machine_is_left_alone() -> None:
    pace = Pace(ladder(FORM), -2)
    pace.told(0, late=10, left=30, busy=1.0)
    assert not any(pace.told(second, late=0, left=30, busy=0.8) for second in range(1, 100))
