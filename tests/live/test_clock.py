"""Times of frames rise, whatever the source's clock does, and keep its distances where it is right."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerchief.live.source.clock import BAND, UNITS, Clock


def test_the_source_s_own_distances_are_kept_though_frames_come_unevenly() -> None:
    clock = Clock()
    times = [clock.time(900_000 + n * 3000, 50 + n / 30 + jitter) for n, jitter in enumerate((0, 0.1, 0.05, 0, 0.14))]
    assert times == [0, 3000, 6000, 9000, 12_000]


def test_a_jump_of_the_source_s_clock_is_none_of_ours() -> None:
    clock = Clock()
    clock.time(0, 10.0)
    assert clock.time(77_000_000, 10.5) == UNITS // 2
    assert clock.time(0, 11.0) == UNITS - BAND
    clock.anew()
    assert clock.time(5000, 14.0) == 4 * UNITS


@pytest.mark.parametrize("called", [5.0, 10.0, 24.9, 25.0, 25.25, 30.0, 60.0])
def test_a_clock_that_runs_fast_or_slow_is_led_back_evenly(called: float) -> None:
    """Frames come 30 a second, and the source says so many."""
    clock = Clock()
    times = [clock.time(round(n * UNITS / called), n / 30) for n in range(900)]
    steps = [b - a for a, b in pairwise(times)][100:]
    assert abs(times[-1] - 899 * UNITS / 30) < 1.1 * UNITS
    assert min(steps) > 0.5 * UNITS / 30 or called < 15  # there each time is set forward where it is too far behind
    assert min(steps) >= 1


@given(st.lists(st.tuples(st.integers(0, 1 << 40), st.floats(0, 10)), max_size=50))
def test_times_rise(frames: list[tuple[int, float]]) -> None:
    clock, now, last = Clock(), 0.0, -1
    for at, wait in frames:
        now += wait
        time = clock.time(at, now)
        assert time > last
        last = time
